/// Lines of text under labels, wrapped to the style's width.
struct TextPage {
    let style: TextStyle
    private(set) var lines: [String] = []

    /// Width of the label column.
    private static let labelWidth = 13

    init(style: TextStyle) {
        self.style = style
    }

    var text: String { lines.map { $0 + "\n" }.joined() }

    /// Below this width there is no room for a label column, and labels get a line of their own.
    private static let narrow = 40

    /// A label and what it stands for, wrapped beside it.
    mutating func entry(_ label: String, _ text: String, tone: TextStyle.Tone = .plain) {
        guard style.width >= Self.narrow else {
            if !label.isEmpty { heading(label) }
            return item(text, tone: tone)
        }
        let pieces = text.printable.wrapped(to: style.width - Self.labelWidth)
        for (index, piece) in pieces.enumerated() {
            let left = index == 0 ? style.paint(label, .strong) : ""
            let gap = String(repeating: " ", count: Self.labelWidth - (index == 0 ? label.count : 0))
            lines.append(left + gap + style.paint(piece, tone))
        }
    }

    /// A line by itself, wrapped with its continuation indented by two more.
    mutating func item(_ text: String, indent: Int = 2, tone: TextStyle.Tone = .plain) {
        let pieces = text.printable.wrapped(to: style.width - indent - 2)
        for (index, piece) in pieces.enumerated() {
            let gap = String(repeating: " ", count: index == 0 ? indent : indent + 2)
            lines.append(gap + style.paint(piece, tone))
        }
    }

    mutating func heading(_ text: String) {
        lines += text.wrapped(to: style.width).map { style.paint($0, .strong) }
    }

    mutating func space() {
        if lines.last?.isEmpty == false { lines.append("") }
    }

    /// A line that is already laid out.
    mutating func raw(_ line: String) { lines.append(line) }
}
