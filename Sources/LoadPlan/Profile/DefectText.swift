/// The shape of a defect's text, `NAME` or `NAME:k=v,…`; which names and keys there are the gateway knows.
enum DefectText {
    static let schemaPattern = "^[a-z][a-z-]*(:[a-z_0-9]+=[^,]+(,[a-z_0-9]+=[^,]+)*)?$"

    /// The word that stands for no defect on the command line.
    static let none = "none"

    /// Checks the shape.
    /// - Throws: what is wrong and in which column.
    static func check(_ text: String) throws(TextProblem) {
        var scanner = TextScanner(text)
        let name = scanner.take { $0 == "-" || ("a"..."z").contains($0) }
        guard !name.isEmpty, !name.hasPrefix("-") else {
            throw scanner.problem("expected a defect's name (small letters and -), found \(text.quoted)", at: 0)
        }
        if name == none, scanner.isAtEnd {
            throw scanner.problem("none is no defect", at: 0, hint: "leave it out")
        }
        if scanner.isAtEnd { return }
        guard scanner.take(":") else {
            throw scanner.problem(
                "expected : or the end behind the defect's name, found \(scanner.rest.quoted)",
                hint: "e.g. \(name):key=value,key=value")
        }
        repeat { try checkOption(&scanner) } while scanner.take(",")
    }

    private static func checkOption(_ scanner: inout TextScanner) throws(TextProblem) {
        let start = scanner.offset
        let key = scanner.take { $0 == "_" || ("a"..."z").contains($0) || ("0"..."9").contains($0) }
        guard !key.isEmpty, scanner.take("=") else {
            let option = scanner.text(start..<scanner.offset) + scanner.rest.prefix { $0 != "," }
            throw scanner.problem("expected key=value, found \(option.isEmpty ? "nothing" : option.quoted)", at: start)
        }
        let value = scanner.take {
            $0 != "," && $0 != " " && $0.properties.generalCategory != .control
        }
        guard !value.isEmpty, scanner.isAtEnd || scanner.next == "," else {
            throw scanner.problem("expected a value without spaces behind \(key)=")
        }
    }
}
