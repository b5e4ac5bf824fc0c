import Diagnosis
import LoadMetrics
import LoadPlan
import RunReport

/// Runs that never were, the same every time.
enum SampleRun {
    static func plan(thresholds: [Threshold] = []) -> Plan {
        Plan(
            name: "online-offline-churn", accounts: Accounts(count: 100),
            load: Load(duration: .seconds(20)), steps: [.connect(Connect()), .close(Close())], thresholds: thresholds)
    }

    static func header(shards: Int = 1, plan: Plan = plan()) -> RunHeader {
        RunHeader(
            runID: "20250601-120000-churn", plan: plan, profileSHA256: SHA256.hexDigest(of: Array("profile".utf8)),
            seed: 42,
            startedAt: "2025-06-01T12:00:00Z", version: "0.1.0",
            host: Host(
                cpus: 2, kernel: "Linux 6.1.0", hostname: "bench", memoryKiB: 8_000_000, descriptorLimit: 20_000),
            shards: shards, target: "ws://127.0.0.1:9001/", addresses: ["127.0.0.1:9001"])
    }

    /// One second in which ten accounts came and went.
    static func good(_ second: Int, shard: Int = 0, isLast: Bool = false) -> Interval {
        let recorder = IntervalRecorder()
        let counters = recorder.counters
        counters.pointee.asked = 10
        counters.pointee.opened = 10
        counters.pointee.closedClean = 10
        counters.pointee.iterationsStarted = 10
        counters.pointee.iterationsCompleted = 10
        counters.pointee.messagesSent = 10
        counters.pointee.messagesReceived = 10
        counters.pointee.bytesSent = 2400
        counters.pointee.bytesReceived = 1900
        for index in 0..<10 {
            let ns = Int64(index + 1) * 1_000_000
            recorder.record(.connect, ns: ns / 20)
            recorder.record(.handshake, ns: ns)
            recorder.record(.reply, ns: ns * 3)
            recorder.record(.replyService, ns: ns * 2)
            recorder.record(.iteration, ns: ns * 7)
            recorder.count(Outcome(.ok))
            recorder.countClose(code: 1000, byPeer: false)
        }
        var interval = recorder.makeInterval(
            shard: shard, sequence: second, startS: Double(second), endS: Double(second) + 1)
        interval.phases["waiting"] = gauge(count: 100)
        interval.phases["handshaking"] = gauge(count: 0, passed: 10)
        interval.generator = generator
        interval.isLast = isLast
        return interval
    }

    /// A second in which ninety-eight accounts hang in the opening handshake, since `age` seconds.
    static func hung(_ second: Int, age: Int, isLast: Bool = false) -> Interval {
        var interval = Interval(shard: 0, sequence: second, startS: Double(second), endS: Double(second) + 1)
        if age == 1 {
            interval.counters.asked = 100
            interval.counters.iterationsStarted = 100
            interval.counters.refused = 2
            interval.counters.iterationsFailed = 2
            interval.outcomes["handshake_rejected:503"] = 2
            interval.refusals = [
                Refusal(status: 503, reason: "Service Unavailable", body: "too\u{1B}[31m many\nconnections")
            ]
        }
        interval.phases["handshaking"] = gauge(count: 98, oldestMs: age * 1000, stalled: age >= 5 ? 98 : 0)
        interval.phases["waiting"] = gauge(count: 2, oldestMs: 400)
        interval.generator = generator
        interval.isLast = isLast
        return interval
    }

    static func gauge(count: Int, oldestMs: Int = 0, stalled: Int = 0, passed: Int = 0) -> PhaseGauge {
        var gauge = PhaseGauge()
        (gauge.count, gauge.oldestMs, gauge.stalled, gauge.passed) = (count, oldestMs, stalled, passed)
        return gauge
    }

    private static let generator: GeneratorSample = {
        var sample = GeneratorSample()
        sample.busyRatio = 0.125
        sample.userCPUSeconds = 0.02
        sample.systemCPUSeconds = 0.1
        sample.rssKiB = 9000
        sample.openDescriptors = 110
        sample.scheduleLagMaxUs = 850
        return sample
    }()

    static func report(_ intervals: [Interval], end: RunEnd, thresholds: [Threshold] = []) throws -> Report {
        var builder = ReportBuilder(header: header(plan: plan(thresholds: thresholds)))
        for interval in intervals { try builder.add(interval) }
        return builder.finish(end)
    }

    static func passing() throws -> Report {
        try report((0..<20).map { good($0, isLast: $0 == 19) }, end: RunEnd(wallS: 20.25))
    }

    /// Well for three seconds, then the handshake freezes for seven.
    static func frozen() throws -> Report {
        let latency = Threshold(
            expression: "handshake.p99 < 5ms", metric: .timing("handshake", .p99), comparison: .below, limit: 5000)
        let intervals = (0..<3).map { good($0) } + (1...7).map { hung(2 + $0, age: $0, isLast: $0 == 7) }
        return try report(intervals, end: RunEnd(wallS: 10.5), thresholds: [latency])
    }
}

extension SampleRun {
    /// The live view's state after `intervals`.
    static func live(_ intervals: [Interval], stage: String? = nil) throws -> LiveState {
        var builder = ReportBuilder(header: header())
        var latest: IntervalGroup?
        for interval in intervals { latest = try builder.add(interval).last ?? latest }
        return LiveState(
            profile: "online-offline-churn", target: "ws://127.0.0.1:9001/", accounts: 100,
            elapsedS: Double(intervals.count), plannedS: 20, stage: stage, counters: builder.totals.counters,
            outcomes: builder.totals.outcomes, latest: latest, findings: builder.findings)
    }

    static func liveGood() throws -> LiveState { try live((0..<5).map { good($0) }) }

    static func liveHung() throws -> LiveState {
        try live((0..<3).map { good($0) } + (1...7).map { hung(2 + $0, age: $0) })
    }
}
