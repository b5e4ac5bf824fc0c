/// What a gateway says, written by hand from the rules of gob and protobuf: no code of the client has a part in it.
enum ServerFrame {
    /// `Resp`'s type definition as Go 1.21 and later write it.
    private static let typeDefinition = CapturedFrames.bytes(
        """
        5f7f030101045265737001ff80000106010d5265714964656e74696669657201040001074d7367496e6372010c00010b
        4f7065726174696f6e4944010c000107457272436f646501040001064572724d7367010c00010444617461010a000000
        """)

    /// A response; fields that are zero or empty are left out.
    static func gob(
        _ identifier: Int, msgIncr: String = "", operationID: String = "", errorCode: Int = 0,
        errorMessage: String = "",
        data: [UInt8] = []
    ) -> [UInt8] {
        let fields: [[UInt8]?] = [
            identifier == 0 ? nil : signed(identifier), text(msgIncr), text(operationID),
            errorCode == 0 ? nil : signed(errorCode), text(errorMessage), counted(data),
        ]
        var value: [UInt8] = [0xFF, 0x80]
        var last = -1
        for (number, field) in fields.enumerated() {
            guard let field else { continue }
            value += unsigned(number - last) + field
            last = number
        }
        value.append(0)
        return typeDefinition + unsigned(value.count) + value
    }

    /// A push of these `MsgData`, each in the same conversation.
    static func push(_ messages: [[UInt8]]) -> [UInt8] {
        let pulled = messages.flatMap { protobuf(1, $0) }
        let entry = protobuf(1, Array("si_conversation".utf8)) + protobuf(2, pulled)
        return gob(2001, operationID: "op-push", data: protobuf(1, entry))
    }

    /// The acknowledgement of a message.
    static func answer(_ request: ClientRequest) -> [UInt8] {
        let body = protobuf(1, Array("server-message".utf8)) + protobuf(2, Array(request.message.clientMessageID.utf8))
        return gob(request.identifier, msgIncr: request.msgIncr, operationID: request.operationID, data: body)
    }

    // MARK: Encodings

    private static func unsigned(_ value: Int) -> [UInt8] {
        guard value >= 128 else { return [UInt8(value)] }
        let bytes = bigEndian(UInt64(value))
        return [UInt8(256 - bytes.count)] + bytes
    }

    private static func signed(_ value: Int) -> [UInt8] {
        unsigned(value < 0 ? ~value << 1 | 1 : value << 1)
    }

    private static func text(_ text: String) -> [UInt8]? { counted(Array(text.utf8)) }

    private static func counted(_ bytes: [UInt8]) -> [UInt8]? {
        bytes.isEmpty ? nil : unsigned(bytes.count) + bytes
    }

    private static func bigEndian(_ value: UInt64) -> [UInt8] {
        Array((0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }.drop { $0 == 0 })
    }

    /// A field with bytes.
    static func protobuf(_ field: Int, _ bytes: [UInt8]) -> [UInt8] {
        varint(field << 3 | 2) + varint(bytes.count) + bytes
    }

    private static func varint(_ value: Int) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest > 127 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
