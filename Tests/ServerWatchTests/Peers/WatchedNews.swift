import Foundation
import Glibc
import LoadMetrics
import ServerWatch
import Testing

/// A watch that runs, and all that it has told.
final class WatchedNews {
    let watch: ServerWatch
    private(set) var all: [WatchNews] = []

    init(_ watch: ServerWatch) throws {
        self.watch = watch
        try watch.start()
    }

    deinit {
        watch.stop()
    }

    var samples: [ServerSample] {
        all.compactMap { if case .sample(let sample) = $0 { sample } else { nil } }
    }

    var events: [ServerEvent] {
        all.compactMap { if case .event(let event) = $0 { event } else { nil } }
    }

    var sources: [WatchedSource] {
        all.compactMap { if case .source(let source) = $0 { source } else { nil } }
    }

    var scenes: [Scene] {
        all.compactMap { if case .scene(let scene) = $0 { scene } else { nil } }
    }

    /// Takes news as they come until `condition` holds.
    func wait(
        _ what: String, withinS seconds: Double = 30, sourceLocation: SourceLocation = #_sourceLocation,
        until condition: (WatchedNews) -> Bool
    ) async throws {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while !condition(self) {
            let recent = all.suffix(3)
            try #require(
                deadline.timeIntervalSinceNow > 0, "\(what) has not come; the last news: \(recent)",
                sourceLocation: sourceLocation)
            var wanted = pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&wanted, 1, 0) > 0 {
                all += watch.take()
            } else {
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }
}

/// CLOCK_MONOTONIC.
func monotonicNs() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
