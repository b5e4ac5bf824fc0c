/// Where an HTTP API is: scheme, host and port.
enum APIAddress {
    /// Reads `http://HOST:PORT` or `https://HOST:PORT`; a slash at the end is left out.
    /// - Throws: what is wrong and in which column.
    static func parse(_ text: String) throws(TextProblem) -> String {
        try MonitorURL.check(text)
        var scanner = TextScanner(text)
        _ = scanner.take { $0 != "/" }
        _ = scanner.take("//")
        let address = scanner.take { $0 != "/" && $0 != "?" }
        let end = scanner.offset
        guard scanner.isAtEnd || scanner.rest == "/" else {
            throw scanner.problem(
                "expected http://HOST:PORT without a path, found \(scanner.rest.quoted)", at: end,
                hint: "write \(scanner.text(0..<end)); the calls' paths are known")
        }
        return text.hasPrefix("https") ? "https://\(address)" : "http://\(address)"
    }
}
