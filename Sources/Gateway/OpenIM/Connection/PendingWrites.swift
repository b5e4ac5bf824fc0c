internal import NIOCore

/// The frames of one connection that its socket has not taken yet.
struct PendingWrites {
    private(set) var count = 0
    /// Those that the reader has written, which reads on when they are through.
    private(set) var ofReader = 0
    /// Others wait for the connection, and have been told to.
    var isBlocked = false
    /// The first of them fails then.
    var deadline = NIODeadline.distantFuture

    mutating func began(byReader: Bool) {
        count += 1
        if byReader { ofReader += 1 }
    }

    mutating func ended(byReader: Bool) {
        count -= 1
        if byReader { ofReader -= 1 }
    }
}
