import Testing

@testable import Dialects

/// Against frames that Go's encoding/json made.
@Suite struct JSONVectorTests {
    @Test(arguments: Vectors.shared.all.indices)
    func decodesToItsFields(_ index: Int) throws {
        let vector = Vectors.shared.all[index]
        guard let json = vector.json else { return }
        var expected = vector.expected
        // JSON cannot carry what is not UTF-8: Go puts U+FFFD in the place of each such byte.
        for field in vector.table.fields where field.kind == .string {
            let bytes = expected.bytes["\(field.name)"]!
            if String(validating: bytes, as: UTF8.self) == nil {
                expected.bytes["\(field.name)"] = bytes.flatMap { $0 < 0x80 ? [$0] : Array("\u{FFFD}".utf8) }
            }
        }
        #expect(try vector.table.readJSON(Array(json.utf8)) == expected, "\(vector.name)")
    }

    @Test func encodesToItsBytes() {
        var codec = OpenIMCodec(encoding: .json, compresses: false, maxInflatedBytes: 1 << 20)
        var compared = 0
        for vector in Vectors.shared.all where vector.struct == "Req" {
            guard let json = vector.json else { continue }
            let written = String(decoding: codec.write(vector), as: UTF8.self)
            #expect(written == Self.asGo122(json), "\(vector.name)")
            compared += 1
        }
        #expect(compared >= 30)
    }

    /// Go 1.22 began to write these two short.
    private static func asGo122(_ json: String) -> String {
        json.replacing(#"\u0008"#, with: #"\b"#).replacing(#"\u000c"#, with: #"\f"#)
    }
}
