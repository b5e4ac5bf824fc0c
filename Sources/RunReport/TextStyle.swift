/// How text for people is laid out: decided once, from the terminal and the environment (`NO_COLOR`).
package struct TextStyle: Equatable, Sendable {
    package var color: Bool
    /// Columns; lines are wrapped or cut to fit.
    package var width: Int

    /// Narrower than this is treated as this: below it no word fits.
    package static let narrowest = 16

    package init(color: Bool, width: Int) {
        self.color = color
        self.width = max(width, Self.narrowest)
    }

    /// What a piece of text means; colour only repeats what the words say.
    package enum Tone: String, Sendable {
        case plain = "0"
        case strong = "1"
        case faint = "2"
        case bad = "1;31"
        case good = "1;32"
        case doubtful = "1;33"
    }

    package func paint(_ text: String, _ tone: Tone) -> String {
        color && tone != .plain && !text.isEmpty ? "\u{1B}[\(tone.rawValue)m\(text)\u{1B}[0m" : text
    }
}

extension String {
    /// Safe to print: what a server or a file says must not move the cursor or colour the terminal.
    ///
    /// Control characters, and those that reorder text, become `·`; line ends become spaces.
    var printable: String {
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            switch scalar.value {
            case 0x09, 0x0A, 0x0D: text.append(" ")
            case 0x00..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: text.append("·")
            default: text.append(scalar)
            }
        }
        return String(text)
    }

    /// At most `width` characters, the last one an ellipsis when something was cut.
    func cut(to width: Int) -> String {
        guard count > width else { return self }
        return width > 0 ? prefix(width - 1) + "…" : ""
    }

    func padded(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }

    func leftPadded(to width: Int) -> String { String(repeating: " ", count: Swift.max(0, width - count)) + self }

    /// Lines of at most `width` characters, broken at spaces where there are any.
    func wrapped(to width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " \(word)"
            while line.count > width {
                lines.append(String(line.prefix(width)))
                line = String(line.dropFirst(width))
            }
        }
        if !line.isEmpty || lines.isEmpty { lines.append(line) }
        return lines
    }
}
