/// A frame from client to server, as views of bytes that somebody else owns.
///
/// Field table: OpenIM's `Req` (open-im-server 3.5.1 and 3.8.3, internal/msggateway).
package struct OpenIMRequest {
    /// What is asked, such as ``OpenIMOperation/sendMessage``.
    package var identifier: Int32
    /// Servers do not read it: the connection's own token counts.
    package var token = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Must be the connection's own user ID.
    package var sendID: UnsafeRawBufferPointer
    /// Names the request in the server's logs; must not be empty.
    package var operationID: UnsafeRawBufferPointer
    /// Comes back with the answer.
    package var msgIncr: UnsafeRawBufferPointer
    /// A protobuf message.
    package var data: UnsafeRawBufferPointer

    package init(
        identifier: Int32, sendID: UnsafeRawBufferPointer, operationID: UnsafeRawBufferPointer,
        msgIncr: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer
    ) {
        self.identifier = identifier
        self.sendID = sendID
        self.operationID = operationID
        self.msgIncr = msgIncr
        self.data = data
    }
}
