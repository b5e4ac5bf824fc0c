/// The shape of an address that is asked over HTTP beside the load: metrics, pprof.
enum MonitorURL {
    /// Checks scheme, host, port and characters (RFC 9110 §4.2, RFC 3986).
    /// - Throws: what is wrong and in which column.
    static func check(_ text: String) throws(TextProblem) {
        var scanner = TextScanner(text)
        guard scanner.take("http://") || scanner.take("https://") else {
            throw scanner.problem(
                "expected a URL that begins with http:// or https://, found \(text.quoted)", at: 0,
                hint: text.isEmpty || text.contains("://") || text.contains(" ") ? nil : "did you mean http://\(text)?")
        }
        // From here on it is what a WebSocket URL is, but that braces are no placeholders.
        if let brace = scanner.rest.unicodeScalars.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            let rest = scanner.rest.unicodeScalars
            throw scanner.problem(
                "placeholders have no meaning in this URL",
                at: scanner.offset + rest.distance(from: rest.startIndex, to: brace))
        }
        do throws(TextProblem) {
            _ = try TargetURL(parsing: "ws://" + scanner.rest)
        } catch {
            throw TextProblem(
                text: text, column: error.column + scanner.offset - "ws://".count, message: error.message,
                hint: error.hint)
        }
    }
}
