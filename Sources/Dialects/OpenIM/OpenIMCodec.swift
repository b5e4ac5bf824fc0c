/// Writes requests and reads responses, in one encoding, for all connections of a thread.
///
/// Owns the memory that both need: nothing is allocated once it is warm.
package struct OpenIMCodec: ~Copyable {
    package enum Encoding: Sendable {
        case gob
        case json
    }

    package let encoding: Encoding
    /// gzip of whole frames.
    package let compresses: Bool
    package let maxInflatedBytes: Int

    /// - Parameter maxInflatedBytes: a response that is larger once inflated is refused.
    package init(encoding: Encoding, compresses: Bool, maxInflatedBytes: Int) {
        self.encoding = encoding
        self.compresses = compresses
        self.maxInflatedBytes = maxInflatedBytes
    }

    /// The payload of a binary message; valid until the next call of `encode`.
    package mutating func encode(_ request: OpenIMRequest) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// Reads the payload of a binary message; valid until the next call of `decode` and while `frame` is.
    package mutating func decode(_ frame: UnsafeRawBufferPointer) throws(OpenIMFault) -> OpenIMResponse {
        throw .malformed(what: "not written yet")
    }
}
