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
    /// Calls `body` for each message of a `PushMessages` body, conversations before notifications.
    package static func forEach(
        in data: UnsafeRawBufferPointer, _ body: (PushedMessage) -> Void
    ) throws(OpenIMFault) {
        throw .malformed(what: "not written yet")
    }
}
