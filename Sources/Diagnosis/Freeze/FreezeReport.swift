internal import LoadMetrics

/// Classes a freeze and puts it into words.
struct FreezeReport: Sendable {
    let episode: FreezeEpisode
    let stallAfterS: Double
    let processors: Int
    let thresholds: DiagnosisThresholds

    func finding(_ histories: [Int: ServerHistory], _ around: FreezeSurroundings) -> Finding {
        // Once nobody asks any more, an idle server says nothing.
        let endS = episode.endedS.map { min($0, episode.wantedS) } ?? episode.wantedS
        let views = histories.values.sorted { $0.number < $1.number }.map {
            FreezeView(
                $0, onsetS: episode.lastPassS, endS: endS, exhaustion: around.exhaustions[$0.number],
                thresholds: thresholds)
        }
        var judgement = FreezeJudgement(
            views, machineCores: machineCores(views, around.load, endS: endS), onsetS: episode.lastPassS,
            processors: processors, thresholds: thresholds)
        var severity = Finding.Severity.critical
        if let endedS = episode.endedS {
            let wasReplaced = histories.keys.contains {
                around.ends.hasEnded($0, fromS: episode.lastPassS, toS: endedS)
            }
            severity = settle(&judgement, views, wasReplaced: wasReplaced)
        }
        var evidence = load(endS: endS)
        evidence["class"] = judgement.freezeClass.rawValue
        if let culprit = judgement.culprit { evidence.merge(server(culprit)) { _, new in new } }
        if judgement.freezeClass != .exhausted, let late = views.compactMap(\.exhaustedS).min() {
            evidence["exhausted_since_s"] = late.tenths
        }
        if episode.answered > 0, judgement.freezeClass != .unknown {
            judgement.against.append("accounts that were online before were answered meanwhile (\(episode.answered))")
        }
        if !judgement.against.isEmpty { evidence["against"] = judgement.against.joined(separator: "; ") }
        return Finding(
            kind: .connectionFreeze, severity: severity, onsetS: episode.foundS, endedS: episode.endedS,
            summary: summary(judgement), evidence: evidence)
    }

    /// A freeze that ended by itself was none for ever: who passes again was not deadlocked.
    private func settle(
        _ judgement: inout FreezeJudgement, _ views: [FreezeView], wasReplaced: Bool
    ) -> Finding.Severity {
        guard !wasReplaced else { return .critical }
        let wasStopped = views.first { $0.wasStopped }
        if let wasStopped { judgement.culprit = wasStopped }
        if wasStopped != nil || judgement.freezeClass == .deadlockSuspected {
            judgement.freezeClass = .paused
            judgement.against = []
        }
        if judgement.freezeClass == .paused { return .warning }
        if judgement.freezeClass == .exhausted { return .critical }
        return episode.slowestPassS >= stallAfterS ? .warning : .critical
    }

    /// CPU of everything that is known to run on the machine, cores.
    private func machineCores(_ views: [FreezeView], _ load: LoadHistory, endS: Double) -> Double? {
        let processes = views.filter { $0.history.source?.kind != .url }.compactMap { $0.during }
        guard let lengthS = processes.map({ $0.last.atS - $0.first.atS }).max(), lengthS > 0, !load.isEmpty else {
            return nil
        }
        let ours =
            load.point(atS: endS).generatorCPUSeconds - load.point(atS: endS - lengthS).generatorCPUSeconds
        return processes.reduce(ours / lengthS) { $0 + ($1.cores ?? 0) }
    }

    private func load(endS: Double) -> [String: String] {
        var evidence = [
            "phase": episode.phase.name,
            "onset_s": episode.lastPassS.tenths,
            "nobody_passed_for_s": max(0, (episode.endedS ?? endS) - episode.lastPassS).tenths,
            "accounts_waiting_in": String(episode.waitingIn),
            "accounts_waiting_out": String(episode.waitingOut),
            "timed_out": String(episode.timedOut),
            "oldest_ms_max": String(episode.oldestMs),
        ]
        if episode.slowestPassS > 0 { evidence["slowest_pass_ms"] = String((1000 * episode.slowestPassS).count) }
        if !episode.hadPasses { evidence["passed_before"] = "0" }
        return evidence
    }

    private func server(_ view: FreezeView) -> [String: String] {
        var evidence = ["source": view.history.name]
        evidence["cpu_cores"] = view.during?.cores?.hundredths
        evidence["cpu_cores_before"] = view.before?.cores?.hundredths
        evidence["context_switches_per_s"] = view.during?.switchesPerS.map { String($0.count) }
        evidence["context_switches_per_s_before"] = view.before?.switchesPerS.map { String($0.count) }
        if processors > 0 { evidence["processors"] = String(processors) }
        guard let during = view.during else {
            if view.isStopped { evidence["threads_stopped"] = "most" }
            return evidence
        }
        let (first, last) = (during.first, during.last)
        if let count = view.ownCount {
            evidence["server_count"] = String(count.now)
            evidence["server_count_before"] = String(count.before)
        }
        for (state, key) in [("ESTABLISHED", "connections"), ("CLOSE_WAIT", "close_wait")] {
            guard let now = last.connections, let before = first.connections else { continue }
            evidence[key] = String(now[state] ?? 0)
            evidence["\(key)_before"] = String(before[state] ?? 0)
        }
        evidence["fds"] = last.descriptors.map(String.init)
        evidence["fds_before"] = first.descriptors.map(String.init)
        evidence["fd_limit"] = view.history.limit(of: last).map(String.init)
        evidence["accept_queue"] = last.acceptQueue.map(String.init)
        evidence["accept_queue_limit"] = last.acceptQueueLimit.map(String.init)
        evidence["unread_connections"] = last.unreadConnections.map(String.init)
        if view.isStopped || view.wasStopped { evidence["threads_stopped"] = "most" }
        return evidence
    }

    private func summary(_ judgement: FreezeJudgement) -> String {
        let way = episode.phase == .closing ? "out" : "in"
        let waiting = episode.phase == .closing ? episode.waitingOut : episode.waitingIn
        let span =
            episode.endedS.map { "from \(episode.lastPassS.tenths) s to \($0.tenths) s" }
            ?? "since \(episode.lastPassS.tenths) s"
        let lead = "nobody got \(way) \(span) although up to \(waiting) accounts wanted to"
        return "\(lead): \(reason(judgement))"
    }

    private func reason(_ judgement: FreezeJudgement) -> String {
        let name = judgement.culprit?.history.name ?? "the server"
        let during = judgement.culprit?.during
        let cores = during?.cores.map { " (\($0.hundredths) cores)" } ?? ""
        switch judgement.freezeClass {
        case .paused:
            return judgement.culprit?.isStopped == true
                ? "\(name) is stopped" : "\(name) was paused, and goes on"
        case .exhausted: return "\(name) has no file descriptor left to accept with"
        case .overload:
            return judgement.culprit?.isBusy == true
                ? "\(name) is overloaded\(cores)" : "the machine's processors are full"
        case .deadlockSuspected:
            if let queue = during?.last.acceptQueue, let limit = during?.last.acceptQueueLimit, limit > 0,
                queue >= limit
            {
                return "\(name) is idle\(cores) and does not accept: its accept loop stands, a deadlock is suspected"
            }
            return "\(name) is idle\(cores): a deadlock is suspected"
        case .unknown: return judgement.against.first ?? "why is not known"
        }
    }
}
