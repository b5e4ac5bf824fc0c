/// A place in a document: line and column from 1, columns in Unicode scalars, as libyaml counts.
struct SourceMark: Equatable, Comparable {
    var line: Int
    var column: Int

    static let start = SourceMark(line: 1, column: 1)

    static func < (left: SourceMark, right: SourceMark) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// A document's text, addressable by line and column.
struct SourceText {
    private(set) var scalars: [Unicode.Scalar]
    /// Where each line begins.
    private let lineStarts: [Int]
    let byteCount: Int

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
        if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
        var starts = [0]
        for index in scalars.indices {
            let isBreak =
                switch scalars[index] {
                case "\n", "\u{85}", "\u{2028}", "\u{2029}": true
                // The first of the pair in CR LF ends no line.
                case "\r": index + 1 == scalars.count || scalars[index + 1] != "\n"
                default: false
                }
            if isBreak { starts.append(index + 1) }
        }
        lineStarts = starts
        byteCount = text.utf8.count
    }

    var text: String { String(String.UnicodeScalarView(scalars)) }

    /// The index of a place's scalar; nil outside the text.
    func offset(of mark: SourceMark) -> Int? {
        guard (1...lineStarts.count).contains(mark.line), mark.column >= 1 else { return nil }
        let offset = lineStarts[mark.line - 1] + mark.column - 1
        return offset < scalars.count ? offset : nil
    }

    func mark(ofOffset offset: Int) -> SourceMark {
        var (low, high) = (0, lineStarts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return SourceMark(line: low + 1, column: offset - lineStarts[low] + 1)
    }

    /// A line without its end; empty beyond the last one.
    func line(_ number: Int) -> String {
        guard (1...lineStarts.count).contains(number) else { return "" }
        let end = number < lineStarts.count ? lineStarts[number] : scalars.count
        var line = scalars[lineStarts[number - 1]..<end]
        while let last = line.last, "\n\r\u{85}\u{2028}\u{2029}".unicodeScalars.contains(last) { line.removeLast() }
        return String(String.UnicodeScalarView(line))
    }

    func excerpt(at mark: SourceMark) -> Excerpt {
        Excerpt(line: line(mark.line), column: mark.column)
    }

    /// Whether `expected` stands at an offset.
    func has(_ expected: String, at offset: Int) -> Bool {
        scalars[offset...].starts(with: expected.unicodeScalars)
    }

    mutating func replace(at offset: Int, with scalar: Unicode.Scalar) {
        scalars[offset] = scalar
    }
}

extension SourceText {
    static func tooLarge(byteCount: Int) -> ProfileProblem {
        ProfileProblem(
            place: .document(line: 1, column: 1, path: ""),
            message: "the document has \(byteCount) bytes; a profile has at most \(Profile.maxDocumentBytes)")
    }

    /// Precondition: the bytes are not UTF-8.
    static func notUTF8(_ bytes: [UInt8]) -> ProfileProblem {
        var codec = UTF8()
        var iterator = bytes.makeIterator()
        var validCount = 0
        while case .scalarValue(let scalar) = codec.decode(&iterator) { validCount += UTF8.width(scalar) }
        let source = SourceText(String(decoding: bytes.prefix(validCount), as: UTF8.self))
        let mark = source.mark(ofOffset: source.scalars.count)
        let byte = validCount < bytes.count ? bytes[validCount] : 0
        return ProfileProblem(
            place: .document(line: mark.line, column: mark.column, path: ""),
            message:
                "the file is not UTF-8: byte 0x\(String(byte, radix: 16, uppercase: true)) at offset \(validCount)",
            hint: "save it as UTF-8", excerpt: source.excerpt(at: mark))
    }
}
