/// Reads one JSON object as the fields of a ``FieldTable``, as Go's encoding/json reads into a struct: keys in any
/// case, unknown keys passed over, the last of equal keys counts, `null` is the zero value, bytes are base64 with padding.
enum JSONObject {
    /// A string with escapes is no longer without them; what its base64 stands for comes on top.
    static func scratchBytes(_ text: UnsafeRawBufferPointer) -> Int { text.count * 2 }

    /// - Parameter scratch: at least ``scratchBytes(_:)`` bytes; holds what is not in the text as it is.
    static func read(
        _ text: UnsafeRawBufferPointer, as table: FieldTable, into values: inout FieldValues,
        scratch: UnsafeMutableRawPointer
    ) throws(OpenIMFault) {
        var scanner = JSONScanner(text)
        var writer = ByteWriter(scratch)
        try scanner.expect(UInt8(ascii: "{"))
        if !scanner.accept(UInt8(ascii: "}")) {
            var expected = 0
            repeat {
                let key = try scanner.string(scratch: &writer)
                try scanner.expect(UInt8(ascii: ":"))
                guard let slot = table.slot(forKey: key, expected: expected) else {
                    try scanner.skipValue(depth: 1)
                    continue
                }
                expected = slot + 1
                try readValue(of: slot, table.fields[slot], &scanner, into: &values, scratch: &writer)
            } while scanner.accept(UInt8(ascii: ","))
            try scanner.expect(UInt8(ascii: "}"))
        }
        try scanner.expectEnd()
    }

    private static func readValue(
        of slot: Int, _ field: FieldTable.Field, _ scanner: inout JSONScanner, into values: inout FieldValues,
        scratch: inout ByteWriter
    ) throws(OpenIMFault) {
        if try scanner.acceptNull() {
            if field.kind == .bytes { values.set(slot, bytes: UnsafeRawBufferPointer(start: nil, count: 0)) }
            return
        }
        switch field.kind {
        case .int32, .int64:
            guard let first = scanner.peek(), first == UInt8(ascii: "-") || first >= UInt8(ascii: "0"),
                first <= UInt8(ascii: "9"), let number = try scanner.integer(),
                field.kind == .int64 || Int32(exactly: number) != nil
            else { throw .wrongType(field: "\(field.name)") }
            values.set(slot, number: number)
        case .string, .bytes:
            guard scanner.peek() == UInt8(ascii: "\"") else { throw .wrongType(field: "\(field.name)") }
            let text = try scanner.string(scratch: &scratch)
            guard field.kind == .bytes else {
                values.set(slot, bytes: text)
                return
            }
            let start = scratch.skip(0)
            guard let count = Base64Text.decode(text, to: start) else {
                throw .malformed(what: "\(field.name) is no base64")
            }
            values.set(slot, bytes: UnsafeRawBufferPointer(start: scratch.skip(count), count: count))
        }
    }
}
