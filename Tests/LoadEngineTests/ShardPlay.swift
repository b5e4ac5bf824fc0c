import Foundation
import Glibc
import LoadMetrics
import LoadPlan
import Testing

@testable import LoadEngine

/// A profile played by shards in threads of this process against a scripted peer, and what they said.
final class ShardPlay {
    /// Longest that any play may take; then it is stopped and the test fails.
    private static let deadlineSeconds = 20.0

    private(set) var totals = RunTotals()
    private(set) var intervals: [Interval] = []
    let seconds: Double

    /// Plays `profile`, YAML without a target, with `shards` shards. `during` runs beside them and may write to their control inputs.
    @discardableResult
    convenience init(
        _ profile: String, against peer: ScriptedPeer, shards: Int = 1, seed: UInt64 = 1,
        path: String = "/", during: ((Controls) -> Void)? = nil, _ location: SourceLocation = #_sourceLocation
    ) throws {
        let target = "\ntarget: \"ws://127.0.0.1:\(peer.port)\(path)\"\n"
        let plan = try Profile.load(text: profile + target, file: "profile")
        try self.init(plan, against: peer, shards: shards, seed: seed, during: during, location)
    }

    /// Plays a plan whose target is the peer's URL. `credentials` is a file with tokens.
    @discardableResult
    init(
        _ plan: Plan, against peer: ScriptedPeer, shards: Int = 1, seed: UInt64 = 1, credentials: String? = nil,
        during: ((Controls) -> Void)? = nil, _ location: SourceLocation = #_sourceLocation
    ) throws {
        guard case .url(let url) = plan.target else { throw POSIXError(.EINVAL) }
        let controls = try Controls(count: shards)
        let outputs = (0..<shards).map { _ in tmpfile() }
        defer { outputs.forEach { _ = $0.map(fclose) } }
        let startNs = Self.nowNs() + 20_000_000
        let ended = DispatchGroup()
        for number in 0..<shards {
            let assignment = ShardPlan(
                plan: plan, target: url, address: "127.0.0.1:\(peer.port)", shard: number, shards: shards, seed: seed,
                startNs: startNs, credentials: credentials)
            let (control, output) = (controls.readingEnds[number], fileno(outputs[number]))
            ended.enter()
            Thread.detachNewThread {
                defer { ended.leave() }
                do {
                    var shard = try Shard(assignment, control: control, output: output)
                    shard.run()
                } catch {
                    Issue.record("shard \(number): \(error)", sourceLocation: location)
                }
            }
        }
        during?(controls)
        if ended.wait(timeout: .now() + Self.deadlineSeconds) == .timedOut {
            controls.say("stop")
            let stopped = ended.wait(timeout: .now() + 5) == .success
            Issue.record("still running after \(Self.deadlineSeconds) s; stopped: \(stopped)", sourceLocation: location)
        }
        seconds = Double(Self.nowNs() - startNs) / 1e9
        peer.stop()
        for output in outputs {
            guard let output else { continue }
            rewind(output)
            try read(output)
        }
    }

    private func read(_ output: UnsafeMutablePointer<FILE>) throws {
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while getline(&line, &capacity, output) > 0, let line {
            let interval = try JSONDecoder().decode(Interval.self, from: Data(String(cString: line).utf8))
            try totals.add(interval)
            intervals.append(interval)
        }
    }

    var counters: Counters { totals.counters }
    var outcomes: [String: Int] { totals.outcomes }
    var violations: [String] { intervals.flatMap(\.violations) }

    func count(_ timing: Timing) -> Int { totals.timings[timing]?.count ?? 0 }

    static func nowNs() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The writing ends of the shards' control inputs.
    final class Controls {
        fileprivate var readingEnds: [Int32] = []
        private var writingEnds: [Int32] = []

        fileprivate init(count: Int) throws {
            for _ in 0..<count {
                var ends: [Int32] = [-1, -1]
                guard pipe(&ends) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
                readingEnds.append(ends[0])
                writingEnds.append(ends[1])
            }
        }

        deinit {
            hangUp()
            readingEnds.forEach { close($0) }
        }

        func say(_ word: String) {
            for end in writingEnds { _ = (word + "\n").withCString { write(end, $0, strlen($0)) } }
        }

        /// What a shard sees when its controller dies.
        func hangUp() {
            writingEnds.forEach { close($0) }
            writingEnds = []
        }
    }
}

extension ScriptedPeer {
    /// Waits until `condition` holds for what was seen.
    func wait(seconds: Double = 10, _ location: SourceLocation = #_sourceLocation, until condition: (Seen) -> Bool) {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while Date() < deadline {
            if condition(seen) { return }
            usleep(5_000)
        }
        Issue.record("not within \(seconds) s: \(seen)", sourceLocation: location)
    }
}
