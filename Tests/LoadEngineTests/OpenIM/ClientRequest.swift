/// What a client asks, read by the rules of gob and protobuf as the gateway does it.
struct ClientRequest: Sendable {
    struct Malformed: Error {
        let what: String
    }

    var identifier = 0
    var token = ""
    var sendID = ""
    var operationID = ""
    var msgIncr = ""
    var data: [UInt8] = []
    var message = Message()

    /// `MsgData` of a message.
    struct Message: Sendable {
        var sendID = ""
        var receiveID = ""
        var groupID = ""
        var clientMessageID = ""
        var content = ""
        var platform = 0
        var sessionType = 0
        var createTimeMs = 0
    }

    /// Reads a frame whose type definition names the fields in the usual order.
    init(gob frame: [UInt8]) throws {
        var input = frame[...]
        let definition = try Self.unsigned(&input)
        guard definition < input.count else { throw Malformed(what: "no value behind the type") }
        input.removeFirst(definition)
        guard try Self.unsigned(&input) == input.count else { throw Malformed(what: "length") }
        _ = try Self.unsigned(&input)
        var field = -1
        while true {
            let delta = try Self.unsigned(&input)
            if delta == 0 { break }
            field += delta
            if field == 0 {
                let value = try Self.unsigned(&input)
                identifier = value & 1 == 0 ? value >> 1 : ~(value >> 1)
                continue
            }
            let length = try Self.unsigned(&input)
            guard length <= input.count else { throw Malformed(what: "field \(field)") }
            let bytes = Array(input.prefix(length))
            input.removeFirst(length)
            switch field {
            case 1: token = String(decoding: bytes, as: UTF8.self)
            case 2: sendID = String(decoding: bytes, as: UTF8.self)
            case 3: operationID = String(decoding: bytes, as: UTF8.self)
            case 4: msgIncr = String(decoding: bytes, as: UTF8.self)
            case 5: data = bytes
            default: throw Malformed(what: "field \(field)")
            }
        }
        guard input.isEmpty else { throw Malformed(what: "bytes behind the value") }
        if identifier == 1003 { try readMessage() }
    }

    /// The message again, as the server pushes it, from somebody else if need be.
    func messageData(from sender: String? = nil) -> [UInt8] {
        ServerFrame.protobuf(1, Array((sender ?? message.sendID).utf8))
            + ServerFrame.protobuf(2, Array(message.receiveID.utf8))
            + ServerFrame.protobuf(4, Array(message.clientMessageID.utf8))
            + ServerFrame.protobuf(5, Array("server-message".utf8))
            + ServerFrame.protobuf(12, Array(message.content.utf8))
    }

    private mutating func readMessage() throws {
        for (field, value, bytes) in try Self.protobuf(data) {
            let text = String(decoding: bytes, as: UTF8.self)
            switch field {
            case 1: message.sendID = text
            case 2: message.receiveID = text
            case 3: message.groupID = text
            case 4: message.clientMessageID = text
            case 6: message.platform = value
            case 9: message.sessionType = value
            case 12: message.content = text
            case 16: message.createTimeMs = value
            default: continue
            }
        }
    }

    /// The fields of a message: number, and the value or the bytes.
    static func protobuf(_ data: [UInt8]) throws -> [(field: Int, value: Int, bytes: [UInt8])] {
        var input = data[...]
        var fields: [(Int, Int, [UInt8])] = []
        while !input.isEmpty {
            let key = try varint(&input)
            switch key & 7 {
            case 0: fields.append((key >> 3, try varint(&input), []))
            case 2:
                let length = try varint(&input)
                guard length <= input.count else { throw Malformed(what: "protobuf field \(key >> 3)") }
                fields.append((key >> 3, 0, Array(input.prefix(length))))
                input.removeFirst(length)
            default: throw Malformed(what: "wire type \(key & 7)")
            }
        }
        return fields
    }

    private static func varint(_ input: inout ArraySlice<UInt8>) throws -> Int {
        var value = 0
        for shift in stride(from: 0, to: 63, by: 7) {
            guard let byte = input.popFirst() else { throw Malformed(what: "varint") }
            value |= Int(byte & 127) << shift
            if byte < 128 { return value }
        }
        throw Malformed(what: "varint")
    }

    private static func unsigned(_ input: inout ArraySlice<UInt8>) throws -> Int {
        guard let first = input.popFirst() else { throw Malformed(what: "number") }
        guard first >= 128 else { return Int(first) }
        var value = 0
        for _ in 0..<(256 - Int(first)) {
            guard let byte = input.popFirst() else { throw Malformed(what: "number") }
            value = value << 8 | Int(byte)
        }
        return value
    }
}

extension Conversation {
    /// The next request; nil after the close frame, which is answered. PINGs are answered on the way.
    func nextRequest() throws -> ClientRequest? {
        while true {
            let frame = try nextFrame()
            switch frame.opcode {
            case 2:
                let request = try ClientRequest(gob: frame.payload)
                peer.note { $0.messages.append("\(request.identifier) \(request.message.content)") }
                return request
            case 8:
                try answer(close: frame)
                return nil
            case 9:
                if answersPings { try send(opcode: 10, pongPayload ?? frame.payload) }
            case 1:
                peer.note { $0.messages.append(String(decoding: frame.payload, as: UTF8.self)) }
                if answersPings { try send(#"{"type":"pong","body":null}"#) }
            default:
                continue
            }
        }
    }

    func send(frame: [UInt8]) throws {
        try send(opcode: 2, frame)
    }
}
