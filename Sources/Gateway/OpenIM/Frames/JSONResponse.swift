internal import NIOCore

/// A response in JSON, with all keys, in the order of Go's struct.
enum JSONResponse {
    static func write(_ response: OpenIMResponse, to buffer: inout ByteBuffer) {
        buffer.writeStaticString("{\"reqIdentifier\":")
        buffer.writeString("\(response.identifier)")
        buffer.writeStaticString(",\"msgIncr\":")
        buffer.writeGoJSON(response.msgIncr.readableBytesView)
        buffer.writeStaticString(",\"operationID\":")
        buffer.writeGoJSON(response.operationID.readableBytesView)
        buffer.writeStaticString(",\"errCode\":")
        buffer.writeString("\(response.errorCode)")
        buffer.writeStaticString(",\"errMsg\":")
        buffer.writeGoJSON(response.errorMessage.utf8)
        buffer.writeStaticString(",\"data\":")
        if response.data.readableBytes == 0 {
            buffer.writeStaticString("null")
        } else {
            buffer.writeStaticString("\"")
            Base64.write(response.data, to: &buffer)
            buffer.writeStaticString("\"")
        }
        buffer.writeStaticString("}")
    }
}

extension ByteBuffer {
    /// A string as Go's encoding/json writes it: with `<`, `>`, `&`, U+2028 and U+2029 escaped, since browsers may find
    /// the text in HTML, and `\ufffd` for bytes that are not UTF-8.
    mutating func writeGoJSON(_ text: some Sequence<UInt8>) {
        writeStaticString("\"")
        var decoder = UTF8()
        var bytes = text.makeIterator()
        decoding: while true {
            switch decoder.decode(&bytes) {
            case .emptyInput: break decoding
            case .error: writeStaticString("\\ufffd")
            case .scalarValue(let scalar): writeGoJSON(scalar)
            }
        }
        writeStaticString("\"")
    }

    private mutating func writeGoJSON(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": writeStaticString("\\\"")
        case "\\": writeStaticString("\\\\")
        case "\n": writeStaticString("\\n")
        case "\r": writeStaticString("\\r")
        case "\t": writeStaticString("\\t")
        case "\u{8}": writeStaticString("\\b")
        case "\u{c}": writeStaticString("\\f")
        case "<", ">", "&", "\u{2028}", "\u{2029}", "\0"..<" ":
            let digits = String(scalar.value, radix: 16)
            writeString("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
        default: writeString(String(Character(scalar)))
        }
    }
}
