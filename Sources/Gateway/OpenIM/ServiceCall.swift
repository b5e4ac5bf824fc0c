internal import NIOCore

/// What a gateway that speaks OpenIM asks its service: the payload of a ``MessageFrame/request``.
///
/// An operation (8 bits), then fields; a text is its length (16 bits) and UTF-8, numbers have the highest byte first:
///
///     1 checkToken      token
///     2 perform         identifier (32), user, platform (32), operationID, data to the end
///     3 loggedIn        user, platform (32), token, kicks others' tokens (8)
///     4 loggedOut       user, platform (32)
///     5 kickToken       user, platform (32), token
///     6 kickOtherTokens user, platform (32), token
enum ServiceCall: Equatable {
    /// Whose token it is, and whether it is good. The answer's data: user, platform (32 bits).
    case checkToken(String)
    /// A client's request that the gateway does not answer itself; the answer's data is the response's.
    case perform(identifier: Int32, user: String, platform: Int32, operationID: String, data: ByteBuffer)
    /// A connection was registered. Where it has kicked older ones of this platform, all other tokens of the user and
    /// platform are kicked too.
    case loggedIn(user: String, platform: Int32, token: String, kicksOtherTokens: Bool)
    case loggedOut(user: String, platform: Int32)
    /// A token is good no more.
    case kickToken(user: String, platform: Int32, token: String)
    /// All tokens of a user and platform but this are good no more.
    case kickOtherTokens(user: String, platform: Int32, token: String)

    func write(to buffer: inout ByteBuffer) {
        switch self {
        case .checkToken(let token):
            buffer.writeInteger(UInt8(1))
            buffer.writeText(token)
        case .perform(let identifier, let user, let platform, let operationID, let data):
            buffer.writeMultipleIntegers(UInt8(2), identifier)
            buffer.writeText(user)
            buffer.writeInteger(platform)
            buffer.writeText(operationID)
            buffer.writeImmutableBuffer(data)
        case .loggedIn(let user, let platform, let token, let kicksOtherTokens):
            buffer.writeInteger(UInt8(3))
            buffer.writeText(user)
            buffer.writeInteger(platform)
            buffer.writeText(token)
            buffer.writeInteger(UInt8(kicksOtherTokens ? 1 : 0))
        case .loggedOut(let user, let platform):
            buffer.writeInteger(UInt8(4))
            buffer.writeText(user)
            buffer.writeInteger(platform)
        case .kickToken(let user, let platform, let token):
            buffer.writeInteger(UInt8(5))
            buffer.writeText(user)
            buffer.writeInteger(platform)
            buffer.writeText(token)
        case .kickOtherTokens(let user, let platform, let token):
            buffer.writeInteger(UInt8(6))
            buffer.writeText(user)
            buffer.writeInteger(platform)
            buffer.writeText(token)
        }
    }

    static func read(from buffer: inout ByteBuffer) throws(MessageFrame.Malformed) -> ServiceCall {
        switch try buffer.takeNumber(UInt8.self) {
        case 1:
            return .checkToken(try buffer.takeText())
        case 2:
            let identifier = try buffer.takeNumber(Int32.self)
            let user = try buffer.takeText()
            let platform = try buffer.takeNumber(Int32.self)
            return .perform(
                identifier: identifier, user: user, platform: platform, operationID: try buffer.takeText(), data: buffer
            )
        case 3:
            return .loggedIn(
                user: try buffer.takeText(), platform: try buffer.takeNumber(), token: try buffer.takeText(),
                kicksOtherTokens: try buffer.takeNumber(UInt8.self) != 0)
        case 4:
            return .loggedOut(user: try buffer.takeText(), platform: try buffer.takeNumber())
        case 5:
            return .kickToken(
                user: try buffer.takeText(), platform: try buffer.takeNumber(), token: try buffer.takeText())
        case 6:
            return .kickOtherTokens(
                user: try buffer.takeText(), platform: try buffer.takeNumber(), token: try buffer.takeText())
        case let kind: throw .unknownKind(kind)
        }
    }
}

/// The service's answer to a ``ServiceCall``: the payload of a ``MessageFrame/reply``.
///
/// Error code (32 bits), error message and its detail (texts), data to the end.
struct ServiceAnswer: Equatable {
    /// 0: no error.
    var errorCode: Int32 = 0
    /// A stable short name, `errMsg`.
    var errorMessage = ""
    /// Free text, `errDlt`.
    var errorDetail = ""
    var data = ByteBuffer()

    func write(to buffer: inout ByteBuffer) {
        buffer.writeInteger(errorCode)
        buffer.writeText(errorMessage)
        buffer.writeText(errorDetail)
        buffer.writeImmutableBuffer(data)
    }

    static func read(from buffer: inout ByteBuffer) throws(MessageFrame.Malformed) -> ServiceAnswer {
        ServiceAnswer(
            errorCode: try buffer.takeNumber(), errorMessage: try buffer.takeText(), errorDetail: try buffer.takeText(),
            data: buffer)
    }
}

extension ByteBuffer {
    /// Cut at 65,535 bytes.
    mutating func writeText(_ text: String) {
        let bytes = text.utf8.prefix(Int(UInt16.max))
        writeInteger(UInt16(bytes.count))
        writeBytes(bytes)
    }

    mutating func takeText() throws(MessageFrame.Malformed) -> String {
        guard let length = readInteger(as: UInt16.self), let text = readString(length: Int(length)) else {
            throw .fieldsTooShort
        }
        return text
    }

    mutating func takeNumber<Number: FixedWidthInteger>(
        _ type: Number.Type = Number.self
    ) throws(MessageFrame.Malformed) -> Number {
        guard let number = readInteger(as: type) else { throw .fieldsTooShort }
        return number
    }
}
