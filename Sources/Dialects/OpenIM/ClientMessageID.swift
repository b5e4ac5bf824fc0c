/// The `clientMsgID` of a message: 32 hexadecimal digits, as the SDK's have, that tell who sent it and when.
///
/// It comes back with the acknowledgement and with each push, so that whoever receives a push knows how long it took: the time is
/// that of CLOCK_MONOTONIC, which all processes of a machine share.
package struct ClientMessageID: Equatable, Sendable {
    /// When the message was due to be sent, CLOCK_MONOTONIC.
    package var dueNs: Int64
    /// The client's number in the run.
    package var client: UInt32
    /// The client's messages so far.
    package var sequence: UInt32

    package init(dueNs: Int64, client: UInt32, sequence: UInt32) {
        self.dueNs = dueNs
        self.client = client
        self.sequence = sequence
    }
}
