import NIOCore
import Testing

@testable import Gateway

@Suite struct OpenIMFrameTests {
    private let gzip = GzipCodec()
    private let allocator = ByteBufferAllocator()

    private var goVectors: [OpenIMVectors.Vector] {
        let all = OpenIMVectors.all
        return all.vectors + all.vectorsGo119 + all.vectorsGo121
    }

    private func encoding(_ text: OpenIMEncoding.Text, isCompressed: Bool = false) -> OpenIMEncoding {
        OpenIMEncoding(text: text, isCompressed: isCompressed)
    }

    @Test func readsGosRequests() throws {
        var count = 0
        for vector in goVectors where vector.struct == "Req" {
            let fields = try #require(vector.fields)
            let gob = ByteBuffer(bytes: vector.gob)
            #expect(gob.readableBytes == vector.gobLen, "\(vector.name)")
            #expect(try GobRequest.decode(gob) == fields.request, "\(vector.name)")
            if let json = vector.json {
                var expected = fields.request
                // JSON has no bytes that are not UTF-8, and these vectors have them in the token alone.
                expected.sendID = ByteBuffer(string: String(buffer: expected.sendID))
                #expect(try JSONRequest.decode(ByteBuffer(string: json)) == expected, "\(vector.name)")
            }
            for (hex, text) in [
                (vector.gzipGobHex, OpenIMEncoding.Text.gob(typeID: 64)), (vector.gzipJsonHex, .json),
            ] {
                guard let hex else { continue }
                let request = try encoding(text, isCompressed: true)
                    .decode(ByteBuffer(bytes: GoFrames.bytes(hex)), gzip: gzip)
                #expect(request == fields.request, "\(vector.name)")
            }
            count += 1
        }
        #expect(count > 30)
    }

    @Test func writesResponsesAsGoDoes() throws {
        var count = 0
        for vector in goVectors where vector.struct == "Resp" {
            let fields = try #require(vector.fields)
            let typeID = try #require(vector.gobTypeId)
            let gob = encoding(.gob(typeID: typeID)).encode(fields.response, gzip: gzip, allocator: allocator)
            #expect(Array(gob.readableBytesView) == vector.gob, "\(vector.name)")
            if let json = vector.json {
                let text = encoding(.json).encode(fields.response, gzip: gzip, allocator: allocator)
                #expect(String(buffer: text) == json, "\(vector.name)")
            }
            let compressed = encoding(.gob(typeID: typeID), isCompressed: true)
                .encode(fields.response, gzip: gzip, allocator: allocator)
            #expect(compressed.readableBytesView.starts(with: [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]))
            #expect(try gzip.inflate(compressed) == gob, "\(vector.name)")
            count += 1
        }
        #expect(count > 20)
    }

    @Test func takesWhatGoTakes() throws {
        for vector in OpenIMVectors.all.foreign {
            let gob = ByteBuffer(bytes: vector.gob)
            if vector.decodeError != nil {
                #expect(throws: GobReader.Malformed.self, "\(vector.name)") { try GobRequest.decode(gob) }
            } else if vector.decodesAs == "Req" {
                #expect(try GobRequest.decode(gob) == vector.fields?.request, "\(vector.name)")
            } else {
                // A response has fields that a request lacks; those are passed over.
                #expect(try GobRequest.decode(gob).msgIncr == vector.fields?.msgIncr.buffer, "\(vector.name)")
            }
        }
    }

    @Test func understandsFramesOfRealClientsAndWritesThoseOfRealGateways() throws {
        for captured in OpenIMVectors.all.capturedFrames {
            let text: OpenIMEncoding.Text = captured.encoding.hasPrefix("json") ? .json : .gob(typeID: 64)
            let isCompressed = captured.encoding.hasSuffix("gzip")
            let frame = ByteBuffer(bytes: GoFrames.bytes(captured.hex))
            let encoding = encoding(text, isCompressed: isCompressed)
            guard captured.direction == "s2c" else {
                let request = try encoding.decode(frame, gzip: gzip)
                #expect(request.identifier == 1003)
                #expect(request.sendID == ByteBuffer(string: "probe1"))
                continue
            }
            // Response and request share the fields that these frames have.
            let fields = try encoding.decode(frame, gzip: gzip)
            let response = OpenIMResponse(
                identifier: fields.identifier, msgIncr: fields.msgIncr, operationID: fields.operationID,
                data: fields.data)
            let plain = try isCompressed ? gzip.inflate(frame) : frame
            let made = self.encoding(text).encode(response, gzip: gzip, allocator: allocator)
            #expect(made == plain, "\(captured.gateway) \(captured.encoding)")
        }
    }

