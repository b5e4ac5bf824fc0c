/// Writes requests and reads responses, in one encoding, for all connections of a thread.
///
/// Owns the memory that both need: nothing is allocated once it is warm.
package struct OpenIMCodec: ~Copyable {
    package enum Encoding: Sendable {
        case gob
        case json
    }

    private static let initialBytes = 4096

    package let encoding: Encoding
    /// gzip of whole frames.
    package let compresses: Bool
    package let maxInflatedBytes: Int

    private let gobEncoder = GobEncoder()
    private var gobDecoder = GobDecoder(table: .response)
    private let table = FieldTable.response
    private var values = FieldValues()
    /// A request before it is compressed.
    private var plain = ScratchBuffer(capacity: Self.initialBytes)
    private var deflated = ScratchBuffer(capacity: Self.initialBytes)
    private var inflated: ScratchBuffer
    /// Strings and data of a response in JSON.
    private var unescaped = ScratchBuffer(capacity: Self.initialBytes)
    private var deflater: GzipDeflater?
    private var inflater: GzipInflater?

    /// - Parameter maxInflatedBytes: a response that is larger once inflated is refused.
    package init(encoding: Encoding, compresses: Bool, maxInflatedBytes: Int) {
        self.encoding = encoding
        self.compresses = compresses
        self.maxInflatedBytes = maxInflatedBytes
        inflated = ScratchBuffer(capacity: min(Self.initialBytes, maxInflatedBytes))
        deflater = compresses ? GzipDeflater() : nil
        inflater = compresses ? GzipInflater(maxBytes: maxInflatedBytes) : nil
    }

    /// The payload of a binary message; valid until the next call of `encode`.
    package mutating func encode(_ request: OpenIMRequest) -> UnsafeRawBufferPointer {
        plain.reserve(encoding == .gob ? gobEncoder.maxBytes(request) : RequestJSON.maxBytes(request))
        var writer = ByteWriter(plain.start)
        switch encoding {
        case .gob: gobEncoder.encode(request, to: &writer)
        case .json: RequestJSON.encode(request, to: &writer)
        }
        let frame = plain.prefix(writer.count)
        return deflater?.deflate(frame, to: &deflated) ?? frame
    }

    /// Reads the payload of a binary message; valid until the next call of `decode` and while `frame` is.
    package mutating func decode(_ frame: UnsafeRawBufferPointer) throws(OpenIMFault) -> OpenIMResponse {
        let frame = try inflater?.inflate(frame, to: &inflated) ?? frame
        values.clear()
        switch encoding {
        case .gob: try gobDecoder.decode(frame, into: &values)
        case .json:
            unescaped.reserve(JSONObject.scratchBytes(frame))
            try JSONObject.read(frame, as: table, into: &values, scratch: unescaped.start)
        }
        var response = OpenIMResponse()
        response.identifier = Int32(truncatingIfNeeded: values[0].number)
        response.msgIncr = values[1].bytes
        response.operationID = values[2].bytes
        response.errorCode = values[3].number
        response.errorMessage = values[4].bytes
        response.data = values[5].bytes
        return response
    }

    /// The memory that is held for frames.
    var heldBytes: Int { plain.capacity + deflated.capacity + inflated.capacity + unescaped.capacity }
}
