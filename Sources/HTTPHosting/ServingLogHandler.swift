internal import Logging
internal import Synchronization

/// Passes errors on while the server serves: what its end does to its tasks is none, though Hummingbird says so.
struct ServingLogHandler: LogHandler {
    /// Shared by the handler's copies.
    final class Serving: Sendable {
        private let isOver = Atomic<Bool>(false)

        var hasEnded: Bool { isOver.load(ordering: .acquiring) }

        func end() {
            isOver.store(true, ordering: .releasing)
        }
    }

    let serving: Serving
    let logger: Logger
    var logLevel = Logger.Level.error
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(_ logger: Logger, while serving: Serving) {
        self.logger = logger
        self.serving = serving
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard !serving.hasEnded else { return }
        logger.log(
            level: event.level, event.message, metadata: metadata.merging(event.metadata ?? [:]) { $1 },
            source: event.source, file: event.file, function: event.function, line: event.line)
    }
}
