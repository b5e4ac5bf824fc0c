import Testing

@testable import WebSocketWire

struct HandshakeKeyTests {
    private static func digest(_ text: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: SHA1.digestBytes)
        digest.withUnsafeMutableBytes { room in
            text.withUnsafeBytes { SHA1.digest($0, to: room.baseAddress!) }
        }
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Vectors of RFC 3174 §7.3 and of FIPS 180-2 appendix A; lengths 55, 56 and 64 are the padding's limits.
    @Test func sha1Vectors() {
        #expect(Self.digest([]) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        #expect(Self.digest(Array("abc".utf8)) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(
            Self.digest(Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
                == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
        #expect(
            Self.digest([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
                == "34aa973cd4c4daa4f61eeb2bdbad27316534016f")
        let digits = Array(String(repeating: "01234567", count: 80).utf8)
        #expect(Self.digest(digits) == "dea356a2cddd90c7a7ecedc5ebb563934f460452")
        #expect(Self.digest([UInt8](repeating: 0x61, count: 55)) == "c1c8bbdc22796e28c0e15163d20899b65621d65a")
        #expect(Self.digest([UInt8](repeating: 0x61, count: 56)) == "c2db330f6083854c99d4b5bfb6e8f29f201be699")
        #expect(Self.digest([UInt8](repeating: 0x61, count: 64)) == "0098ba824b5c16427bd7a1122a5a442a25ec644d")
    }

    /// RFC 4648 §10.
    private static let vectors: [(String, String)] = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ]

    @Test(arguments: vectors)
    func base64Vectors(_ plain: String, _ encoded: String) {
        #expect(Self.base64(Array(plain.utf8)) == encoded)
    }

    @Test func base64UsesTheWholeAlphabet() {
        let bytes = (0..<64).reduce(into: [UInt8]()) { bytes, value in
            if value % 4 == 0 {
                bytes += [UInt8(value << 2 | (value + 1) >> 4), UInt8((value + 1) << 4 & 255 | (value + 2) >> 2)]
            }
            if value % 4 == 3 { bytes.append(UInt8((value - 1) << 6 & 255 | value)) }
        }
        #expect(Self.base64(bytes) == "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        var text = [UInt8](repeating: 0, count: Base64.encodedBytes(bytes.count) + 1)
        text.withUnsafeMutableBytes { room in
            bytes.withUnsafeBytes { Base64.encode($0, to: room.baseAddress!) }
        }
        return String(decoding: text.dropLast(), as: UTF8.self)
    }

    /// RFC 6455 §1.3: "the sample nonce" and its answer.
    @Test func exampleOfTheRFC() {
        let key = HandshakeSamples.key
        #expect(HandshakeSamples.text(of: key) == "dGhlIHNhbXBsZSBub25jZQ==")
        #expect(HandshakeSamples.accept(of: key) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test func acceptsItsOwnAnswerOnly() {
        let right = Array(HandshakeSamples.accept(of: HandshakeSamples.key).utf8)
        #expect(right.withUnsafeBytes { HandshakeSamples.key.accepts($0) })
        for index in right.indices {
            var wrong = right
            wrong[index] ^= 1
            #expect(!wrong.withUnsafeBytes { HandshakeSamples.key.accepts($0) })
        }
        #expect(!right.dropLast().withUnsafeBytes { HandshakeSamples.key.accepts($0) })
        #expect(!(right + [0x20]).withUnsafeBytes { HandshakeSamples.key.accepts($0) })
        #expect(!right.withUnsafeBytes { HandshakeKey(random: (1, 2)).accepts($0) })
    }
}
