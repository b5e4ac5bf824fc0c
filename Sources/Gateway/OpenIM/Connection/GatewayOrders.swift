internal import NIOCore

/// Carries out what OpenIM's service orders, on whatever thread the order has come: who is online is known to all, and
/// the connections are told.
struct GatewayOrders: Sendable {
    let online: OnlineUsers

    /// The payload of the ``MessageFrame/done`` that answers it.
    func carryOut(_ order: GatewayOrder) -> ByteBuffer {
        switch order {
        case .push(let user, let operationID, let data):
            let sessions = online.sessions(of: user).filter { !Self.isPushedAnotherWay($0) }
            for session in sessions { session.notify(.push(operationID: operationID, data: data)) }
            return ByteBuffer(integer: UInt32(sessions.count))
        case .kick(let user, let platform):
            let sessions = online.takeForKick(user: user, platform: platform)
            for session in sessions { session.notify(.kicked(.order)) }
            return ByteBuffer(integer: UInt32(sessions.count))
        case .statusChanged(let user, let data):
            let sessions = online.subscriptions.subscribers(of: user)
            for session in sessions { session.notify(.statusChanged(data: data)) }
            return ByteBuffer(integer: UInt32(sessions.count))
        case .whoIsOnline(let users):
            var list = ByteBuffer()
            for user in users {
                for session in online.sessions(of: user) {
                    OnlineConnection(
                        user: user, platform: session.platform, token: session.token,
                        connectionID: "\(session.id)", isBackground: session.isInBackground
                    ).write(to: &list)
                }
            }
            return list
        }
    }

    /// Apple's own service notifies an iPhone whose app is in the background.
    private static func isPushedAnotherWay(_ session: Session) -> Bool {
        session.platform == OpenIMPlatform.iOS && session.isInBackground
    }
}
