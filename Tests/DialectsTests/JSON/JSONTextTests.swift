import SwiftProtobuf
import Testing

@testable import Dialects

/// Escapes as Go's encoding/json makes them (`encodeState.string`, with HTML escaping, which is its default).
@Suite struct JSONTextTests {
    private static let short: [UInt8: String] = [
        0x08: "\\b", 0x09: "\\t", 0x0A: "\\n", 0x0C: "\\f", 0x0D: "\\r", 0x22: "\\\"", 0x5C: "\\\\",
    ]

    private static func escaped(_ byte: UInt8) -> String {
        if let short = short[byte] { return short }
        let isPlain = byte >= 0x20 && ![0x3C, 0x3E, 0x26].contains(byte)
        let hex = String(byte, radix: 16)
        return isPlain ? String(UnicodeScalar(byte)) : "\\u00" + (hex.count == 1 ? "0" : "") + hex
    }

    private static func written(_ text: [UInt8]) -> (text: [UInt8], count: Int) {
        let exact = ExactBytes(text)
        let count = JSONText.count(exact.view)
        let bytes = [UInt8](unsafeUninitializedCapacity: max(JSONText.maxBytes(exact.view), 1)) { buffer, used in
            var writer = ByteWriter(buffer.baseAddress!)
            JSONText.write(exact.view, to: &writer)
            used = writer.count
        }
        return (bytes, count)
    }

    /// Texts are looked through eight bytes at a time: each byte in each place of such a run, and behind the last.
    @Test func everyCharacterOfASCIIWhereverItStands() {
        for byte in UInt8(0)..<128 {
            for place in 0..<19 {
                var text = (0..<19).map { UInt8(ascii: "a") + UInt8($0) }
                text[place] = byte
                let expected = text.map(Self.escaped).joined()
                let (bytes, count) = Self.written(text)
                #expect(bytes == Array(expected.utf8), "\(byte) at \(place)")
                #expect(count == expected.utf8.count, "\(byte) at \(place)")
            }
        }
    }

    @Test func theContentOfAMessageIsEscapedSo() throws {
        let text = Array("a <b> & \"c\" and some more".utf8)
        var body = MessageBody(to: .user, platform: 1)
        let message = try text.withBytes { text in
            try [0x75].withBytes { user in
                try OpenIMMsgData(
                    serializedBytes: Array(
                        body.render(
                            sender: user, receiver: user,
                            clientMessageID: ClientMessageID(dueNs: 1, client: 2, sequence: 3), text: text,
                            createTimeMs: 4)))
            }
        }
        let expected = "{\"content\":\"" + text.map(Self.escaped).joined() + "\"}"
        #expect(String(decoding: message.content, as: UTF8.self) == expected)
    }
}
