package import LoadMetrics

/// Asks a Prometheus address (text exposition format 0.0.4) for what it says of the process behind it.
package struct MetricsProbe: SampleProbe {
    package static let timeoutMs = 2000
    static let limitBytes = 8 << 20

    package let name: String
    private let url: String
    private let series: [String]
    private let timeoutMs: Int
    private let fetch: HTTPFetch

    /// - Parameters:
    ///   - url: `http://host:port/metrics` or https.
    ///   - series: names to be kept besides the known ones: `name`, whose samples are summed, or exactly
    ///     `name{label="x"}`.
    ///   - name: for messages to people; the URL unless given.
    ///   - timeoutMs: for the whole answer.
    package init(
        url: String, series: [String] = [], name: String? = nil, timeoutMs: Int = Self.timeoutMs, fetch: HTTPFetch
    ) {
        self.url = url
        self.series = series
        self.name = name ?? url
        self.timeoutMs = timeoutMs
        self.fetch = fetch
    }

    /// - Throws: `ScrapeFailure`, within the time-out.
    package func sample(source: Int, atS: Double) async throws -> ServerSample {
        let body = try await fetch.get(url, timeoutMs: timeoutMs, limitBytes: Self.limitBytes)
        let exposition = PrometheusExposition(parsing: body)
        guard !exposition.samples.isEmpty || exposition.unreadableLines == 0 else {
            throw ScrapeFailure(
                .unreadable, url: url, what: "the answer is not Prometheus text",
                advice: "metrics are usually at /metrics")
        }
        return exposition.serverSample(source: source, atS: atS, series: series)
    }
}
