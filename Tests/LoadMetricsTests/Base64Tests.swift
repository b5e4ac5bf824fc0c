import Foundation
import LoadMetrics
import Testing

@Suite struct Base64Tests {
    @Test func agreesWithFoundation() {
        var random = SeededRandom()
        for length in 0..<300 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            let text = Base64.encode(bytes)
            #expect(text == Data(bytes).base64EncodedString(), "seed \(SeededRandom.seed)")
            #expect(Base64.decode(text) == bytes)
        }
    }

    @Test(arguments: ["A", "AA", "AAA", "A===", "====", "AA=A", "AB==", "AAB=", "AA A", "AA-_", "ÄÄ", "AAAA="])
    func refusesWhatIsNotCanonical(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
