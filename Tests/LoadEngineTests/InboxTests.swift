import Testing

@testable import LoadEngine

@Suite struct InboxTests {
    @Test func messagesAreFoundInOrderAndRemovedFromAnywhere() {
        let inbox = Inbox(buffer: ByteBuffer(capacity: 16))
        for (number, text) in ["one", "two", "", "two", "three"].enumerated() {
            #expect(append(text, at: Int64(number), to: inbox))
        }
        #expect(inbox.count == 5)
        let two = inbox.first { String(decoding: $0, as: UTF8.self) == "two" }
        #expect(two?.arrivedNs == 1)
        if let two { inbox.remove(1, of: two) }
        #expect(inbox.first { String(decoding: $0, as: UTF8.self) == "two" }?.arrivedNs == 3)
        #expect(inbox.first { _ in true }?.arrivedNs == 0)
        #expect(inbox.count == 4)
        while let entry = inbox.first(where: { _ in true }) { inbox.remove(entry.count, of: entry) }
        #expect(inbox.count == 0)
    }

    @Test func aFloodIsBounded() {
        let buffer = ByteBuffer(capacity: 16)
        let inbox = Inbox(buffer: buffer)
        var kept = 0
        for number in 0..<100_000 where append("0123456789", at: Int64(number), to: inbox) { kept += 1 }
        #expect(kept < 100_000)
        #expect(buffer.count <= Inbox.maxBytes)
        #expect(inbox.count == kept)
    }

    @Test func messagesThatCameTogetherShareAnEntryAndNoneIsLost() {
        let buffer = ByteBuffer(capacity: 16)
        let inbox = Inbox(buffer: buffer)
        for number in 0..<100_000 { inbox.append(arrivedNs: Int64(number / 3)) }
        #expect(inbox.count == 100_000)
        #expect(buffer.count <= Inbox.maxBytes)
        var taken = 0
        while let entry = inbox.first(where: { _ in true }) {
            let some = min(entry.count, 2)
            inbox.remove(some, of: entry)
            taken += some
        }
        #expect(taken == 100_000)
    }

    private func append(_ text: String, at ns: Int64, to inbox: Inbox) -> Bool {
        Array(text.utf8).withUnsafeBytes { inbox.append(arrivedNs: ns, text: $0) }
    }
}
