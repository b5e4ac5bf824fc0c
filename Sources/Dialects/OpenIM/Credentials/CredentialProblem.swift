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
