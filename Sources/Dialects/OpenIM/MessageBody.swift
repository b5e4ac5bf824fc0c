/// Writes `MsgData` bodies of text messages: what all have in common is rendered once, what differs is filled in.
package struct MessageBody: ~Copyable {
    package enum Destination: Sendable {
        case user
        case group
    }

    /// - Parameter platform: `senderPlatformID`.
    package init(to destination: Destination, platform: Int32) {}

    /// A protobuf message; valid until the next call.
    ///
    /// - Parameters:
    ///   - receiver: user ID or group ID.
    ///   - text: UTF-8; becomes the content `{"content":"…"}`, escaped as JSON wants it.
    ///   - createTimeMs: since 1970.
    package mutating func render(
        sender: UnsafeRawBufferPointer, receiver: UnsafeRawBufferPointer, clientMessageID: ClientMessageID,
        text: UnsafeRawBufferPointer, createTimeMs: Int64
    ) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: nil, count: 0)
    }
}
