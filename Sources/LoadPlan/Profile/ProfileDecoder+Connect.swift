extension ProfileDecoder {
    /// OpenIM's gateway ends a connection that it has not heard of for 30 s.
    var standardConnect: Connect { Connect(heartbeat: dialect == .openim ? .seconds(25) : nil) }

    mutating func decodeConnect(_ value: DocumentValue) -> Connect? {
        if value.isNull { return standardConnect }
        guard let fields = fields(of: value, as: ConnectKey.self) else { return nil }
        return decodeConnect { fields[$0] }
    }

    /// - Parameter given: what is written for a key.
    mutating func decodeConnect(_ given: (ConnectKey) -> DocumentValue?) -> Connect {
        var connect = standardConnect
        if let admit = given(.admit) {
            connect.admit =
                word(admit, of: Connect.Admit.allCases.map(\.rawValue)).flatMap { .init(rawValue: $0) } ?? .pong
        }
        connect.headers = given(.headers).map { decodeHeaders($0) } ?? []
        connect.subprotocols = given(.subprotocols).map { decodeSubprotocols($0) } ?? []
        connect.heartbeat = given(.heartbeat).flatMap { duration($0, mayBeZero: false) } ?? connect.heartbeat
        return connect
    }

    private mutating func decodeHeaders(_ value: DocumentValue) -> [Header] {
        guard case .mapping(let entries) = value.content else {
            if case .unreadable = value.content { return [] }
            problems.add("expected a mapping of names to values, found \(value.found)", at: value)
            return []
        }
        var headers: [Header] = []
        for entry in entries {
            if let fault = HeaderRules.nameFault(entry.key) {
                problems.add(fault.message, at: entry.keyMark, path: entry.value.path, hint: fault.hint)
            } else if headers.contains(where: { $0.name.lowercased() == entry.key.lowercased() }) {
                problems.add(
                    "the header \(entry.key) is given twice; case does not matter", at: entry.keyMark,
                    path: entry.value.path)
            }
            guard let template = template(entry.value, expected: "a header's value", identifiesLogin: true) else {
                continue
            }
            if !HeaderRules.isValue(template.literalBytes) {
                problems.add(
                    "a header's value has printable ASCII characters only, without line breaks", at: entry.value)
            }
            headers.append(Header(name: entry.key, value: template))
        }
        return headers
    }

    private mutating func decodeSubprotocols(_ value: DocumentValue) -> [String] {
        guard let items = list(value, of: "subprotocols") else { return [] }
        if items.isEmpty {
            problems.add("expected at least one subprotocol", at: value, hint: "leave subprotocols out")
        }
        var names: [String] = []
        for item in items {
            guard let name = text(item) else { continue }
            if !HeaderRules.isToken(name) {
                problems.add("expected a token (letters, digits and !#$%&'*+-.^_`|~), found \(name.quoted)", at: item)
            } else if names.contains(name) {
                problems.add("the subprotocol \(name) is listed twice (RFC 6455 §4.1)", at: item)
            }
            names.append(name)
        }
        return names
    }
}

/// What may be added to an upgrade request.
enum HeaderRules {
    /// What is wrong with a header's name; nil when it may be set.
    static func nameFault(_ name: String) -> (message: String, hint: String?)? {
        guard isToken(name) else {
            return ("expected a header's name (letters, digits and !#$%&'*+-.^_`|~), found \(name.quoted)", nil)
        }
        let lowercased = name.lowercased()
        switch lowercased {
        case "sec-websocket-protocol": return ("the client sets \(name) itself", "use connect.subprotocols")
        case "host": return ("the client sets \(name) itself", "it is the target's host")
        case "upgrade", "connection": return ("the client sets \(name) itself", nil)
        case _ where lowercased.hasPrefix("sec-websocket-"):
            return ("the client sets \(name) itself", nil)
        case "content-length", "transfer-encoding", "trailer", "expect":
            return ("\(name) has no place in an upgrade request, which has no body", nil)
        default: return nil
        }
    }

    /// A token of RFC 9110 §5.6.2.
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic || ("0"..."9").contains($0)
                        || "!#$%&'*+-.^_`|~".unicodeScalars.contains($0))
            }
    }

    /// Printable ASCII, spaces and tabs: RFC 9110 §5.5 without the obsolete bytes above 0x7F.
    static func isValue(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x09 }
    }
}
