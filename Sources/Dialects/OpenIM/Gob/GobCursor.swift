/// Reads gob's primitive values (Go's encoding/gob, "Encoding Details") from the front of a frame.
struct GobCursor {
    let bytes: UnsafeRawBufferPointer
    private(set) var position: Int
    /// Where the message that is being read ends.
    private(set) var end: Int

    init(_ bytes: UnsafeRawBufferPointer, from position: Int = 0) {
        self.bytes = bytes
        self.position = position
        end = bytes.count
    }

    var left: Int { end - position }

    /// Below 128 in one byte; else 256 - n in one byte and then n bytes, the most significant first.
    @inline(__always)
    mutating func unsigned(_ what: @autoclosure () -> String) throws(OpenIMFault) -> UInt64 {
        guard position < end else { throw .truncated(what: what()) }
        let first = bytes[position]
        position += 1
        if first < 0x80 { return UInt64(first) }
        let length = 256 - Int(first)
        guard length <= 8 else { throw .malformed(what: "\(what()): a number of \(length) bytes") }
        guard length <= left else { throw .truncated(what: what()) }
        var value: UInt64 = 0
        for _ in 0..<length {
            value = value << 8 | UInt64(bytes[position])
            position += 1
        }
        return value
    }

    /// The lowest bit tells whether the others are to be inverted.
    @inline(__always)
    mutating func signed(_ what: @autoclosure () -> String) throws(OpenIMFault) -> Int64 {
        let value = try unsigned(what())
        let shifted = Int64(bitPattern: value >> 1)
        return value & 1 == 1 ? ~shifted : shifted
    }

    /// A count of things that take a byte each at least, hence no more than what is left.
    @inline(__always)
    mutating func count(_ what: @autoclosure () -> String) throws(OpenIMFault) -> Int {
        let value = try unsigned(what())
        guard value <= UInt64(left) else { throw .tooLong(what: what()) }
        return Int(value)
    }

    /// A string or bytes.
    @inline(__always)
    mutating func view(_ what: @autoclosure () -> String) throws(OpenIMFault) -> UnsafeRawBufferPointer {
        let length = try count(what())
        defer { position += length }
        return bytes.part(position, length)
    }

    /// Narrows the cursor to the next message; ``leaveMessage()`` goes on behind it.
    mutating func enterMessage() throws(OpenIMFault) {
        let length = try unsigned("a message's length")
        guard length > 0 else { throw .malformed(what: "an empty gob message") }
        guard length <= UInt64(left) else { throw .truncated(what: "a gob message") }
        end = position + Int(length)
    }

    mutating func leaveMessage() {
        position = end
        end = bytes.count
    }
}
