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
