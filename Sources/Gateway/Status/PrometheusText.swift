/// Writes Prometheus' text exposition format 0.0.4.
struct PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String {
        case counter
        case gauge
    }

    private(set) var text = ""

    /// The lines before the samples of a metric.
    mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func sample(_ name: String, labels: [(String, String)] = [], _ value: Int) {
        sample(name, labels: labels, text: "\(value)")
    }

    mutating func sample(_ name: String, labels: [(String, String)] = [], _ value: Double) {
        sample(name, labels: labels, text: "\(value)")
    }

    /// A metric with one sample.
    mutating func metric(_ name: String, _ kind: Kind, _ value: Int, _ help: String) {
        begin(name, kind, help)
        sample(name, value)
    }

    mutating func metric(_ name: String, _ kind: Kind, _ value: Double, _ help: String) {
        begin(name, kind, help)
        sample(name, value)
    }

    private mutating func sample(_ name: String, labels: [(String, String)], text value: String) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0)=\"\(Self.escaped($1))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(value)\n"
    }

    private static func escaped(_ label: String) -> String {
        var escaped = ""
        for character in label.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
