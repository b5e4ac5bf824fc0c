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
    ///
    /// Patience is counted in looks, not by the clock: where all threads of the test process are busy, looks are rare.
    func wait(
        _ what: String, sourceLocation: SourceLocation = #_sourceLocation, until condition: (WatchedNews) -> Bool
    ) async throws {
        try await Patience.wait(what, state: { self.all.suffix(3) }, sourceLocation: sourceLocation) {
            self.all += self.watch.take()
            return condition(self)
        }
    }
}

/// A wait that ends, sooner or later.
enum Patience {
    /// Of five milliseconds at least.
    private static let mostLooks = 6000

    static func wait(
        _ what: String, state: () -> Any = { "" }, sourceLocation: SourceLocation = #_sourceLocation,
        until condition: () throws -> Bool
    ) async throws {
        for _ in 0..<mostLooks {
            if try condition() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        let holds = try condition()
        try #require(holds, "\(what) has not come: \(state())", sourceLocation: sourceLocation)
    }
}

/// CLOCK_MONOTONIC.
func monotonicNs() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
