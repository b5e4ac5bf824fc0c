/// The account that a request's target names: query parameter `account`, percent-encoded (RFC 3986 §2.1).
///
/// `+` stands for itself: this is a URI, not a form.
enum AccountQuery: Equatable {
    case absent
    case account(String)
    /// Empty, too long, or not percent-encoded UTF-8.
    case malformed

    static let maxBytes = 256

    init(target: String) {
        let target = target.utf8
        guard let question = target.firstIndex(of: UInt8(ascii: "?")) else {
            self = .absent
            return
        }
        let query = target[target.index(after: question)...]
        for parameter in query.split(separator: UInt8(ascii: "&")) {
            let parts = parameter.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts[0].elementsEqual("account".utf8) else { continue }
            self = parts.count == 2 ? Self.decode(parts[1]) : .malformed
            return
        }
        self = .absent
    }

    private static func decode(_ text: Substring.UTF8View) -> AccountQuery {
        var bytes: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                return .malformed
            }
            bytes.append(high << 4 | low)
        }
        guard (1...maxBytes).contains(bytes.count), let account = String(validating: bytes, as: UTF8.self) else {
            return .malformed
        }
        return .account(account)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
