import Testing
import WebSocketWire

struct CloseCodeTests {
    private static func payload(_ code: UInt16, _ reason: String) -> [UInt8] {
        var room = [UInt8](repeating: 0xEE, count: FrameWriter.maxControlPayloadBytes)
        let count = room.withUnsafeMutableBytes {
            CloseCode.writePayload(code: code, reason: reason, to: $0.baseAddress!)
        }
        #expect(room[count...].allSatisfy { $0 == 0xEE })
        return Array(room[..<count])
    }

    @Test func codeThenReason() {
        #expect(Self.payload(1000, "") == [3, 0xE8])
        #expect(Self.payload(4001, "bye €") == [0x0F, 0xA1] + Array("bye €".utf8))
    }

    @Test func aLongReasonIsCutBetweenCharacters() {
        for shift in 0..<4 {
            let reason = String(repeating: "a", count: shift) + String(repeating: "😀", count: 40)
            let cut = Self.payload(1000, reason)
            #expect(cut.count <= 125 && cut.count > 121)
            #expect(ReferenceReader.isUTF8(cut.dropFirst(2)))
            #expect(reason.utf8.starts(with: cut.dropFirst(2)))
        }
        #expect(Self.payload(1000, String(repeating: "x", count: 123)).count == 125)
        #expect(Self.payload(1000, String(repeating: "x", count: 124)).count == 125)
    }

    @Test func whatIsWrittenIsReadBack() throws {
        for code: UInt16 in [1000, 1001, 1002, 1003, 1007, 1011, 3000, 4999] {
            #expect(CloseCode.isAllowedOnWire(code))
            let stream = ServerFrame(.close, Self.payload(code, "grüß dich")).bytes
            #expect(try Transcript.of(stream) == [.close(code, Array("grüß dich".utf8))])
        }
        #expect(!CloseCode.isAllowedOnWire(CloseCode.noneReceived))
    }
}
