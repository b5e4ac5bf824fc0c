package import LoadMetrics

/// Everything seen of the watched sources, second by second and over the run.
package struct ServerHistory: Sendable {
    fileprivate struct Track {
        var source: WatchedSource
        var last: ServerSample?
        var latest: ServerPoint?
        var descriptorLimit: Int?
        var descriptors: Report.Span?
        var byKind: [String: Report.Span] = [:]
        var samples = 0
        var connections: Report.Span?
        var rssKiB: Report.Span?
        var threads: Report.Span?
        var goroutines: Report.Span?
        var accountsOnline: Report.Span?
        var series: [String: Report.Span] = [:]
        var usedCPUS = 0.0
        var coresMax: Double?
    }

    private var tracks: [Int: Track] = [:]
    /// By the second (rounded) at which they were taken.
    private var points: [Int: [String: ServerPoint]] = [:]

    package init() {}

    /// A source was found, or another process has taken its place.
    package mutating func add(_ source: WatchedSource) {
        tracks[source.number, default: Track(source: source)].source = source
        if let limit = source.descriptorLimit { tracks[source.number]?.descriptorLimit = limit }
    }

    /// Samples of unknown sources are passed over.
    package mutating func add(_ sample: ServerSample) {
        guard var track = tracks[sample.source] else { return }
        let point = ServerPoint(sample, after: track.last)
        track.take(sample, point)
        track.last = sample
        track.latest = point
        tracks[sample.source] = track
        let second = Int(min(max(sample.atS, -1e6), 1e9).rounded())
        if second >= 0 { points[second, default: [:]][track.source.name] = point }
    }

    /// What was seen at the end of a second; nil when nothing was.
    package func points(atS: Double) -> [String: ServerPoint]? {
        points[Int(min(max(atS, 0), 1e9).rounded())]
    }

    /// The latest of each source, in order, for the live view.
    package var latest: [(name: String, descriptorLimit: Int?, point: ServerPoint)] {
        ordered.compactMap { track in
            track.latest.map {
                (name: track.source.name, descriptorLimit: track.descriptorLimit, point: $0)
            }
        }
    }

    /// Name and latest figures of a source, in a line; nil before its first sample.
    package func latestText(of source: Int) -> (name: String, text: String)? {
        guard let track = tracks[source], let point = track.latest else { return nil }
        return (track.source.name, point.text(descriptorLimit: track.descriptorLimit))
    }

    /// nil when nothing was watched.
    package var server: Report.Server? {
        guard !tracks.isEmpty else { return nil }
        return Report.Server(
            processes: ordered.filter { $0.source.kind == .process }.map(\.process),
            metrics: ordered.filter { $0.source.kind == .url }.map(\.metrics))
    }

    private var ordered: [Track] { tracks.values.sorted { $0.source.number < $1.source.number } }
}

extension ServerHistory.Track {
    fileprivate mutating func take(_ sample: ServerSample, _ point: ServerPoint) {
        samples += 1
        if let limit = sample.descriptorLimit { descriptorLimit = limit }
        descriptors.add(sample.descriptors.map(Double.init))
        connections.add(point.connections.map(Double.init))
        rssKiB.add(sample.residentKiB.map(Double.init))
        threads.add(sample.threads.map(Double.init))
        goroutines.add(sample.goroutines.map(Double.init))
        accountsOnline.add(sample.accountsOnline.map(Double.init))
        addKinds(sample.descriptorsByKind)
        for (name, value) in sample.series ?? [:] {
            if series[name]?.add(value) == nil { series[name] = Report.Span(value) }
        }
        if let cores = point.cpuCores, let last {
            usedCPUS += cores * (sample.atS - last.atS)
            coresMax = max(coresMax ?? 0, cores)
        }
    }

    private mutating func addKinds(_ kinds: [String: Int]?) {
        guard let kinds else { return }
        for (kind, count) in kinds where byKind[kind] == nil {
            // Not seen before means that there was none.
            byKind[kind] = Report.Span(samples > 1 ? 0 : Double(count))
        }
        for kind in byKind.keys { byKind[kind]?.add(Double(kinds[kind] ?? 0)) }
    }

    fileprivate var process: Report.Process {
        var process = Report.Process(
            name: source.name, pid: source.pid ?? 0, command: source.command ?? "", role: source.role.rawValue)
        process.limits = descriptorLimit.map(Report.Limits.init)
        process.descriptors = descriptors.map {
            Report.Descriptors(start: $0.start, end: $0.end, max: $0.max, byKind: byKind)
        }
        process.connections = connections
        process.cpu = coresMax.map { Report.CPU(usedS: usedCPUS.thousandths, coresMax: $0) }
        process.rssKiB = rssKiB
        process.threads = threads
        return process
    }

    fileprivate var metrics: Report.Metrics {
        var metrics = Report.Metrics(name: source.name)
        metrics.descriptors = descriptors
        metrics.goroutines = goroutines
        metrics.accountsOnline = accountsOnline
        metrics.series = series
        return metrics
    }
}

extension Report.Span? {
    fileprivate mutating func add(_ value: Double?) {
        guard let value else { return }
        if self?.add(value) == nil { self = Report.Span(value) }
    }
}
