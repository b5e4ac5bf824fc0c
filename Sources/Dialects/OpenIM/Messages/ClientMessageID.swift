/// The `clientMsgID` of a message: 32 hexadecimal digits, as the SDK's have, that tell who sent it and when.
///
/// It comes back with the acknowledgement and with each push, so that whoever receives a push knows how long it took:
/// the time is that of CLOCK_MONOTONIC, which all processes of a machine share.
///
/// 16 digits of time, of which the first is 0; 8 of client; 8 of sequence. Others' IDs are digests: one in sixteen can
/// be read as one of these, with a time and a client that fit no run.
package struct ClientMessageID: Equatable, Sendable {
    package static let textBytes = 32
    /// The times that there is room for: 36 years of CLOCK_MONOTONIC.
    package static let maxDueNs: Int64 = (1 << 60) - 1

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

extension ClientMessageID {
    /// Writes ``textBytes`` bytes. A time outside 0…``maxDueNs`` becomes the nearer of the two.
    package func write(to text: UnsafeMutableRawPointer) {
        HexText.write(UInt64(min(max(dueNs, 0), Self.maxDueNs)), to: text)
        HexText.write(UInt64(client) << 32 | UInt64(sequence), to: text + 16)
    }

    /// nil when it is none that ``write(to:)`` makes.
    package init?(_ text: UnsafeRawBufferPointer) {
        guard text.count == Self.textBytes, text[0] == UInt8(ascii: "0"), let time = Self.word(text, at: 0),
            let rest = Self.word(text, at: 16)
        else { return nil }
        self.init(
            dueNs: Int64(time), client: UInt32(truncatingIfNeeded: rest >> 32),
            sequence: UInt32(truncatingIfNeeded: rest))
    }

    private static func word(_ text: UnsafeRawBufferPointer, at start: Int) -> UInt64? {
        var word: UInt64 = 0
        for index in start..<start + 16 {
            let digit = text[index]
            guard let value = HexText.value(digit), digit < UInt8(ascii: "A") || digit > UInt8(ascii: "F") else {
                return nil
            }
            word = word << 4 | UInt64(value)
        }
        return word
    }
}
