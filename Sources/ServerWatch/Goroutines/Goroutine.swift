/// One goroutine of a dump.
package struct Goroutine: Equatable, Sendable {
    /// A hexadecimal number among the arguments that a frame shows.
    ///
    /// Go prints the words that were passed, without types; a method's receiver comes first.
    package struct Argument: Equatable, Sendable {
        /// Position of the frame, 0 the innermost.
        package var frame: Int32
        /// Whether it is the frame's first argument and not part of a composite one: a method's receiver.
        package var isFirst: Bool
        /// Whether Go vouches for it; a register's home that may be stale is printed with a question mark.
        package var isCertain: Bool
        package var value: UInt64
    }

    package var id: UInt64
    /// As Go says it: `chan send`, `select`, `sync.Mutex.Lock`, `semacquire`, `IO wait`, `running`.
    package var waitReason: String
    /// Whole minutes; Go says so from the first on.
    package var waitMinutes: Int
    package var isLockedToThread: Bool
    /// Innermost first; positions in the dump's `calls`.
    package var frames: [Int32] = []
    package var arguments: [Argument] = []
    /// Position in the dump's `calls` of the function whose go statement started it.
    package var createdBy: Int32?
    package var creator: UInt64?
    /// Whether Go left frames out of the middle.
    package var isElided: Bool = false
}

/// A function at a place in its source.
package struct StackCall: Equatable, Hashable, Sendable {
    /// With its package's path: `github.com/a/b/hub.(*Hub).Run.func1`.
    package var function: String
    package var file: String
    package var line: Int
}
