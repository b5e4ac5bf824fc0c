internal import LoadMetrics

/// The latest samples of one watched source, by time whatever the order of their arrival.
struct ServerHistory: Sendable {
    let number: Int
    /// nil until it is announced; samples may come first.
    var source: WatchedSource?
    private(set) var samples: [ServerSample] = []
    /// Some sample has told its descriptors by kind.
    private(set) var knowsKinds = false

    /// Enough for every rule that looks at single samples; trends keep their own points.
    private static let kept = 240
    /// Times of a run, seconds; anything else was never measured.
    private static let times = -4e9...4e9

    init(number: Int) {
        self.number = number
    }

    var name: String { source?.name ?? "source \(number)" }
    var role: WatchedSource.Role { source?.role ?? .watched }

    /// Keeps a sample.
    /// - Returns: false when its time is none; it is not kept then.
    @discardableResult
    mutating func insert(_ sample: ServerSample) -> Bool {
        guard Self.times.contains(sample.atS) else { return false }
        if sample.descriptorsByKind != nil { knowsKinds = true }
        let place = (samples.lastIndex { $0.atS <= sample.atS } ?? -1) + 1
        samples.insert(sample, at: place)
        if samples.count >= 2 * Self.kept { samples.removeFirst(samples.count - Self.kept) }
        return true
    }

    /// Samples of a stretch of time, both ends included.
    func samples(from startS: Double, to endS: Double) -> ArraySlice<ServerSample> {
        // From the end, where nearly all that is asked for lies.
        let first = (samples.lastIndex { $0.atS < startS } ?? -1) + 1
        let last = samples.lastIndex { $0.atS <= endS } ?? -1
        return first <= last ? samples[first...last] : []
    }

    func latest(upTo endS: Double) -> ServerSample? { samples.last { $0.atS <= endS } }

    /// The limit that held for a sample.
    func limit(of sample: ServerSample) -> Int? { sample.descriptorLimit ?? source?.descriptorLimit }
}
