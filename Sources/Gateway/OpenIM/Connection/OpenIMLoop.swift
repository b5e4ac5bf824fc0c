internal import NIOCore

/// What the OpenIM connections of one event loop share; loop-bound.
final class OpenIMLoop {
    let configuration: OpenIMConfiguration
    let gzip = GzipCodec()
    private var connections: [ObjectIdentifier: OpenIMConnection] = [:]

    init(_ configuration: OpenIMConfiguration) {
        self.configuration = configuration
    }

    func add(_ connection: OpenIMConnection) {
        connections[ObjectIdentifier(connection)] = connection
    }

    func remove(_ connection: OpenIMConnection) {
        connections[ObjectIdentifier(connection)] = nil
    }

    /// Lets every connection look at its deadlines; a timer for each would cost more.
    func checkTime(_ now: NIODeadline) {
        // Some end, and are removed, meanwhile.
        for connection in Array(connections.values) {
            connection.checkTime(now)
        }
    }
}

@available(*, unavailable)
extension OpenIMLoop: Sendable {}
