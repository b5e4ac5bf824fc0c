extension OpenIMDoctor.Finding {
    /// A line for the terminal, and one below it where something is to be done.
    package var text: String {
        let mark =
            switch outcome {
            case .ok: "ok      "
            case .failed: "FAILED  "
            case .skipped: "skipped "
            }
        let time = tookMs.map { " (\(Self.text(ms: $0)))" } ?? ""
        let next = advice.map { "\n        check: \($0)" } ?? ""
        return "\(mark)\(step.rawValue): \(what)\(time)\(next)"
    }

    private static func text(ms: Double) -> String {
        switch ms {
        case ..<10: "\((ms * 10).rounded() / 10) ms"
        case ..<1000: "\(Int(ms.rounded())) ms"
        default: "\((ms / 100).rounded() / 10) s"
        }
    }
}

extension OpenIMDoctor.Report {
    /// The last line.
    package var summary: String {
        let failed = findings.filter { $0.outcome == .failed }
        let skipped = findings.filter { $0.outcome == .skipped }.count
        guard let first = failed.first else {
            return skipped == 0 ? "healthy: all \(findings.count) steps are ok" : "healthy as far as it was looked at"
        }
        return
            "\(health.rawValue): \(failed.count) of \(findings.count) steps failed, \(skipped) were skipped; begin with: "
            + first.step.rawValue
    }
}
