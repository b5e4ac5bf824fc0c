/// A login's right to connect.
package struct Credential: Equatable, Sendable {
    package var userID: String
    package var platformID: Int
    package var token: String

    package init(userID: String, platformID: Int, token: String) {
        self.userID = userID
        self.platformID = platformID
        self.token = token
    }
}

extension Credential {
    /// Reads a file of them: CSV with `userID,platformID,token` (a header line is allowed), or a JSON object with these keys per line.
    ///
    /// - Throws: what is wrong and in which line; never the token.
    package static func parse(_ text: String) throws(CredentialProblem) -> [Credential] { [] }

    /// The same as CSV, with a header line.
    package static func csv(_ credentials: [Credential]) -> String { "" }
}

/// A line that is no credential.
package struct CredentialProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// From 1.
    package var line: Int
    package var what: String

    package init(line: Int, what: String) {
        self.line = line
        self.what = what
    }

    package var description: String { "line \(line): \(what)" }
}
