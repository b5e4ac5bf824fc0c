import LoadMetrics
import RunReport
import Testing

@Suite struct CompressedHistogramTests {
    private func sample() -> TimingHistogram {
        var histogram = TimingHistogram()
        for us in stride(from: Int64(1), to: 2_000_000, by: 997) { histogram.record(ns: us * 1000) }
        return histogram
    }

    @Test func survives() throws {
        let text = CompressedHistogram.encode(sample())
        #expect(text.hasPrefix("HISTFAAA"))
        #expect(HistogramCodec.encode(try CompressedHistogram.decode(text)) == HistogramCodec.encode(sample()))
        #expect(try CompressedHistogram.decode(CompressedHistogram.encode(TimingHistogram())).isEmpty)
    }

    @Test func hostileTextIsRefused() throws {
        let bytes = try #require(Base64.decode(CompressedHistogram.encode(sample())))
        func fault(_ change: (inout [UInt8]) -> Void) -> CompressedHistogram.Fault? {
            var changed = bytes
            change(&changed)
            do throws(CompressedHistogram.Fault) {
                _ = try CompressedHistogram.decode(Base64.encode(changed))
                return nil
            } catch { return error }
        }
        #expect(fault { _ in } == nil)
        #expect(fault { $0 = [] } == .notCompressedHistogram)
        #expect(fault { $0[1] = 0 } == .notCompressedHistogram)
        #expect(fault { $0[7] ^= 1 } == .wrongLength)
        #expect(fault { $0.removeLast() } == .wrongLength)
        #expect(fault { $0[20] ^= 0x55 } == .corruptStream)
        #expect(throws: CompressedHistogram.Fault.notBase64) { try CompressedHistogram.decode("not base64") }
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (String(repeating: "a", count: 1_000), "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"),
    ])
    func sha256IsTheStandards(text: String, digest: String) {
        #expect(SHA256.hexDigest(of: Array(text.utf8)) == digest)
    }
}
