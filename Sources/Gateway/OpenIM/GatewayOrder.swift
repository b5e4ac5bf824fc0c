internal import NIOCore

/// What the service of OpenIM tells a gateway, or asks it: the payload of a ``MessageFrame/order``, answered by a
/// ``MessageFrame/done`` on the same connection, in order.
///
/// An operation (8 bits), then fields as in ``ServiceCall``:
///
///     1 push       user, operationID, data to the end                  done: connections reached (32)
///     2 kick       user, platform (32)                                 done: connections kicked (32)
///     3 whoIsOnline count (16), users                                  done: for each of its connections: user,
///                                                                        platform (32), token, connection ID,
///                                                                        is background (8)
///     4 statusChanged user, data to the end                        done: connections told (32)
enum GatewayOrder: Equatable {
    /// Send a push (2001) to all registered connections of a user; `data` is a protobuf `PushMessages`.
    case push(user: String, operationID: String, data: ByteBuffer)
    /// Kick all connections of a user and platform.
    case kick(user: String, platform: Int32)
    case whoIsOnline(users: [String])
    /// Tell those that have subscribed to a user who has come or gone; `data` is a protobuf `SubUserOnlineStatusTips`.
    case statusChanged(user: String, data: ByteBuffer)

    func write(to buffer: inout ByteBuffer) {
        switch self {
        case .push(let user, let operationID, let data):
            buffer.writeInteger(UInt8(1))
            buffer.writeText(user)
            buffer.writeText(operationID)
            buffer.writeImmutableBuffer(data)
        case .kick(let user, let platform):
            buffer.writeInteger(UInt8(2))
            buffer.writeText(user)
            buffer.writeInteger(platform)
        case .whoIsOnline(let users):
            buffer.writeMultipleIntegers(UInt8(3), UInt16(clamping: users.count))
            for user in users.prefix(Int(UInt16.max)) { buffer.writeText(user) }
        case .statusChanged(let user, let data):
            buffer.writeInteger(UInt8(4))
            buffer.writeText(user)
            buffer.writeImmutableBuffer(data)
        }
    }

    static func read(from buffer: inout ByteBuffer) throws(MessageFrame.Malformed) -> GatewayOrder {
        switch try buffer.takeNumber(UInt8.self) {
        case 1: return .push(user: try buffer.takeText(), operationID: try buffer.takeText(), data: buffer)
        case 2: return .kick(user: try buffer.takeText(), platform: try buffer.takeNumber())
        case 3:
            var users: [String] = []
            for _ in 0..<(try buffer.takeNumber(UInt16.self)) { users.append(try buffer.takeText()) }
            return .whoIsOnline(users: users)
        case 4: return .statusChanged(user: try buffer.takeText(), data: buffer)
        case let kind: throw .unknownKind(kind)
        }
    }
}

/// A registered connection, as a gateway lists it.
struct OnlineConnection: Equatable {
    var user: String
    var platform: Int32
    var token: String
    var connectionID: String
    var isBackground: Bool

    func write(to buffer: inout ByteBuffer) {
        buffer.writeText(user)
        buffer.writeInteger(platform)
        buffer.writeText(token)
        buffer.writeText(connectionID)
        buffer.writeInteger(UInt8(isBackground ? 1 : 0))
    }

    static func readAll(from buffer: inout ByteBuffer) throws(MessageFrame.Malformed) -> [OnlineConnection] {
        var all: [OnlineConnection] = []
        while buffer.readableBytes > 0 {
            all.append(
                OnlineConnection(
                    user: try buffer.takeText(), platform: try buffer.takeNumber(), token: try buffer.takeText(),
                    connectionID: try buffer.takeText(), isBackground: try buffer.takeNumber(UInt8.self) != 0))
        }
        return all
    }
}
