/// Everything that is wrong with a profile, in the order of the document, options last.
package struct ProfileError: Error, Equatable, Sendable {
    /// The profile's name for messages: a path, or the name of a ready profile.
    package var file: String
    /// At least one.
    package var problems: [ProfileProblem]
    /// Problems beyond those that are listed.
    package var unlistedCount: Int

    package init(file: String, problems: [ProfileProblem], unlistedCount: Int = 0) {
        self.file = file
        self.problems = problems
        self.unlistedCount = unlistedCount
    }
}

extension ProfileError: CustomStringConvertible {
    package var description: String {
        let count = problems.count + unlistedCount
        var text = problems.map { $0.description(file: file) }.joined(separator: "\n")
        if unlistedCount > 0 { text += "\n… and \(unlistedCount) more" }
        return text + "\n\(count) problem\(count == 1 ? "" : "s")"
    }
}
