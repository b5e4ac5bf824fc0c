/// One line of the user's text with a caret under the place that is meant.
package struct Excerpt: Equatable, Sendable, CustomStringConvertible {
    /// At most `widthLimit` scalars of the line, printable.
    private let line: String
    /// Scalars before the caret.
    private let caretOffset: Int

    static var widthLimit: Int { 120 }

    /// - Parameter column: in Unicode scalars from 1; one beyond the end is allowed.
    init(line: String, column: Int) {
        let scalars = Array(line.unicodeScalars)
        let offset = max(0, min(column - 1, scalars.count))
        let start = offset < Self.widthLimit - 20 ? 0 : offset - Self.widthLimit / 2
        let end = min(scalars.count, start + Self.widthLimit)
        var shown = String.UnicodeScalarView()
        for scalar in scalars[start..<end] { shown.append(Self.isShown(scalar) ? scalar : "·") }
        self.line = (start > 0 ? "…" : "") + String(shown) + (end < scalars.count ? "…" : "")
        caretOffset = offset - start + (start > 0 ? 1 : 0)
    }

    /// Control characters would move the cursor of the terminal, invisible ones the caret.
    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " "
            || !(scalar.properties.isWhitespace || scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
                || scalar.properties.isDefaultIgnorableCodePoint || scalar.properties.isBidiControl)
    }

    /// The line, and the caret on the line below, both indented by four spaces.
    package var description: String {
        "    \(line)\n    \(String(repeating: " ", count: caretOffset))^"
    }
}
