/// Reads a short text scalar by scalar and knows the column, for hand-written parsers.
struct TextScanner {
    let text: String
    private let scalars: [Unicode.Scalar]
    /// Scalars read so far.
    private(set) var offset = 0

    init(_ text: String) {
        self.text = text
        scalars = Array(text.unicodeScalars)
    }

    var isAtEnd: Bool { offset == scalars.count }

    /// The scalar that would be read next.
    var next: Unicode.Scalar? { isAtEnd ? nil : scalars[offset] }

    /// Reads `expected` if it comes next.
    mutating func take(_ expected: Unicode.Scalar) -> Bool {
        guard next == expected else { return false }
        offset += 1
        return true
    }

    /// Reads `expected` if it comes next.
    mutating func take(_ expected: String) -> Bool {
        let wanted = Array(expected.unicodeScalars)
        guard scalars[offset...].starts(with: wanted) else { return false }
        offset += wanted.count
        return true
    }

    /// Reads as long as the scalars satisfy `condition`.
    mutating func take(while condition: (Unicode.Scalar) -> Bool) -> String {
        let start = offset
        while offset < scalars.count, condition(scalars[offset]) { offset += 1 }
        return text(start..<offset)
    }

    mutating func takeDigits() -> String {
        take { ("0"..."9").contains($0) }
    }

    mutating func skipSpaces() {
        _ = take { $0 == " " || $0 == "\t" }
    }

    /// What stands between two offsets, as far as there is text.
    func text(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[range.clamped(to: 0..<scalars.count)])
        return String(view)
    }

    /// Everything not yet read.
    var rest: String { text(offset..<scalars.count) }

    /// A problem at the present place, or at `offset`.
    func problem(_ message: String, at offset: Int? = nil, hint: String? = nil) -> TextProblem {
        TextProblem(text: text, column: (offset ?? self.offset) + 1, message: message, hint: hint)
    }
}
