import Synchronization

/// Requests from all connections of a peer.
final class RequestLog: Sendable {
    private let log = Mutex<[ClientRequest]>([])

    var requests: [ClientRequest] { log.withLock { $0 } }

    func add(_ request: ClientRequest) {
        log.withLock { $0.append(request) }
    }
}
