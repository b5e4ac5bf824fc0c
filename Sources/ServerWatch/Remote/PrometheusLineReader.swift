/// Reads one line of Prometheus' text exposition format; what breaks the format gives nil.
struct PrometheusLineReader {
    private var rest: Slice<UnsafeRawBufferPointer>

    init(_ line: Slice<UnsafeRawBufferPointer>) {
        rest = line
        if rest.last == UInt8(ascii: "\r") { rest = rest.dropLast() }
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skipBlanks() {
        rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard rest.first == byte else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// What follows the hash sign of `# TYPE name type`.
    mutating func typeComment() -> (name: String, type: String)? {
        let words = rest.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        guard words.count == 3, words[0].elementsEqual("TYPE".utf8) else { return nil }
        return (String(decoding: words[1], as: UTF8.self), String(decoding: words[2], as: UTF8.self))
    }

    /// `name{label="value",…} value [timestamp]`
    mutating func sample() -> PrometheusExposition.Sample? {
        guard let name = self.name() else { return nil }
        skipBlanks()
        guard let labels = self.labels() else { return nil }
        skipBlanks()
        guard let value = number() else { return nil }
        skipBlanks()
        if !rest.isEmpty {
            guard let time = word(), Int64(time) != nil else { return nil }
            skipBlanks()
        }
        return rest.isEmpty ? PrometheusExposition.Sample(name: name, labels: labels, value: value) : nil
    }

    private mutating func name() -> String? {
        let name = rest.prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: ":"):
                true
            default: false
            }
        }
        guard let first = name.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
        rest = rest[name.endIndex...]
        return String(decoding: name, as: UTF8.self)
    }

    private mutating func labels() -> [PrometheusExposition.Label]? {
        var labels: [PrometheusExposition.Label] = []
        guard take(UInt8(ascii: "{")) else { return labels }
        while true {
            skipBlanks()
            if take(UInt8(ascii: "}")) { return labels }
            guard let name = self.name() else { return nil }
            skipBlanks()
            guard take(UInt8(ascii: "=")) else { return nil }
            skipBlanks()
            guard let value = quoted() else { return nil }
            labels.append(PrometheusExposition.Label(name: name, value: value))
            skipBlanks()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "}")) else { return nil }
            return labels
        }
    }

    /// A label's value; `\\`, `\"` and `\n` are the escapes there are, another backslash stands for itself.
    private mutating func quoted() -> String? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        var value: [UInt8] = []
        while let byte = rest.first {
            rest = rest.dropFirst()
            if byte == UInt8(ascii: "\"") { return String(decoding: value, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\"), let escaped = rest.first else {
                value.append(byte)
                continue
            }
            switch escaped {
            case UInt8(ascii: "n"): value.append(UInt8(ascii: "\n"))
            case UInt8(ascii: "\\"), UInt8(ascii: "\""): value.append(escaped)
            default: value += [byte, escaped]
            }
            rest = rest.dropFirst()
        }
        return nil
    }

    private mutating func word() -> String? {
        let word = rest.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        guard !word.isEmpty else { return nil }
        rest = rest[word.endIndex...]
        return String(decoding: word, as: UTF8.self)
    }

    /// Go's ParseFloat forms, of which Swift's cover all but `+Inf` spelt otherwise.
    private mutating func number() -> Double? {
        guard let word = self.word() else { return nil }
        return switch word.lowercased() {
        case "nan", "+nan", "-nan": .nan
        case "inf", "+inf", "infinity", "+infinity": .infinity
        case "-inf", "-infinity": -.infinity
        default: Double(word)
        }
    }
}
