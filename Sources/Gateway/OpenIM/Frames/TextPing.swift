internal import NIOCore

/// The TEXT messages that 3.8 takes from browsers, which cannot send PING frames: an object with `type` and `body`.
enum TextPing: Equatable {
    /// The answer's text.
    case ping(answer: ByteBuffer)
    case pong

    /// nil: anything else, which ends the connection.
    static func parse(_ text: ByteBuffer) -> TextPing? {
        var kind = ByteBuffer()
        var body: ByteBufferView.SubSequence?
        do throws(JSONReader.Malformed) {
            var reader = JSONReader(text)
            try reader.object { (name, reader) throws(JSONReader.Malformed) in
                switch String(buffer: name).lowercased() {
                case "type":
                    if try reader.takesNull() { return }
                    guard try reader.peek() == UInt8(ascii: "\"") else { throw .wrongType(field: "type") }
                    kind = try reader.string()
                case "body":
                    reader.skipSpace()
                    let start = reader.rest
                    try reader.skipValue()
                    body = start[..<reader.rest.startIndex]
                default: try reader.skipValue()
                }
            }
            try reader.finish()
        } catch {
            return nil
        }
        switch String(buffer: kind) {
        case "pong": return .pong
        case "ping":
            var answer = ByteBuffer(string: #"{"type":"pong","body":"#)
            if let body { answer.writeCompact(body) } else { answer.writeStaticString("null") }
            answer.writeStaticString("}")
            return .ping(answer: answer)
        default: return nil
        }
    }
}

extension ByteBuffer {
    /// JSON text without the space between its parts, escaped as Go does it.
    fileprivate mutating func writeCompact(_ json: ByteBufferView.SubSequence) {
        var isInString = false
        var rest = json
        while let byte = rest.popFirst() {
            switch byte {
            case 0x20, 0x09, 0x0a, 0x0d:
                if isInString { writeInteger(byte) }
            case UInt8(ascii: "\\"):
                // The escaped character is no end of the string.
                writeInteger(byte)
                if let escaped = rest.popFirst() { writeInteger(escaped) }
            case UInt8(ascii: "<"): writeStaticString("\\u003c")
            case UInt8(ascii: ">"): writeStaticString("\\u003e")
            case UInt8(ascii: "&"): writeStaticString("\\u0026")
            case 0xe2 where rest.starts(with: [0x80, 0xa8]):
                rest = rest.dropFirst(2)
                writeStaticString("\\u2028")
            case 0xe2 where rest.starts(with: [0x80, 0xa9]):
                rest = rest.dropFirst(2)
                writeStaticString("\\u2029")
            default:
                if byte == UInt8(ascii: "\"") { isInString.toggle() }
                writeInteger(byte)
            }
        }
    }
}
