/// One thing that is wrong with a profile or with an option that changes it.
package struct ProfileProblem: Equatable, Sendable {
    package enum Place: Equatable, Sendable {
        /// Line and column from 1, column in Unicode scalars. `path` leads to the value, e.g. `steps[1].send.text`;
        /// empty for the whole document.
        case document(line: Int, column: Int, path: String)
        /// An option of the command line with its dashes, e.g. `--duration`.
        case option(String)
    }

    package var place: Place
    /// What was expected and what was found.
    package var message: String
    /// What to write instead, if that can be told.
    package var hint: String?
    /// The line that is meant.
    package var excerpt: Excerpt?

    package init(place: Place, message: String, hint: String? = nil, excerpt: Excerpt? = nil) {
        self.place = place
        self.message = message
        self.hint = hint
        self.excerpt = excerpt
    }

    /// Line in the document; nil for an option.
    package var line: Int? {
        if case .document(let line, _, _) = place { line } else { nil }
    }

    /// Column in the document; nil for an option.
    package var column: Int? {
        if case .document(_, let column, _) = place { column } else { nil }
    }

    /// Path in the document, or the option.
    package var path: String {
        switch place {
        case .document(_, _, let path): path
        case .option(let name): name
        }
    }

    /// The problem as a compiler would print it: `file:line:column: path: message`, the line with a caret, the hint.
    package func description(file: String) -> String {
        var text = ""
        switch place {
        case .document(let line, let column, let path):
            text += "\(file):\(line):\(column): " + (path.isEmpty ? "" : "\(path): ")
        case .option(let name):
            text += "\(name): "
        }
        text += message
        if let excerpt { text += "\n\(excerpt)" }
        if let hint { text += "\n    hint: \(hint)" }
        return text
    }
}
