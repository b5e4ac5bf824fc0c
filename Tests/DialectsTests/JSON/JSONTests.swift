import Testing

@testable import Dialects

/// Where JSON may vary, and where it may not.
@Suite struct JSONTests {
    private static func read(_ text: String) throws(OpenIMFault) -> FrameFields {
        try FieldTable.response.readJSON(Array(text.utf8))
    }

    @Test func keysInAnyCaseAndOrderAmongStrangers() throws {
        let fields = try Self.read(
            """
             { "DATA" : "AQI=", "x": {"errCode": [1, 2.5e-3, {"a": null}], "": "\\u00e9\\"]}"},\r
            \t"ErrCode":-7,"msgincr":"a","reqIdentifier":2001,"y":[],"z":{},"t":true,"f":false,"n":-0.0E+1 } \n
            """)
        #expect(fields.numbers == ["ReqIdentifier": 2001, "ErrCode": -7])
        #expect(fields.bytes == ["MsgIncr": [0x61], "OperationID": [], "ErrMsg": [], "Data": [1, 2]])
    }

    @Test func theLastOfEqualKeysCounts() throws {
        #expect(try Self.read(#"{"errCode":1,"errCode":2,"ErrCode":3}"#).numbers["ErrCode"] == 3)
        #expect(try Self.read(#"{"data":"AQI=","data":null}"#).bytes["Data"] == [])
        #expect(try Self.read(#"{"errCode":5,"errMsg":"a","errCode":null,"errMsg":null}"#).numbers["ErrCode"] == 5)
    }

    @Test func escapes() throws {
        let cases: [(String, String)] = [
            (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"), (#"\u0041\u00e9\u20AC"#, "Aé€"),
            (#"\ud83d\ude00"#, "😀"), (#"\uDBFF\uDFFF"#, "\u{10FFFF}"), (#"\ud83d"#, "\u{FFFD}"),
            (#"\ude00"#, "\u{FFFD}"), (#"\ud83dx"#, "\u{FFFD}x"), (#"\ud83d\n"#, "\u{FFFD}\n"),
            (#"\ud83d\u0041"#, "\u{FFFD}A"), (#"\ud83d\ud83d\ude00"#, "\u{FFFD}😀"), ("é😀", "é😀"), (#"\u0000"#, "\0"),
        ]
        for (escaped, plain) in cases {
            let fields = try Self.read(#"{"errMsg":"\#(escaped)","data":"\u0041Q\u003d="}"#)
            #expect(fields.bytes["ErrMsg"] == Array(plain.utf8), "\(escaped)")
            #expect(fields.bytes["Data"] == [1], "\(escaped)")
        }
    }

    @Test func whatFillsTheScratchMemory() throws {
        let digits = String(repeating: "A", count: 4000)
        for key in ["data", #"d\u0061ta"#] {
            let fields = try Self.read(#"{"\#(key)":"\#(digits)\u0041AAA","\#(key)":"\#(digits)\/\/\/\/"}"#)
            #expect(fields.bytes["Data"]?.count == 3003)
        }
    }

    @Test(arguments: [
        "", " ", "null", "[]", "1", "{", "{}x", "{} {}", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{a:1}"#,
        #"{'a':1}"#, #"{"a":01}"#, #"{"a":1.}"#, #"{"a":.5}"#, #"{"a":+1}"#, #"{"a":-}"#, #"{"a":1e}"#, #"{"a":tru}"#,
        #"{"a":nul}"#, #"{"a":NaN}"#, #"{"a":[1,]}"#, #"{"a":[1}"#, #"{"a":"\x"}"#, #"{"a":"\u12g4"}"#,
        #"{"a":"\ud83"}"#,
        "{\"a\":\"\n\"}", "{\"errMsg\":\"\u{1F}\"}", #"{"errMsg":"\q"}"#, #"{"errMsg":1}"#, #"{"errMsg":[]}"#,
        #"{"errCode":"1"}"#, #"{"errCode":1.0}"#, #"{"errCode":1e2}"#, #"{"errCode":9223372036854775808}"#,
        #"{"errCode":true}"#, #"{"errCode":{}}"#, #"{"reqIdentifier":2147483648}"#, #"{"reqIdentifier":-2147483649}"#,
        #"{"data":"A"}"#, #"{"data":"AA"}"#, #"{"data":"AA="}"#, #"{"data":"A==="}"#, #"{"data":"AA==AAAA"}"#,
        #"{"data":"=AAA"}"#, #"{"data":"AA A"}"#, #"{"data":"AA_-"}"#, #"{"data":[1]}"#, #"{"data":1}"#,
        "{\"a\":1}\u{0}", "\u{FEFF}{}",
    ])
    func isRefused(_ text: String) {
        #expect(throws: OpenIMFault.self) { try Self.read(text) }
    }

    @Test func depthHasALimit() throws {
        func nested(_ depth: Int) -> String {
            #"{"x":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
        }
        _ = try Self.read(nested(JSONScanner.maxDepth - 1))
        #expect(throws: OpenIMFault.tooDeep) { try Self.read(nested(JSONScanner.maxDepth)) }
        #expect(throws: OpenIMFault.tooDeep) { try Self.read(#"{"x":"# + String(repeating: "[", count: 1_000_000)) }
    }

    @Test func escapedTextIsAsLongAsCounted() {
        var random = SeededRandom()
        for _ in 0..<2000 {
            let text = random.below(2) == 0 ? random.bytes(random.below(60)) : Array(random.text(random.below(40)).utf8)
            let exact = ExactBytes(text)
            let room = ScratchBuffer(capacity: JSONText.maxBytes(exact.view))
            var writer = ByteWriter(room.start)
            JSONText.write(exact.view, to: &writer)
            #expect(writer.count == JSONText.count(exact.view), "seed \(random.seed)")
            let quoted = Array(#"{"errMsg":""#.utf8) + writer.written + Array(#""}"#.utf8)
            let valid = Array(String(decoding: text, as: UTF8.self).utf8)
            if String(validating: text, as: UTF8.self) != nil {
                #expect((try? FieldTable.response.readJSON(quoted))?.bytes["ErrMsg"] == valid, "seed \(random.seed)")
            } else {
                #expect((try? FieldTable.response.readJSON(quoted)) != nil, "seed \(random.seed)")
            }
        }
    }
}
