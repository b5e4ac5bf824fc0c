/// Why a short text of the user's (a duration, a URL, a template, a threshold) cannot be read.
package struct TextProblem: Error, Equatable, Sendable {
    /// What was read.
    package var text: String
    /// Where, in Unicode scalars from 1; one behind the last when something is missing at the end.
    package var column: Int
    /// What was expected and what was found.
    package var message: String
    /// What to write instead, if that can be told.
    package var hint: String?

    package init(text: String, column: Int, message: String, hint: String? = nil) {
        self.text = text
        self.column = column
        self.message = message
        self.hint = hint
    }
}

extension TextProblem: CustomStringConvertible {
    /// Message, text, caret and hint, on lines of their own.
    package var description: String {
        let excerpt = Excerpt(line: text, column: column)
        return ([message, excerpt.description] + (hint.map { ["hint: \($0)"] } ?? [])).joined(separator: "\n")
    }
}
