internal import NIOCore

/// How a connection's requests and responses are written in its BINARY messages.
struct OpenIMEncoding: Equatable, Sendable {
    enum Text: Equatable, Sendable {
        /// Go's encoding/gob; type definitions have this number: 65 from Go 1.20, which builds 3.5.1, 64 from later ones.
        case gob(typeID: Int)
        /// Go's encoding/json.
        case json
    }

    var text: Text
    /// Each message is a gzip stream of its own.
    var isCompressed: Bool

    func decode(_ message: ByteBuffer, gzip: GzipCodec) throws(OpenIMRequest.Malformed) -> OpenIMRequest {
        var bytes = message
        if isCompressed {
            do throws(GzipCodec.Malformed) { bytes = try gzip.inflate(message) } catch { throw .gzip(error) }
        }
        switch text {
        case .gob:
            do throws(GobReader.Malformed) { return try GobRequest.decode(bytes) } catch { throw .gob(error) }
        case .json:
            do throws(JSONReader.Malformed) { return try JSONRequest.decode(bytes) } catch { throw .json(error) }
        }
    }

    /// The payload of a BINARY frame.
    func encode(_ response: OpenIMResponse, gzip: GzipCodec, allocator: ByteBufferAllocator) -> ByteBuffer {
        let size = 256 + response.data.readableBytes * 4 / 3
        if isCompressed {
            var plain = allocator.buffer(capacity: size)
            write(response, to: &plain)
            return gzip.deflate(plain, allocator: allocator)
        }
        var payload = FrameBuffer.empty(payloadBytes: size, allocator: allocator)
        write(response, to: &payload)
        return payload
    }

    private func write(_ response: OpenIMResponse, to buffer: inout ByteBuffer) {
        switch text {
        case .gob(let typeID): GobResponse.write(response, typeID: typeID, to: &buffer)
        case .json: JSONResponse.write(response, to: &buffer)
        }
    }
}
