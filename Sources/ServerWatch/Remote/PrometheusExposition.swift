/// The samples of a document in Prometheus' text exposition format 0.0.4.
///
/// Lines that break the format are counted and skipped: a server's metrics are worth having even when one of them is
/// broken. Source: https://prometheus.io/docs/instrumenting/exposition_formats/
package struct PrometheusExposition: Equatable, Sendable {
    package struct Label: Equatable, Sendable {
        package var name: String
        package var value: String
    }

    package struct Sample: Equatable, Sendable {
        package var name: String
        package var labels: [Label]
        /// May be infinite or not a number.
        package var value: Double
    }

    package var samples: [Sample] = []
    /// `counter`, `gauge`, `histogram`, `summary` or `untyped`, by metric name.
    package var types: [String: String] = [:]
    package var unreadableLines = 0

    package init(parsing bytes: [UInt8]) {
        bytes.withUnsafeBytes { all in
            for line in all.split(separator: UInt8(ascii: "\n")) {
                var reader = PrometheusLineReader(line)
                reader.skipBlanks()
                if reader.isAtEnd { continue }
                if reader.take(UInt8(ascii: "#")) {
                    if let (name, type) = reader.typeComment() { types[name] = type }
                } else if let sample = reader.sample() {
                    samples.append(sample)
                } else {
                    unreadableLines += 1
                }
            }
        }
    }

    /// The sum of the finite samples called `name`, whatever their labels.
    package func sum(_ name: String) -> Double? {
        var sum: Double?
        for sample in samples where sample.name == name && sample.value.isFinite {
            sum = (sum ?? 0) + sample.value
        }
        return sum.flatMap { $0.isFinite ? $0 : nil }
    }

    /// The value of a series as a profile names it: `name` sums all its samples; `name{label="x"}` takes those that
    /// have exactly these labels, in any order.
    package func value(of series: String) -> Double? {
        guard series.contains("{") else { return sum(series) }
        guard let wanted = Self.selector(series) else { return nil }
        var sum: Double?
        for sample in samples
        where sample.name == wanted.name && sample.value.isFinite && Self.sorted(sample.labels) == wanted.labels {
            sum = (sum ?? 0) + sample.value
        }
        return sum.flatMap { $0.isFinite ? $0 : nil }
    }

    private static func selector(_ text: String) -> Sample? {
        var bytes = Array(text.utf8)
        bytes.append(contentsOf: " 0".utf8)
        return bytes.withUnsafeBytes { all in
            var reader = PrometheusLineReader(all[...])
            reader.skipBlanks()
            guard var sample = reader.sample() else { return nil }
            sample.labels = sorted(sample.labels)
            return sample
        }
    }

    private static func sorted(_ labels: [Label]) -> [Label] {
        labels.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
    }
}
