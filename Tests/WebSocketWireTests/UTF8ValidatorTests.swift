import Testing

@testable import WebSocketWire

struct UTF8ValidatorTests {
    /// Nil: refused; otherwise whether the text may end here.
    private static func verdict(_ pieces: [ArraySlice<UInt8>]) -> Bool? {
        var validator = UTF8Validator()
        for piece in pieces {
            guard Array(piece).withUnsafeBytes({ validator.consume($0) }) else { return nil }
        }
        return validator.isAtBoundary
    }

    private static func expected(_ bytes: [UInt8]) -> Bool? {
        if String(validating: bytes, as: UTF8.self) != nil { return true }
        return ReferenceReader.mayBecomeUTF8(bytes) ? false : nil
    }

    /// Leads and trailing bytes on both sides of every limit in Unicode's table 3-7.
    private static let edges: [UInt8] = [
        0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
        0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFF,
    ]

    private static func check(_ bytes: [UInt8]) {
        let expected = expected(bytes)
        #expect(verdict([bytes[...]]) == expected, "\(bytes)")
        // Behind ASCII, so that every byte also meets the loops for words and whole characters.
        #expect(verdict([([UInt8](repeating: 0x61, count: 9) + bytes)[...]]) == expected, "\(bytes) behind ASCII")
        for cut in 1..<max(1, bytes.count) {
            #expect(verdict([bytes[..<cut], bytes[cut...]]) == expected, "\(bytes) cut at \(cut)")
        }
        #expect(verdict(bytes.map { [$0] }) == expected, "\(bytes) byte by byte")
    }

    @Test func allSequencesOfTwoBytes() {
        for first in 0...255 {
            for second in 0...255 { Self.check([UInt8(first), UInt8(second)]) }
        }
    }

    @Test func allSequencesOfFourEdgeBytes() {
        for first in Self.edges where first >= 0xC0 {
            for second in Self.edges {
                for third in Self.edges {
                    Self.check([first, second, third])
                    for fourth in Self.edges where first >= 0xF0 { Self.check([first, second, third, fourth]) }
                }
            }
        }
    }

    @Test func everyScalarIsAccepted() {
        var validator = UTF8Validator()
        var refused = 0
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            withUnsafeTemporaryAllocation(byteCount: 4, alignment: 1) { buffer in
                var count = 0
                for byte in UTF8.encode(scalar)! {
                    buffer[count] = byte
                    count += 1
                }
                let isValid = validator.consume(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                if !isValid || !validator.isAtBoundary { refused += 1 }
            }
        }
        #expect(refused == 0)
    }

    @Test func everySurrogateIsRefusedAtItsSecondByte() {
        for value in 0xD800...0xDFFF {
            let second = UInt8(0x80 | value >> 6 & 63)
            #expect(Self.verdict([[0xED, second]]) == nil)
            #expect(Self.verdict([[0xED], [second]]) == nil)
        }
    }

    @Test func aFaultIsFoundAtEveryPlaceOfALongText() {
        for length in 1...70 {
            for place in 0..<length {
                var text = [UInt8](repeating: 0x7A, count: length)
                #expect(Self.verdict([text[...]]) == true)
                text[place] = 0xFF
                #expect(Self.verdict([text[...]]) == nil)
                text[place] = 0xC3
                let expected: Bool? = place == length - 1 ? false : nil
                #expect(Self.verdict([text[...]]) == expected)
            }
        }
    }

    @Test func randomTextsAtRandomCuts() {
        var random = TestRandom(seed: TestSettings.seed)
        for round in 0..<2_000 {
            var text = ServerStream.randomText(1 + random.below(60), using: &random)
            if random.oneIn(2) { text[random.below(text.count)] = UInt8(truncatingIfNeeded: random.next()) }
            let expected = Self.expected(text)
            let cuts = [random.below(text.count + 1), random.below(text.count + 1)].sorted()
            let pieces = [text[..<cuts[0]], text[cuts[0]..<cuts[1]], text[cuts[1]...]]
            #expect(Self.verdict([text[...]]) == expected, "seed \(TestSettings.seed), round \(round)")
            #expect(Self.verdict(pieces) == expected, "seed \(TestSettings.seed), round \(round), cuts \(cuts)")
        }
    }

    @Test func stateIsSmall() {
        #expect(MemoryLayout<UTF8Validator>.size <= 8)
    }
}
