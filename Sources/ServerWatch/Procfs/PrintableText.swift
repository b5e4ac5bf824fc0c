/// Text of a watched process made fit for a terminal and for one line.
enum PrintableText {
    /// - Parameter atMost: characters; what is cut off is marked by an ellipsis.
    static func of(_ text: some StringProtocol, atMost limit: Int) -> String {
        var printable = ""
        var count = 0
        for character in text {
            guard count < limit else { return printable + "…" }
            let isControl = character.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
            printable.append(isControl ? " " : character)
            count += 1
        }
        return printable
    }
}
