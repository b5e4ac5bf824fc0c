import Testing

@testable import Dialects

@Suite struct ClientMessageIDTests {
    private static func text(_ id: ClientMessageID) -> [UInt8] {
        let room = ScratchBuffer(capacity: ClientMessageID.textBytes)
        id.write(to: room.start)
        return Array(room.prefix(ClientMessageID.textBytes))
    }

    @Test func digits() {
        let id = ClientMessageID(dueNs: 0x0123_4567_89AB_CDEF, client: 0xDEAD_BEEF, sequence: 1)
        #expect(String(decoding: Self.text(id), as: UTF8.self) == "0123456789abcdefdeadbeef00000001")
    }

    @Test func roundTrip() {
        var random = SeededRandom()
        let ids =
            (0..<1000).map { _ in
                ClientMessageID(
                    dueNs: Int64.random(in: 0...ClientMessageID.maxDueNs, using: &random) >> Int64(random.below(60)),
                    client: .random(in: .min ... .max, using: &random),
                    sequence: .random(in: .min ... .max, using: &random))
            } + [
                ClientMessageID(dueNs: 0, client: 0, sequence: 0),
                ClientMessageID(dueNs: ClientMessageID.maxDueNs, client: .max, sequence: .max),
            ]
        for id in ids {
            #expect(Self.text(id).withBytes { ClientMessageID($0) } == id, "seed \(random.seed)")
        }
    }

    @Test func timesThatThereIsNoRoomFor() {
        for (time, nearest) in [(-1, 0), (Int64.min, 0), (.max, ClientMessageID.maxDueNs)] {
            let id = ClientMessageID(dueNs: time, client: 1, sequence: 2)
            #expect(Self.text(id).withBytes { ClientMessageID($0) }?.dueNs == nearest)
        }
    }

    @Test(arguments: [
        "", "0", "0123456789abcdefdeadbeef0000000", "0123456789abcdefdeadbeef000000011",
        "0123456789abcdefdeadbeef0000000g", "0123456789ABCDEFDEADBEEF00000001", "1123456789abcdefdeadbeef00000001",
        "0x23456789abcdefdeadbeef00000001", "0123456789abcdef-eadbeef00000001",
    ])
    func othersIDs(_ text: String) {
        #expect(Array(text.utf8).withBytes { ClientMessageID($0) } == nil)
    }
}
