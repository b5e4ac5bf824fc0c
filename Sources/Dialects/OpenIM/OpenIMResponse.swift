/// A frame from server to client: an answer, or what the server says by itself. Views into the frame or into the
/// codec's memory.
///
/// Field table: OpenIM's `Resp`.
package struct OpenIMResponse {
    package var identifier: Int32 = 0
    /// That of the request; empty in pushes and kicks.
    package var msgIncr = UnsafeRawBufferPointer(start: nil, count: 0)
    package var operationID = UnsafeRawBufferPointer(start: nil, count: 0)
    /// 0: no error.
    package var errorCode: Int64 = 0
    package var errorMessage = UnsafeRawBufferPointer(start: nil, count: 0)
    /// A protobuf message.
    package var data = UnsafeRawBufferPointer(start: nil, count: 0)

    package init() {}
}
