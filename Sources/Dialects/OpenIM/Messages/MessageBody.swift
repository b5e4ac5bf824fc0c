internal import SwiftProtobuf

/// Writes `MsgData` bodies of text messages: what all have in common is rendered once, what differs is filled in.
package struct MessageBody: ~Copyable {
    package enum Destination: Sendable {
        case user
        case group
    }

    /// Field numbers of `MsgData`.
    private enum Field {
        static let sendID: UInt32 = 1
        static let receiveID: UInt32 = 2
        static let groupID: UInt32 = 3
        static let clientMessageID: UInt32 = 4
        static let content: UInt32 = 12
        static let createTime: UInt32 = 16
    }

    private static let textPrefix: StaticString = #"{"content":""#
    private static let textSuffix: StaticString = #""}"#
    /// Six tags of two bytes, four lengths and a number of ten bytes each, at most.
    private static let maxOverhead = 6 * 2 + 5 * 10 + 14 + ClientMessageID.textBytes

    private let receiverField: UInt32
    /// The fields that all messages share.
    private let shared: ScratchBuffer
    private let sharedCount: Int
    private var body = ScratchBuffer(capacity: 1024)

    /// - Parameter platform: `senderPlatformID`.
    package init(to destination: Destination, platform: Int32) {
        var message = OpenIMMsgData()
        message.senderPlatformID = platform
        switch destination {
        case .user:
            receiverField = Field.receiveID
            message.sessionType = 1
        case .group:
            receiverField = Field.groupID
            message.sessionType = 3
        }
        message.msgFrom = 100
        message.contentType = 101
        let bytes: [UInt8] = message.openIMBytes()
        shared = ScratchBuffer(capacity: bytes.count)
        sharedCount = bytes.count
        bytes.withUnsafeBytes { shared.start.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
    }

    /// A protobuf message; valid until the next call.
    ///
    /// - Parameters:
    ///   - receiver: user ID or group ID. IDs are UTF-8: a server refuses the message otherwise.
    ///   - text: UTF-8; becomes the content `{"content":"…"}`, escaped as JSON wants it.
    ///   - createTimeMs: since 1970.
    package mutating func render(
        sender: UnsafeRawBufferPointer, receiver: UnsafeRawBufferPointer, clientMessageID: ClientMessageID,
        text: UnsafeRawBufferPointer, createTimeMs: Int64
    ) -> UnsafeRawBufferPointer {
        let escaped = JSONText.count(text)
        body.reserve(sharedCount + sender.count + receiver.count + escaped + Self.maxOverhead)
        var writer = ByteWriter(body.start)
        writer.write(shared.prefix(sharedCount))
        ProtobufFields.write(Field.sendID, sender, to: &writer)
        ProtobufFields.write(receiverField, receiver, to: &writer)
        ProtobufFields.writeHead(Field.clientMessageID, count: ClientMessageID.textBytes, to: &writer)
        clientMessageID.write(to: writer.skip(ClientMessageID.textBytes))
        ProtobufFields.writeHead(
            Field.content, count: Self.textPrefix.utf8CodeUnitCount + escaped + Self.textSuffix.utf8CodeUnitCount,
            to: &writer)
        writer.write(Self.textPrefix)
        // Whatever is escaped becomes longer, and most texts need no escape.
        if escaped == text.count { writer.write(text) } else { JSONText.write(text, to: &writer) }
        writer.write(Self.textSuffix)
        ProtobufFields.write(Field.createTime, createTimeMs, to: &writer)
        return body.prefix(writer.count)
    }
}
