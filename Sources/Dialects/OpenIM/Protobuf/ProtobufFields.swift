/// Writes protobuf fields (protobuf.dev, "Encoding") whose numbers are below 2048.
enum ProtobufFields {
    /// The tag and the length of a field; the bytes are to follow.
    static func writeHead(_ field: UInt32, count: Int, to writer: inout ByteWriter) {
        writeVarint(UInt64(field << 3 | 2), to: &writer)
        writeVarint(UInt64(count), to: &writer)
    }

    /// An empty field is not sent (proto3).
    static func write(_ field: UInt32, _ bytes: UnsafeRawBufferPointer, to writer: inout ByteWriter) {
        guard !bytes.isEmpty else { return }
        writeHead(field, count: bytes.count, to: &writer)
        writer.write(bytes)
    }

    /// Zero is not sent (proto3).
    static func write(_ field: UInt32, _ number: Int64, to writer: inout ByteWriter) {
        guard number != 0 else { return }
        writeVarint(UInt64(field << 3), to: &writer)
        writeVarint(UInt64(bitPattern: number), to: &writer)
    }

    static func writeVarint(_ value: UInt64, to writer: inout ByteWriter) {
        var value = value
        while value >= 0x80 {
            writer.write(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        writer.write(UInt8(value))
    }

}
