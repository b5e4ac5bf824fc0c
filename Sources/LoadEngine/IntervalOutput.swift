internal import Foundation
internal import Glibc
internal import LoadMetrics

/// Writes intervals as lines of JSON. A reader that is slow or stopped must not stop the load, so lines wait here meanwhile.
struct IntervalOutput: ~Copyable {
    /// How soon to try again when the pipe was full.
    static let retryNs: Int64 = 20_000_000
    /// How long the end of a shard waits for its reader.
    private static let lastWaitMs: Int32 = 5_000

    private let descriptor: Int32
    private var pending: [UInt8] = []
    private let encoder = JSONEncoder()
    /// The reader is gone.
    private(set) var isBroken = false

    var isPending: Bool { !pending.isEmpty }

    init(descriptor: Int32) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    mutating func write(_ interval: Interval) {
        guard let line = try? encoder.encode(interval) else { return }
        pending.append(contentsOf: line)
        pending.append(UInt8(ascii: "\n"))
        flush()
    }

    mutating func flush() {
        while !pending.isEmpty, !isBroken {
            let written = pending.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                pending.removeFirst(written)
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                isBroken = true
            }
        }
    }

    mutating func flushCompletely() {
        flush()
        while isPending, !isBroken {
            var writable = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&writable, 1, Self.lastWaitMs) > 0 else { return }
            flush()
        }
    }
}
