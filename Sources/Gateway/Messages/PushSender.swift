internal import NIOCore

/// Delivers each push over a connection that it dials for it, and closes only those that it does not leave open.
///
/// As OpenIM's push service did in Kubernetes, where each push dialled the gateway anew and nobody closed the gRPC
/// connection.
final class PushSender: Sendable {
    private let leavesOpen: EvenShare

    /// - Parameter share: of the connections, that nobody closes.
    init(leavingOpen share: Double) {
        leavesOpen = EvenShare(share)
    }

    func send(_ push: MessageFrame, to gateway: SocketAddress) throws(SystemCallFailure) {
        var bytes = ByteBuffer()
        push.write(to: &bytes)
        try send(bytes, to: gateway)
    }

    /// - Parameter bytes: of one whole frame.
    func send(_ bytes: ByteBuffer, to gateway: SocketAddress) throws(SystemCallFailure) {
        let connection = try BlockingConnection(to: gateway)
        do {
            try connection.write(bytes)
        } catch {
            connection.close()
            throw error
        }
        if !leavesOpen.takes() {
            connection.close()
        }
    }
}
