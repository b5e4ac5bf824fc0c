extension TargetURL {
    /// Reads a `ws://` or `wss://` URL (RFC 6455 §3, RFC 3986).
    ///
    /// Path and query may hold placeholders.
    /// - Throws: what is wrong and in which column.
    package init(parsing text: String) throws(TextProblem) {
        var scanner = TextScanner(text)
        let isSecure = try scanner.takeScheme()
        let (host, port) = try scanner.takeAuthority()
        self.init(
            isSecure: isSecure, host: host, port: port ?? Self.defaultPort(isSecure: isSecure),
            resource: try scanner.takeResource())
    }
}

extension TextScanner {
    /// Reads `ws://` or `wss://`; true for the latter.
    fileprivate mutating func takeScheme() throws(TextProblem) -> Bool {
        let scheme = take { $0 != ":" && $0 != "/" && $0 != " " }
        guard !scheme.isEmpty, take("://") else {
            throw problem(
                "expected a URL that begins with ws:// or wss://, found \(text.quoted)", at: 0,
                hint: text.isEmpty || text.contains(" ") || text.contains("://") ? nil : "did you mean ws://\(text)?")
        }
        switch scheme.lowercased() {
        case "ws": return false
        case "wss": return true
        case let other:
            let secure = other == "https" || other == "tls"
            let hint = other == "http" || secure ? "write \(secure ? "wss" : "ws")://\(rest)" : nil
            throw problem("expected ws:// or wss://, found \((scheme + "://").quoted)", at: 0, hint: hint)
        }
    }

    /// Reads host and port.
    fileprivate mutating func takeAuthority() throws(TextProblem) -> (host: String, port: Int?) {
        let start = offset
        var ahead = self
        let authority = ahead.take { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = authority.unicodeScalars.firstIndex(of: "@") {
            throw problem(
                "a WebSocket URL has no user info (RFC 6455 §3)",
                at: start + authority.unicodeScalars.distance(from: authority.startIndex, to: at),
                hint: "send credentials in the query or in connect.headers")
        }
        if let brace = authority.unicodeScalars.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            throw problem(
                "placeholders are allowed in path and query only",
                at: start + authority.unicodeScalars.distance(from: authority.startIndex, to: brace))
        }
        let host = take("[") ? try takeIPv6(from: start) : try takeHostName()
        var port: Int?
        if take(":") { port = try takePort() }
        guard isAtEnd || next == "/" || next == "?" || next == "#" else {
            throw problem("expected a port, a path or the end of the URL, found \(rest.quoted)")
        }
        return (host, port)
    }

    private mutating func takeIPv6(from start: Int) throws(TextProblem) -> String {
        let address = take { $0 != "]" && $0 != "/" }
        guard take("]") else { throw problem("[ without its ]", at: start) }
        guard NumericAddress.isIPv6(address) else {
            throw problem(
                "expected an IPv6 address in the brackets, found \(address.quoted)", at: start + 1,
                hint: address.contains("%") ? "zones (%eth0) cannot be used in a WebSocket URL" : nil)
        }
        return address
    }

    private mutating func takeHostName() throws(TextProblem) -> String {
        let start = offset
        let host = take { $0 != ":" && $0 != "/" && $0 != "?" && $0 != "#" }
        if NumericAddress.isIPv6(host + rest) || rest.hasPrefix("::") {
            throw problem("an IPv6 address needs brackets", at: start, hint: "e.g. ws://[::1]:8080/")
        }
        if let fault = HostName.fault(in: host) {
            throw problem(fault.message, at: start + fault.offset, hint: fault.hint)
        }
        return host
    }

    private mutating func takePort() throws(TextProblem) -> Int {
        let start = offset
        let digits = take { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let port = Int(digits), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), (1...65535).contains(port)
        else {
            throw problem(
                "expected a port from 1 to 65535, found \(digits.isEmpty ? "nothing" : digits.quoted)", at: start)
        }
        return port
    }

    /// Reads path and query to the end.
    fileprivate mutating func takeResource() throws(TextProblem) -> Template {
        var segments: [Template.Segment] = []
        var literal: [UInt8] = next == "/" ? [] : [UInt8(ascii: "/")]
        while let scalar = next {
            let start = offset
            if scalar == "{" {
                let placeholder = try takePlaceholder()
                if !literal.isEmpty { segments.append(.literal(literal)) }
                segments.append(.placeholder(placeholder))
                literal = []
                continue
            }
            _ = take(scalar)
            if scalar == "%" {
                let digits = text(offset..<offset + 2)
                guard digits.count == 2, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
                    throw problem(
                        "expected two hexadecimal digits after %", at: start,
                        hint: "write %25 for the percent sign itself")
                }
            } else if !HostName.isResourceCharacter(scalar) {
                throw Self.badResource(scalar, self, at: start)
            }
            literal.append(contentsOf: String(scalar).utf8)
        }
        if !literal.isEmpty { segments.append(.literal(literal)) }
        return Template(segments: segments)
    }

    private static func badResource(_ scalar: Unicode.Scalar, _ scanner: TextScanner, at offset: Int) -> TextProblem {
        if scalar == "#" {
            return scanner.problem(
                "a WebSocket URL has no fragment (RFC 6455 §3)", at: offset, hint: "write %23 for the # itself")
        }
        let encoded = String(scalar).utf8.map { byte in
            "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
        return scanner.problem(
            "\(String(scalar).quoted) cannot stand in a URL", at: offset, hint: "write \(encoded)")
    }
}
