/// Walks the fields of a protobuf message in place (protobuf.dev, "Encoding").
struct ProtobufCursor {
    /// Groups within each other deeper than this are refused.
    private static let maxGroupDepth = 32

    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    enum Value {
        case bytes(UnsafeRawBufferPointer)
        /// A number or a group, which nobody here asks for.
        case other
    }

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The next field's number and value; nil at the end.
    @inline(__always)
    mutating func next() throws(OpenIMFault) -> (field: UInt32, value: Value)? {
        guard position < bytes.count else { return nil }
        let (field, wireType) = try tag()
        guard wireType != 2 else { return (field, .bytes(try view())) }
        try skip(wireType, field: field, depth: 0)
        return (field, .other)
    }

    private mutating func tag() throws(OpenIMFault) -> (field: UInt32, wireType: UInt32) {
        guard let tag = UInt32(exactly: try varint()), tag >> 3 > 0 else {
            throw .malformed(what: "a protobuf field number out of range")
        }
        return (tag >> 3, tag & 7)
    }

    @inline(__always)
    private mutating func varint() throws(OpenIMFault) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            guard shift < 63 || byte <= 1 else { throw .malformed(what: "a protobuf number of more than 64 bits") }
            value |= UInt64(byte & 0x7F) << shift
            guard byte & 0x80 != 0 else { return value }
            shift += 7
        }
        throw .truncated(what: "a protobuf number")
    }

    private mutating func view() throws(OpenIMFault) -> UnsafeRawBufferPointer {
        let length = try varint()
        guard length <= UInt64(bytes.count - position) else { throw .tooLong(what: "a protobuf field") }
        defer { position += Int(length) }
        return bytes.part(position, Int(length))
    }

    private mutating func skip(_ wireType: UInt32, field: UInt32, depth: Int) throws(OpenIMFault) {
        switch wireType {
        case 0: _ = try varint()
        case 1: try skipBytes(8)
        case 2: _ = try view()
        case 3:
            guard depth < Self.maxGroupDepth else { throw .tooDeep }
            while true {
                guard position < bytes.count else { throw .truncated(what: "a protobuf group") }
                let (inner, innerType) = try tag()
                if innerType == 4 {
                    guard inner == field else { throw .malformed(what: "a protobuf group that ends another") }
                    return
                }
                try skip(innerType, field: inner, depth: depth + 1)
            }
        case 5: try skipBytes(4)
        default: throw .malformed(what: "a protobuf field of an unknown kind")
        }
    }

    private mutating func skipBytes(_ count: Int) throws(OpenIMFault) {
        guard count <= bytes.count - position else { throw .truncated(what: "a protobuf number") }
        position += count
    }
}
