internal import NIOCore

/// A request in JSON: an object whose names are known in any case; others are passed over, the last of several counts.
enum JSONRequest {
    static func decode(_ message: ByteBuffer) throws(JSONReader.Malformed) -> OpenIMRequest {
        var reader = JSONReader(message)
        var request = OpenIMRequest()
        if try !reader.takesNull() {
            try reader.object { (name, reader) throws(JSONReader.Malformed) in
                switch name.lowercasedASCII {
                case "reqidentifier": try takeNumber(&reader, "reqIdentifier", to: &request.identifier)
                case "token":
                    var token = ByteBuffer()
                    try takeText(&reader, "token", to: &token)
                case "sendid": try takeText(&reader, "sendID", to: &request.sendID)
                case "operationid": try takeText(&reader, "operationID", to: &request.operationID)
                case "msgincr": try takeText(&reader, "msgIncr", to: &request.msgIncr)
                case "data":
                    if try reader.takesNull() {
                        request.data = ByteBuffer()
                    } else {
                        var text = ByteBuffer()
                        try takeText(&reader, "data", to: &text)
                        guard let data = Base64.read(text) else { throw .notBase64 }
                        request.data = data
                    }
                default: try reader.skipValue()
                }
            }
        }
        try reader.finish()
        return request
    }

    /// `null` leaves the field as it is.
    private static func takeText(
        _ reader: inout JSONReader, _ field: String, to text: inout ByteBuffer
    ) throws(JSONReader.Malformed) {
        if try reader.takesNull() { return }
        guard try reader.peek() == UInt8(ascii: "\"") else { throw .wrongType(field: field) }
        text = try reader.string()
    }

    private static func takeNumber(
        _ reader: inout JSONReader, _ field: String, to number: inout Int32
    ) throws(JSONReader.Malformed) {
        if try reader.takesNull() { return }
        guard let value = Int32(try reader.number()) else { throw .wrongType(field: field) }
        number = value
    }
}

extension ByteBuffer {
    /// The text, with A to Z in lower case.
    fileprivate var lowercasedASCII: String {
        String(decoding: readableBytesView.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
