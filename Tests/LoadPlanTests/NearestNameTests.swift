import Testing

@testable import LoadPlan

@Suite struct NearestNameTests {
    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("recieve", "receive", 1), ("ca", "abc", 3),
        ("same", "same", 0),
    ])
    func distance(left: String, right: String, distance: Int) {
        #expect(NearestName.editDistance(Array(left.unicodeScalars), Array(right.unicodeScalars)) == distance)
        #expect(NearestName.editDistance(Array(right.unicodeScalars), Array(left.unicodeScalars)) == distance)
    }

    @Test func findsSlipsOnly() {
        let names = ["connect", "close", "receive", "wait"]
        #expect(NearestName.find("conect", in: names) == "connect")
        #expect(NearestName.find("RECIEVE", in: names) == "receive")
        #expect(NearestName.find("wat", in: names) == "wait")
        #expect(NearestName.find("subscribe", in: names) == nil)
        #expect(NearestName.find("x", in: ["y"]) == nil)
        #expect(NearestName.find(String(repeating: "x", count: 100_000), in: names) == nil)
    }
}
