// What no value shows alone.
extension ProfileDecoder {
    mutating func check(
        _ steps: [PlacedStep], of value: DocumentValue, load: Load?, accounts: PlacedAccounts?, target: Target?
    ) {
        if steps.isEmpty { return }
        let count = steps.stepCount
        guard count <= PlanLimits.stepCount else {
            problems.add("\(count) steps; a profile has at most \(PlanLimits.stepCount)", at: value, hint: "use repeat")
            return
        }
        for fault in ConnectionFlow.faults(in: steps, of: value) {
            problems.add(fault.message, at: fault.value, hint: fault.hint)
        }
        var endless: [DocumentValue] = []
        steps.forEachStep { if $0.step == .wait(.end), load?.duration == nil { endless.append($0.value) } }
        if load != nil {
            for value in endless {
                problems.add("wait: end never ends without load.duration", at: value, hint: "give a duration")
            }
        }
        if let accounts { check(accounts, steps: steps, target: target) }
    }

    /// An id ends up in URLs and headers where they hold `{account}`.
    private mutating func check(_ accounts: PlacedAccounts, steps: [PlacedStep], target: Target?) {
        guard let value = accounts.idValue else { return }
        let bytes = accounts.accounts.id.literalBytes
        if case .url(let url) = target, url.resource.placeholders.contains(.account) {
            let isFit = String(decoding: bytes, as: UTF8.self).unicodeScalars.allSatisfy(HostName.isResourceCharacter)
            if !isFit {
                problems.add("the target's URL holds {account}, so the id can have only characters of a URL", at: value)
            }
        }
        let isInHeader = steps.containsStep {
            guard case .connect(let connect) = $0.step else { return false }
            return connect.headers.contains { $0.value.placeholders.contains(.account) }
        }
        if isInHeader, !HeaderRules.isValue(bytes) {
            problems.add("a header holds {account}, so the id can have only printable ASCII characters", at: value)
        }
    }

    mutating func checkLoad(_ load: Load?, of value: DocumentValue, options: OverrideReader) {
        guard let load, let duration = load.duration, load.ramp > duration else { return }
        let message =
            "the ramp of \(DurationText.format(load.ramp)) is longer than the duration of "
            + "\(DurationText.format(duration)): some accounts would never start"
        if options.ramp != nil {
            problems.add(message, option: "--ramp")
        } else if options.duration != nil {
            problems.add(message, option: "--duration", hint: "shorten the ramp too, with --ramp")
        } else {
            problems.add(message, at: value)
        }
    }

    /// A threshold on a time that is never measured would fail at the end of the run; it is known before.
    mutating func check(_ thresholds: [PlacedThreshold], steps: [PlacedStep], target: Target?) {
        for placed in thresholds {
            guard case .timing(let timing, let aggregate) = placed.threshold.metric, aggregate != .count,
                let reason = Self.reasonWithoutSamples(of: timing, steps: steps, target: target)
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
    private static func reasonWithoutSamples(of timing: String, steps: [PlacedStep], target: Target?) -> String? {
        guard !steps.isEmpty, let target, !steps.containsStep(where: { $0.step == nil }) else { return nil }
        func connects(where condition: (Connect) -> Bool) -> Bool {
            steps.containsStep { if case .connect(let connect) = $0.step { condition(connect) } else { false } }
        }
        switch timing {
        case "tls":
            if case .url(let url) = target, url.isSecure { return nil }
            return "the target is not wss://"
        case "admission":
            return connects { $0.admit != .none } ? nil : "every connect has admit: none"
        case "reply", "reply_service":
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
