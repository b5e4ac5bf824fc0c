extension Template {
    /// Reads text with placeholders in braces.
    /// - Throws: an unknown placeholder or a single brace, with its column.
    package init(parsing text: String) throws(TextProblem) {
        var scanner = TextScanner(text)
        var segments: [Segment] = []
        var literal: [UInt8] = []
        while let scalar = scanner.next {
            literal.append(contentsOf: scanner.take { $0 != "{" && $0 != "}" }.utf8)
            if scanner.take("{{") {
                literal.append(UInt8(ascii: "{"))
            } else if scanner.take("}}") {
                literal.append(UInt8(ascii: "}"))
            } else if scalar == "{" || scanner.next == "{" {
                let placeholder = try scanner.takePlaceholder()
                if !literal.isEmpty { segments.append(.literal(literal)) }
                segments.append(.placeholder(placeholder))
                literal = []
            } else if scanner.next == "}" {
                throw scanner.problem("a single } without its {", hint: "write }} for a brace itself")
            }
        }
        if !literal.isEmpty { segments.append(.literal(literal)) }
        self.segments = segments
    }
}

extension TextScanner {
    /// Reads `{name}`.
    mutating func takePlaceholder() throws(TextProblem) -> Template.Placeholder {
        let start = offset
        _ = take("{")
        let name = take { $0 != "}" && $0 != "{" }
        guard take("}") else {
            throw problem("{ without its }", at: start, hint: "write {{ for a brace itself")
        }
        guard let placeholder = Template.Placeholder(rawValue: name) else {
            let names = Template.Placeholder.allCases.map(\.rawValue)
            let isName =
                !name.isEmpty
                && name.utf8.allSatisfy { $0 == UInt8(ascii: "_") || ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }
            let hint =
                if let nearest = NearestName.find(name, in: names) {
                    "did you mean {\(nearest)}?"
                } else if isName {
                    "the placeholders are " + names.map { "{\($0)}" }.joined(separator: ", ")
                } else {
                    "write {{ and }} for braces themselves"
                }
            throw problem("unknown placeholder \("{\(name)}".quoted)", at: start, hint: hint)
        }
        return placeholder
    }
}