    @Test func readsJSONAsGoDoes() throws {
        func decode(_ text: String) throws -> OpenIMRequest { try JSONRequest.decode(ByteBuffer(string: text)) }
        var request = OpenIMRequest()
        #expect(try decode(" null ") == request)
        #expect(try decode("{}") == request)
        request.identifier = 1001
        request.sendID = ByteBuffer(string: "ü\u{1f600}\u{fffd}x")
        #expect(
            try decode(
                #"{"REQIDENTIFIER":1001,"a":[1,-0.5e+7,{"b":[]},true,null],"sendid":"u","sendID":"\u00fc\ud83d\uDE00\ud83dx"}"#
            )
                == request)
        request = OpenIMRequest(data: ByteBuffer(string: "any"))
        #expect(try decode(#"{"data":"YW\n55"}"#) == request)
        for text in [
            "", "[]", "1", "\"x\"", "{", "{}x", "{\"a\":01}", "{\"a\":1.}", "{\"a\":tru}", "{\"a\":1,}", "{a:1}",
            "{\"sendID\":1}", "{\"reqIdentifier\":\"1\"}", "{\"reqIdentifier\":1.0}", "{\"reqIdentifier\":2147483648}",
            "{\"data\":\"YQ\"}", "{\"data\":\"YQ=\"}", "{\"data\":\"Y===\"}", "{\"data\":\"YQ==Y\"}",
            "{\"data\":\"!\"}", "{\"a\":\"\u{1}\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u00g0\"}",
            "{\"a\":" + String(repeating: "[", count: 100_000),
        ] {
            #expect(throws: JSONReader.Malformed.self, "\(text.prefix(40))") { try decode(text) }
        }
    }

    @Test func gzipTakesAllMembersAndNothingElse() throws {
        let one = gzip.deflate(ByteBuffer(string: "one "), allocator: allocator)
        let two = gzip.deflate(ByteBuffer(repeating: 7, count: 300_000), allocator: allocator)
        var both = one
        both.writeImmutableBuffer(two)
        #expect(try gzip.inflate(both).readableBytes == 300_004)
        both.writeStaticString("x")
        #expect(throws: GzipCodec.Malformed.self) { try gzip.inflate(both) }
        #expect(throws: GzipCodec.Malformed.self) { try gzip.inflate(ByteBuffer(string: "plain")) }
        #expect(throws: GzipCodec.Malformed.self) { try gzip.inflate(ByteBuffer()) }
        for length in 0..<one.readableBytes {
            let part = try #require(one.getSlice(at: one.readerIndex, length: length))
            #expect(throws: GzipCodec.Malformed.self) { try gzip.inflate(part) }
        }
        // A bomb: 70 MB of zeros in 70 kB.
        let bomb = gzip.deflate(ByteBuffer(repeating: 0, count: 70 << 20), allocator: allocator)
        #expect(throws: GzipCodec.Malformed.tooLong) { try gzip.inflate(bomb) }
    }

    @Test func textPings() {
        func answer(_ text: String) -> String? {
            guard case .ping(let answer)? = TextPing.parse(ByteBuffer(string: text)) else { return nil }
            return String(buffer: answer)
        }
        #expect(answer(#"{"type":"ping"}"#) == #"{"type":"pong","body":null}"#)
        #expect(answer(#"{"type":"ping","body":"b1"}"#) == #"{"type":"pong","body":"b1"}"#)
        #expect(
            answer(#" { "Body" : { "a b" : [ 1 , "<\" >" ] } , "type" : "ping" } "#)
                == #"{"type":"pong","body":{"a b":[1,"\u003c\" \u003e"]}}"#)
        #expect(TextPing.parse(ByteBuffer(string: #"{"type":"pong"}"#)) == .pong)
        for text in ["", "ping", "{}", #"{"type":"x"}"#, #"{"type":"ping"} x"#, #"{"type":"ping","body":}"#] {
            #expect(TextPing.parse(ByteBuffer(string: text)) == nil)
        }
    }

    /// Whatever comes is read or refused, never a trap, and what is read can be answered.
    @Test func mutatedFrames() throws {
        var random = TestRandom(seed: TestSeed.value)
        let seeds =
            goVectors.compactMap(\.gobHex).map(GoFrames.bytes) + goVectors.compactMap(\.json).map { Array($0.utf8) }
            + OpenIMVectors.all.foreign.map(\.gob) + goVectors.compactMap(\.gzipGobHex).map(GoFrames.bytes)
        var read = 0
        for round in 0..<20_000 {
            var bytes = seeds[Int.random(in: 0..<seeds.count, using: &random)]
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2: bytes.removeSubrange(index...)
                case 3: bytes.insert([0, 0xff, 0xf8, 0x80, 0x7f][Int.random(in: 0..<5, using: &random)], at: index)
                default: bytes.insert(contentsOf: bytes[..<index], at: index)
                }
            }
            let buffer = ByteBuffer(bytes: bytes)
            _ = TextPing.parse(buffer)
            _ = BackgroundStatus.parse(buffer)
            for text in [OpenIMEncoding.Text.gob(typeID: 64), .json] {
                let encoding = encoding(text, isCompressed: round % 8 == 0)
                guard let request = try? encoding.decode(buffer, gzip: gzip) else { continue }
                read += 1
                let response = OpenIMResponse(
                    identifier: request.identifier, msgIncr: request.msgIncr, operationID: request.operationID,
                    errorMessage: String(buffer: request.sendID), data: request.data)
                #expect(encoding.encode(response, gzip: gzip, allocator: allocator).readableBytes > 0)
            }
        }
        #expect(read > 1000, "seed \(TestSeed.value)")
    }
}
