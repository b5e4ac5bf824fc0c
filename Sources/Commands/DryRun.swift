internal import LoadPlan
internal import RunControl

/// What `--dry-run` prints: the plan, and what it needs beside what this machine allows.
enum DryRun {
    static func text(_ request: RunRequest, _ preparation: RunPreparation) -> String {
        let plan = request.plan
        let needs = preparation.needs
        let limits = preparation.limits
        var lines = ["\(plan.name): \(plan.about)", ""]
        func add(_ name: String, _ value: String) {
            lines.append("  \(name)\(String(repeating: " ", count: max(1, 22 - name.count)))\(value)")
        }
        add("target", target(plan, preparation))
        let logins = plan.accounts.logins > 1 ? " with \(plan.accounts.logins) logins each" : ""
        add("accounts", "\(plan.accounts.count)\(logins), \(plan.accounts.id.sourceText)")
        add("load", load(plan.load))
        add("steps", plan.steps.map(\.summary).joined(separator: ", "))
        add("seed", "\(request.seed)")
        if !plan.thresholds.isEmpty { add("thresholds", plan.thresholds.map(\.expression).joined(separator: ", ")) }
        lines += ["", "needs of this machine:"]
        add("shards", "\(needs.shards)")
        if needs.gateways > 0 { add("gateway processes", "\(needs.gateways)") }
        add("descriptors", "\(needs.descriptorsPerShard) per shard, a process may have \(limits.descriptorsPerProcess)")
        add("local ports", "\(needs.portsPerSource) per source address, there are \(limits.ephemeralPorts)")
        if !needs.sources.isEmpty { add("source addresses", needs.sources.joined(separator: " ")) }
        add("memory", "about \(needs.memoryKiB / 1024 + 1) MiB, \(limits.availableMemoryKiB / 1024) MiB are available")
        add("starts", "\(needs.startsPerSecond) connects a second at the beginning")
        if preparation.problems.isEmpty {
            lines += ["", "it fits."]
        } else {
            lines += [""] + preparation.problems.map { "\($0.isFatal ? "does not fit" : "warning"): \($0)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func target(_ plan: Plan, _ preparation: RunPreparation) -> String {
        guard case .url(let url) = plan.target, let address = preparation.address else { return "the bundled gateway" }
        let insecure = url.tls.insecure ? ", any certificate is accepted" : ""
        return "\(url) at \(address.text)\(insecure)"
    }

    private static func load(_ load: Load) -> String {
        var parts: [String] = []
        if let duration = load.duration { parts.append("for \(DurationText.format(duration))") }
        if let iterations = load.iterations { parts.append("\(iterations) iterations per account") }
        parts.append("starts over \(DurationText.format(load.ramp))")
        parts.append("then at most \(DurationText.format(load.grace)) to finish")
        return parts.joined(separator: ", ")
    }
}

extension Step {
    /// The step in a few words.
    fileprivate var summary: String {
        switch self {
        case .connect(let connect): "connect (admit: \(connect.admit.rawValue))"
        case .send(let message):
            message.paddedToBytes.map { "send \($0) bytes \(message.kind.rawValue)" } ?? "send \(message.kind.rawValue)"
        case .receive(let receive): receive.count == 1 ? "receive" : "receive \(receive.count)"
        case .wait(.fixed(let duration)): "wait \(DurationText.format(duration))"
        case .wait(.uniform(let from, let to)): "wait \(DurationText.format(from)) to \(DurationText.format(to))"
        case .wait(.exponential(let mean)): "wait \(DurationText.format(mean)) on average"
        case .wait(.end): "wait for the end"
        case .ping: "ping"
        case .close: "close"
        case .abort: "abort"
        case .abandon(let abandon):
            abandon.lifetime.map { "abandon for \(DurationText.format($0))" } ?? "abandon"
        case .choose(let choices):
            choices.map { choice in
                let share = Int((choice.share * 100).rounded())
                return "\(share) %: (\(choice.steps.map(\.summary).joined(separator: ", ")))"
            }.joined(separator: " or ")
        case .roles(let roles):
            roles.map { role in
                let who = role.accounts.map { "\($0) accounts" } ?? "the rest"
                return "\(who): (\(role.steps.map(\.summary).joined(separator: ", ")))"
            }.joined(separator: "; ")
        case .stopReading: "stop reading"
        case .takeover(let takeover): "take over (admit: \(takeover.connect.admit.rawValue))"
        case .request(.newestSequence): "ask for the newest sequence"
        case .request(.pull(_, let count)): "pull \(count) messages"
        case .request(.background(let isBackground)): isBackground ? "go to the background" : "come back"
        case .request(.subscribe): "subscribe to a status"
        case .logout: "log out"
        case .repeat(let times, let steps): "\(times) × (\(steps.map(\.summary).joined(separator: ", ")))"
        }
    }
}
