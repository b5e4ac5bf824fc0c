/// Which characters the parts of a URL are made of.
enum HostName {
    struct Fault {
        var message: String
        /// Scalars from the start of the name.
        var offset: Int
        var hint: String?
    }

    /// What is wrong with a host: neither an IPv4 address nor labels of letters, digits, `-` and `_` (RFC 1123 §2.1,
    /// with the underscore that names of services have).
    ///
    /// nil when it is fine.
    static func fault(in host: String) -> Fault? {
        guard !host.isEmpty else { return Fault(message: "expected a host", offset: 0) }
        for (offset, scalar) in host.unicodeScalars.enumerated() where !isHostCharacter(scalar) {
            let hint = scalar.isASCII ? nil : "write international names in their xn-- form"
            return Fault(message: "\(String(scalar).quoted) cannot stand in a host name", offset: offset, hint: hint)
        }
        let name = host.hasSuffix(".") ? host.dropLast() : host[...]
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard name.utf8.count <= 253 else { return Fault(message: "a host name has at most 253 characters", offset: 0) }
        var offset = 0
        for label in labels {
            if label.isEmpty { return Fault(message: "an empty label in the host name", offset: offset) }
            if label.utf8.count > 63 {
                return Fault(message: "a label of a host name has at most 63 characters", offset: offset)
            }
            if label.hasPrefix("-") || label.hasSuffix("-") {
                return Fault(message: "a label of a host name cannot begin or end with -", offset: offset)
            }
            offset += label.utf8.count + 1
        }
        let isNumeric = labels.last?.utf8.allSatisfy { (0x30...0x39).contains($0) } ?? false
        if isNumeric, !NumericAddress.isIPv4(host) {
            return Fault(message: "\(host.quoted) is neither an IPv4 address nor a name", offset: 0)
        }
        return nil
    }

    private static func isHostCharacter(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "-" || scalar == "." || scalar == "_" || isLetterOrDigit(scalar)
    }

    /// What path and query are made of, besides `%` (RFC 3986 §3.3, §3.4).
    static func isResourceCharacter(_ scalar: Unicode.Scalar) -> Bool {
        isLetterOrDigit(scalar) || "-._~!$&'()*+,;=:@/?".unicodeScalars.contains(scalar)
    }

    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
    }
}
