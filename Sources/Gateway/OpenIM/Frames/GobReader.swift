internal import NIOCore

/// Reads the parts of a gob (Go's package encoding/gob, "Encoding Details") off a buffer.
struct GobReader {
    enum Malformed: Error, Equatable {
        case truncated
        case numberTooLong
        case lengthTooGreat
        case unknownType(Int)
        case typeDefinedTwice(Int)
        case unknownWireType
        case fieldOutOfRange
        case nestedTooDeep
        case extraBytes
        /// A field of the request has another kind than the receiver's.
        case wrongKind(field: String)
        case noStruct
        case numberOutOfRange(field: String)
    }

    var rest: ByteBuffer

    init(_ buffer: ByteBuffer) {
        rest = buffer
    }

    /// One byte below 128, else the negated count of the bytes that follow, highest first.
    mutating func unsigned() throws(Malformed) -> UInt64 {
        guard let first = rest.readInteger(as: UInt8.self) else { throw .truncated }
        guard first >= 128 else { return UInt64(first) }
        let count = 256 - Int(first)
        guard count <= 8 else { throw .numberTooLong }
        guard rest.readableBytes >= count else { throw .truncated }
        var number: UInt64 = 0
        for _ in 0..<count {
            guard let byte = rest.readInteger(as: UInt8.self) else { throw .truncated }
            number = number << 8 | UInt64(byte)
        }
        return number
    }

    /// The sign is the lowest bit.
    mutating func signed() throws(Malformed) -> Int64 {
        let number = try unsigned()
        let magnitude = Int64(bitPattern: number >> 1)
        return number & 1 == 0 ? magnitude : ~magnitude
    }

    /// A length and as many bytes.
    mutating func bytes() throws(Malformed) -> ByteBuffer {
        let length = try unsigned()
        guard length <= UInt64(rest.readableBytes), let bytes = rest.readSlice(length: Int(length)) else {
            throw .truncated
        }
        return bytes
    }

    mutating func typeID() throws(Malformed) -> Int {
        Int(try signed())
    }

    /// Calls `body` for each field that a struct value has, with its index, until the end mark.
    ///
    /// `count` is how many fields the sender's struct has.
    mutating func fields(
        count: Int, _ body: (Int, inout GobReader) throws(Malformed) -> Void
    ) throws(Malformed) {
        var index = -1
        while true {
            let delta = try unsigned()
            if delta == 0 { return }
            guard delta <= UInt64(count), index + Int(delta) < count else { throw .fieldOutOfRange }
            index += Int(delta)
            try body(index, &self)
        }
    }
}
