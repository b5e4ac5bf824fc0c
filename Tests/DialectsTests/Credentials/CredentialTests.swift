import Testing

@testable import Dialects

@Suite struct CredentialTests {
    private static let two = [
        Credential(userID: "u1", platformID: 1, token: "t1"), Credential(userID: "u1", platformID: 5, token: "t2"),
    ]

    @Test(arguments: [
        "u1,1,t1\nu1,5,t2", "userID,platformID,token\r\nu1,1,t1\r\n\r\nu1,5,t2\r\n",
        "\u{FEFF}USERID,platformid,Token\nu1,1,t1\nu1,5,t2\n",
        "\"u1\",\"1\",\"t1\"\n\"u1\",5,t2\n", "\n\nu1,1,t1\nu1,5,t2",
        #"{"userID":"u1","platformID":1,"token":"t1"}"# + "\n\n"
            + #" {"token":"t2","platformID":5,"userID":"u\u0031","expires":7} "# + "\r\n",
    ])
    func isRead(_ text: String) throws {
        #expect(try Credential.parse(text) == Self.two)
    }

    @Test func quotedFields() throws {
        let text = "\"a,\"\"b\"\"\",2,\"x\r\ny\"\nplain,3,t\n"
        let read = try Credential.parse(text)
        #expect(read.map(\.userID) == ["a,\"b\"", "plain"])
        #expect(read.map(\.token) == ["x\r\ny", "t"])
        #expect(try Credential.parse(Credential.csv(read)) == read)
    }

    @Test func nothingIsNothing() throws {
        #expect(try Credential.parse("").isEmpty)
        #expect(try Credential.parse("userID,platformID,token\n").isEmpty)
        #expect(Credential.csv([]) == "userID,platformID,token\n")
    }

    @Test func writtenIsRead() throws {
        var random = SeededRandom()
        var credentials: [Credential] = []
        for number in 0..<500 {
            let tail = random.text(random.below(12))
            credentials.append(
                Credential(userID: "u\(number)" + tail, platformID: 1 + random.below(10), token: random.text(20) + "."))
        }
        #expect(try Credential.parse(Credential.csv(credentials)) == credentials, "seed \(random.seed)")
    }

    private static let secret = "SECRET"

    private static let wrong: [(String, Int, String)] = [
        ("u1,1\n", 1, "2 columns"), ("u1,1,SECRET,SECRET\n", 1, "4 columns"),
        ("u1,1,t\nu2,SECRET,SECRET\n", 2, "no number"),
        (",1,SECRET\n", 1, "user ID is empty"), ("u1,1,\n", 1, "token is empty"), ("u1,0,SECRET\n", 1, "out of range"),
        ("u1,-1,SECRET\n", 1, "out of range"), ("u1,4294967296,SECRET\n", 1, "out of range"),
        ("u1,1,t\n\n\"u2\",1,\"SECRET\n\n", 3, "not closed"), ("u1,1,\"SECRET\"x\n", 1, "behind a closing quote"),
        ("u1,1,SEC\"RET\n", 1, "a quote within"), ("\"a\nb\",1,t\nu2,x,SECRET\n", 3, "no number"),
        ("userID,platformID,token\nu1,1,SECRET\nu2,1,SECRET\nu1,1,SECRET\n", 4, "as in line 2"),
        ("u1,1,t\nuserID,platformID,token\n", 2, "no number"),
        (#"{"userID":"u1","platformID":1,"token":"t"}"# + "\nSECRET", 2, "not a JSON object"),
        (#"{"userID":"u1","platformID":"1","token":"SECRET"}"#, 1, "not a JSON object"),
        (#"{"userID":"u1","token":"SECRET"}"#, 1, "not a JSON object"),
        (#"{"userID":"","platformID":1,"token":"SECRET"}"#, 1, "user ID is empty"),
        (
            #"{"userID":"u1","platformID":1,"token":"SECRET"}"# + "\n"
                + #"{"userID":"u1","platformID":1,"token":"SECRET"}"#,
            2, "as in line 1"
        ),
    ]

    @Test(arguments: wrong.indices)
    func theLineIsNamedAndTheTokenIsNot(_ index: Int) {
        let (text, line, what) = Self.wrong[index]
        do {
            _ = try Credential.parse(text)
            Issue.record("\(text) is read")
        } catch {
            #expect(error.line == line, "\(text): \(error)")
            #expect(error.what.contains(what), "\(text): \(error)")
            #expect(!error.description.contains(Self.secret))
        }
    }

    /// Two IDs that look alike are two users.
    @Test func usersAreComparedByBytes() throws {
        let composed = "\u{E9}"
        let decomposed = "e\u{301}"
        #expect(try Credential.parse("\(composed),1,t\n\(decomposed),1,t\n").count == 2)
    }
}
