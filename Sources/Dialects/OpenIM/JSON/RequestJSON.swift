/// Writes a `Req` as Go's encoding/json would: all keys, in the struct's order; no data is `null`.
enum RequestJSON {
    /// All the keys, and the longest number.
    private static let maxOverhead = 120

    static func maxBytes(_ request: OpenIMRequest) -> Int {
        maxOverhead + JSONText.maxBytes(request.token) + JSONText.maxBytes(request.sendID)
            + JSONText.maxBytes(request.operationID) + JSONText.maxBytes(request.msgIncr)
            + Base64Text.count(request.data)
    }

    /// Writes at most ``maxBytes(_:)`` bytes.
    static func encode(_ request: OpenIMRequest, to writer: inout ByteWriter) {
        writer.write(#"{"reqIdentifier":"#)
        writeNumber(request.identifier, to: &writer)
        writer.write(#","token":""#)
        JSONText.write(request.token, to: &writer)
        writer.write(#"","sendID":""#)
        JSONText.write(request.sendID, to: &writer)
        writer.write(#"","operationID":""#)
        JSONText.write(request.operationID, to: &writer)
        writer.write(#"","msgIncr":""#)
        JSONText.write(request.msgIncr, to: &writer)
        guard request.data.baseAddress != nil else {
            writer.write(#"","data":null}"#)
            return
        }
        writer.write(#"","data":""#)
        Base64Text.write(request.data, to: &writer)
        writer.write(#""}"#)
    }

    private static func writeNumber(_ number: Int32, to writer: inout ByteWriter) {
        if number < 0 { writer.write(UInt8(ascii: "-")) }
        let magnitude = number.magnitude
        var power: UInt32 = 1
        while magnitude / power >= 10 { power *= 10 }
        while power > 0 {
            writer.write(UInt8(ascii: "0") + UInt8(magnitude / power % 10))
            power /= 10
        }
    }
}
