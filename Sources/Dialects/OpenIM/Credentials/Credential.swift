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
    /// Reads a file of them: CSV with `userID,platformID,token` (a header line is allowed), or a JSON object with these
    /// keys per line. Empty lines are passed over.
    ///
    /// - Throws: what is wrong and in which line; never the token.
    package static func parse(_ text: String) throws(CredentialProblem) -> [Credential] {
        var bytes = Array(text.utf8)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        let lines = try first == UInt8(ascii: "{") ? parseObjects(bytes) : parseRows(bytes)
        var lineOfLogin: [Login: Int] = [:]
        for (line, credential) in lines {
            let login = Login(userID: Array(credential.userID.utf8), platformID: credential.platformID)
            if let earlier = lineOfLogin.updateValue(line, forKey: login) {
                throw CredentialProblem(line: line, what: "the same user and platform as in line \(earlier)")
            }
        }
        return lines.map(\.credential)
    }

    /// The same as CSV (RFC 4180), with a header line.
    package static func csv(_ credentials: [Credential]) -> String {
        var text = columns.joined(separator: ",") + "\n"
        for credential in credentials {
            text += "\(quoted(credential.userID)),\(credential.platformID),\(quoted(credential.token))\n"
        }
        return text
    }

    private static let columns = ["userID", "platformID", "token"]

    private struct Login: Hashable {
        /// As bytes, as the server compares: Swift's strings are equal when they look the same.
        let userID: [UInt8]
        let platformID: Int
    }

    private static func parseRows(
        _ bytes: [UInt8]
    ) throws(CredentialProblem) -> [(line: Int, credential: Credential)] {
        var credentials: [(line: Int, credential: Credential)] = []
        var rows = CSVRows(bytes)
        var isFirst = true
        while let row = try rows.next() {
            defer { isFirst = false }
            let isHeader = isFirst && row.fields.map { $0.lowercased() } == columns.map { $0.lowercased() }
            guard !isHeader else { continue }
            guard row.fields.count == columns.count else {
                throw CredentialProblem(
                    line: row.line, what: "\(row.fields.count) columns instead of userID,platformID,token")
            }
            guard let platformID = Int(row.fields[1]) else {
                throw CredentialProblem(line: row.line, what: "the platform ID is no number")
            }
            let credential = Credential(userID: row.fields[0], platformID: platformID, token: row.fields[2])
            credentials.append((row.line, try checked(credential, line: row.line)))
        }
        return credentials
    }

    private static func parseObjects(
        _ bytes: [UInt8]
    ) throws(CredentialProblem) -> [(line: Int, credential: Credential)] {
        let table = FieldTable([
            FieldTable.Field(name: "userID", kind: .string), FieldTable.Field(name: "platformID", kind: .int32),
            FieldTable.Field(name: "token", kind: .string),
        ])
        var credentials: [(line: Int, credential: Credential)] = []
        for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            guard line.contains(where: { ![0x20, 0x09, 0x0D].contains($0) }) else { continue }
            let parsed: Credential? = line.withUnsafeBytes { text in
                SmallJSONObject.read(text, as: table) { values in
                    guard (0..<3).allSatisfy({ values[$0].isPresent }) else { return nil }
                    return Credential(
                        userID: String(decoding: values[0].bytes, as: UTF8.self), platformID: Int(values[1].number),
                        token: String(decoding: values[2].bytes, as: UTF8.self))
                }
            }
            guard let parsed else {
                throw CredentialProblem(
                    line: index + 1,
                    what: "not a JSON object with the strings userID and token and the number platformID")
            }
            credentials.append((index + 1, try checked(parsed, line: index + 1)))
        }
        return credentials
    }

    private static func checked(_ credential: Credential, line: Int) throws(CredentialProblem) -> Credential {
        guard !credential.userID.isEmpty else { throw CredentialProblem(line: line, what: "the user ID is empty") }
        guard credential.platformID > 0, credential.platformID <= Int(Int32.max) else {
            throw CredentialProblem(line: line, what: "the platform ID is out of range")
        }
        guard !credential.token.isEmpty else { throw CredentialProblem(line: line, what: "the token is empty") }
        return credential
    }

    private static func quoted(_ field: String) -> String {
        guard field.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return field }
        var text = "\""
        for scalar in field.unicodeScalars {
            if scalar == "\"" { text += "\"" }
            text.unicodeScalars.append(scalar)
        }
        return text + "\""
    }
}
