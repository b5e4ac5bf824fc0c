/// A message that the server has pushed; views into the frame.
package struct PushedMessage {
    package var sendID = UnsafeRawBufferPointer(start: nil, count: 0)
    package var receiveID = UnsafeRawBufferPointer(start: nil, count: 0)
    package var groupID = UnsafeRawBufferPointer(start: nil, count: 0)
    /// nil: not one that gatecrash has made.
    package var clientMessageID: ClientMessageID?

    package init() {}
}

extension PushedMessage {
    /// Field numbers of `PushMessages`, the entries of its maps, `PullMsgs` and `MsgData`.
    private enum Field {
        static let conversations: UInt32 = 1
        static let notifications: UInt32 = 2
        static let entryValue: UInt32 = 2
        static let messages: UInt32 = 1
        static let sendID: UInt32 = 1
        static let receiveID: UInt32 = 2
        static let groupID: UInt32 = 3
        static let clientMessageID: UInt32 = 4
    }

    /// Calls `body` for each message of a `PushMessages` body, conversations before notifications.
    ///
    /// - Throws: when the bytes are no such body; messages before the fault have been reported then.
    package static func forEach(
        in data: UnsafeRawBufferPointer, _ body: (PushedMessage) -> Void
    ) throws(OpenIMFault) {
        let hasNotifications = try forEachMessage(in: data, map: Field.conversations, body)
        if hasNotifications { _ = try forEachMessage(in: data, map: Field.notifications, body) }
    }

    /// Walks one of the two maps, and says whether there is a notification.
    private static func forEachMessage(
        in data: UnsafeRawBufferPointer, map: UInt32, _ body: (PushedMessage) -> Void
    ) throws(OpenIMFault) -> Bool {
        var hasNotifications = false
        var maps = ProtobufCursor(data)
        while let (number, value) = try maps.next() {
            if number == Field.notifications { hasNotifications = true }
            guard number == map, case .bytes(let entry) = value else { continue }
            var entries = ProtobufCursor(entry)
            while let (number, value) = try entries.next() {
                guard number == Field.entryValue, case .bytes(let list) = value else { continue }
                var messages = ProtobufCursor(list)
                while let (number, value) = try messages.next() {
                    guard number == Field.messages, case .bytes(let message) = value else { continue }
                    body(try PushedMessage(message))
                }
            }
        }
        return hasNotifications
    }

    private init(_ message: UnsafeRawBufferPointer) throws(OpenIMFault) {
        var fields = ProtobufCursor(message)
        while let (number, value) = try fields.next() {
            guard case .bytes(let bytes) = value else { continue }
            switch number {
            case Field.sendID: sendID = bytes
            case Field.receiveID: receiveID = bytes
            case Field.groupID: groupID = bytes
            case Field.clientMessageID: clientMessageID = ClientMessageID(bytes)
            default: break
            }
        }
    }
}
