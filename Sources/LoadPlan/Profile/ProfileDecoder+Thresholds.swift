// What the thresholds need of the steps.
extension ProfileDecoder {
    /// A threshold on a time that is never measured would fail at the end of the run; it is known before.
    mutating func check(_ thresholds: [PlacedThreshold], steps: [PlacedStep], target: Target?) {
        for placed in thresholds {
            guard case .timing(let timing, let aggregate) = placed.threshold.metric,
                aggregate != .count || timing == "delivery",
                let reason = reasonWithoutSamples(of: timing, steps: steps, target: target)
            else { continue }
            let message = "\(timing) is never measured: \(reason)"
            if let value = placed.value {
                problems.add(message, at: value)
            } else {
                problems.add(message, option: "--threshold")
            }
        }
    }

    /// nil when there may be samples.
    private func reasonWithoutSamples(of timing: String, steps: [PlacedStep], target: Target?) -> String? {
        if timing == "delivery", dialect == .plain { return "only servers of dialect: openim push messages" }
        guard !steps.isEmpty, let target, !steps.containsStep(where: { $0.step == nil }) else { return nil }
        func connects(where condition: (Connect) -> Bool) -> Bool {
            steps.containsStep { $0.step?.connect.map(condition) ?? false }
        }
        switch timing {
        case "tls":
            if case .url(let url) = target, url.isSecure { return nil }
            return "the target is not wss://"
        case "admission":
            return connects { $0.admit != .none } ? nil : "every connect has admit: none"
        case "delivery":
            return steps.containsStep { $0.key == .send } ? nil : "the steps have no send"
        case "reply", "reply_service":
            if dialect == .openim {
                // Every answer is timed, whether a receive waits for it or not.
                let asks = steps.containsStep { $0.key == .send || $0.key?.dialect == .openim && $0.key != .logout }
                return asks ? nil : "the steps have no send and no request"
            }
            let isAnswered = steps.containsStep { $0.key == .send } && steps.containsStep { $0.key == .receive }
            return isAnswered ? nil : "the steps have no send with a receive"
        case "ping":
            let pings = steps.containsStep { $0.key == .ping } || connects { $0.heartbeat != nil }
            return pings ? nil : "no step pings, and no connect has a heartbeat"
        default:
            return nil
        }
    }
}
