internal import Synchronization

/// What one event loop has done; written by its thread alone, read by anyone.
///
/// Plain loads and stores suffice with one writer, and a scrape is answered even when the loop hangs.
final class LoopCounters: Sendable {
    let connectionsAccepted = SingleWriterCounter()
    let connectionsClosed = SingleWriterCounter()
    let handshakes = SingleWriterCounter()
    let handshakesRefused = SingleWriterCounter()
    let handshakeTimeouts = SingleWriterCounter()
    let messagesReceived = SingleWriterCounter()
    let messagesSent = SingleWriterCounter()
    /// Payload bytes of the messages.
    let bytesReceived = SingleWriterCounter()
    let bytesSent = SingleWriterCounter()
    let pingsReceived = SingleWriterCounter()
    /// Connections whose socket does not take what is written.
    let blockedConnections = SingleWriterCounter()
    private let closes = Mutex<[CloseLabel: Int]>([:])

    /// Who sent the first close frame, and its code.
    struct CloseLabel: Hashable, Sendable {
        var code: UInt16
        var initiator: CloseInitiator
    }

    func countClose(code: UInt16, initiator: CloseInitiator) {
        // A peer may send any of 2,000 private codes: they share a label, so that the series stay few.
        let isKnown = code < 3000 || code == CloseCode.replaced
        let label = CloseLabel(code: isKnown ? code : 0, initiator: initiator)
        closes.withLock { $0[label, default: 0] += 1 }
    }

    func addCloses(to totals: inout [CloseLabel: Int]) {
        let own = closes.withLock { $0 }
        totals.merge(own, uniquingKeysWith: +)
    }
}

enum CloseInitiator: String, Sendable {
    case peer
    case gateway
}
