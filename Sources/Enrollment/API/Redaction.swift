/// Makes what a server has said fit to be shown: no secret, no token, no control characters, not too long.
struct Redaction: Sendable {
    private static let maxCharacters = 100
    /// More of an answer is not looked at.
    private static let maxBytes = 16 * 1024

    private let secrets: [String]

    init(secrets: [String]) {
        self.secrets = secrets.filter { !$0.isEmpty }.flatMap { [$0, Self.asInJSON($0)] }
    }

    /// The first 100 printable characters.
    func excerpt(_ text: some Collection<UInt8>) -> String {
        self.text(String(decoding: text.prefix(Self.maxBytes), as: UTF8.self))
    }

    func text(_ text: String) -> String {
        var text = text
        for secret in secrets { text = Self.replacing(secret, in: text) }
        text = text.replacing(/eyJ[A-Za-z0-9_\-]{8,}(\.[A-Za-z0-9_\-]*){0,2}/, with: "(token)")
        let words = text.split { $0.isWhitespace || $0.isNewline }.joined(separator: " ")
        let printable = words.unicodeScalars.map { Self.isPrintable($0) ? $0 : "?" }
        var shown = String(String.UnicodeScalarView(printable.prefix(Self.maxCharacters)))
        if printable.count > Self.maxCharacters { shown += "…" }
        return shown
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }

    /// By bytes: characters that combine with their neighbours must not hide a secret.
    private static func replacing(_ secret: String, in text: String) -> String {
        let (wanted, bytes) = (Array(secret.utf8), Array(text.utf8))
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index...].starts(with: wanted) {
                result += "(secret)".utf8
                index += wanted.count
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func asInJSON(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
}
