internal import LoadMetrics

/// Who is online according to the server, beside who is online according to us.
///
/// No finding: evidence beside the ledger. Other people's accounts, if there are any, are ghosts to us.
package struct ServerCount: Codable, Equatable, Sendable {
    /// The second compared, seconds since the run's start.
    package var atS: Double
    /// Accounts online as the server itself counts them, over all sources that say.
    package var serverSays: Int
    /// Accounts online by our books.
    package var weSay: Int
    /// Accounts that the server held for online and we did not, at every moment of the last seconds.
    package var ghosts: Int
    /// Accounts that we held for online and the server did not, at every moment of the last seconds.
    package var widows: Int

    private enum CodingKeys: String, CodingKey {
        case atS = "at_s", serverSays = "server_says", weSay = "we_say", ghosts, widows
    }
}

/// Compares the counts second by second.
struct ServerCountWatch: Sendable {
    private let thresholds: DiagnosisThresholds
    private var seconds: [(atS: Double, serverSays: Double, weSay: Double)] = []

    init(thresholds: DiagnosisThresholds) {
        self.thresholds = thresholds
    }

    var count: ServerCount? {
        guard let last = seconds.last, let first = seconds.first else { return nil }
        // What is online moves while both sides are asked; only what differs all the time differs.
        let isLong = last.atS - first.atS >= thresholds.countDiffersS - 0.01
        let ghosts = seconds.reduce(Double.infinity) { min($0, $1.serverSays - $1.weSay) }
        let widows = seconds.reduce(Double.infinity) { min($0, $1.weSay - $1.serverSays) }
        return ServerCount(
            atS: last.atS, serverSays: last.serverSays.count, weSay: last.weSay.count,
            ghosts: isLong ? max(0, ghosts).count : 0, widows: isLong ? max(0, widows).count : 0)
    }

    mutating func judge(atS: Double, _ histories: [Int: ServerHistory], _ load: LoadHistory) {
        var says: Double?
        for history in histories.values {
            guard
                let sample = history.samples.last(where: {
                    $0.atS <= atS && $0.atS > atS - thresholds.countDiffersS && $0.accountsOnline != nil
                }), let online = sample.accountsOnline
            else { continue }
            says = (says ?? 0) + Double(online)
        }
        guard let says, !load.isEmpty else { return }
        seconds.append((atS, says, load.point(atS: atS).online))
        let startS = atS - thresholds.countDiffersS
        seconds.removeAll { $0.atS < startS - 0.01 }
    }
}
