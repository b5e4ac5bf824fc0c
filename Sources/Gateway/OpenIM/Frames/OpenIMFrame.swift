internal import NIOCore

/// A client's request (`Req`), as one BINARY message carries it.
///
/// Texts are bytes, since gob keeps those that are not UTF-8. The field `token` is not kept: nobody reads it.
struct OpenIMRequest: Equatable {
    var identifier: Int32 = 0
    var sendID = ByteBuffer()
    var operationID = ByteBuffer()
    /// The client's own number for the request; the response repeats it.
    var msgIncr = ByteBuffer()
    /// A protobuf message.
    var data = ByteBuffer()

    /// No request, and why; the connection ends.
    enum Malformed: Error, Equatable {
        case gob(GobReader.Malformed)
        case json(JSONReader.Malformed)
        case gzip(GzipCodec.Malformed)
    }
}

/// What goes to a client (`Resp`): the answer to a request, a push, a kick.
struct OpenIMResponse: Equatable {
    var identifier: Int32
    var msgIncr = ByteBuffer()
    var operationID = ByteBuffer()
    /// 0: no error.
    var errorCode = 0
    var errorMessage = ""
    var data = ByteBuffer()
}

/// The operations that a gateway knows, `reqIdentifier`.
enum OpenIMOperation {
    static let newestSequence: Int32 = 1001
    static let pullByRange: Int32 = 1002
    static let sendMessage: Int32 = 1003
    static let sendSignal: Int32 = 1004
    static let pullBySequence: Int32 = 1005
    static let readAndMaxSequence: Int32 = 1006
    static let lastMessage: Int32 = 1007
    static let push: Int32 = 2001
    static let kick: Int32 = 2002
    static let logout: Int32 = 2003
    static let setBackground: Int32 = 2004
    static let subscribe: Int32 = 2005
}

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
