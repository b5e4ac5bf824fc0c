import Foundation
import Testing

extension EndToEnd {
    /// Servers that stop answering: seen while the run goes on, counted in the report, and the run ends on time.
    @Suite struct SilentServerTests {
        private static let profile = """
            name: silent
            accounts: { count: 20 }
            load: { duration: 5s, ramp: 200ms, grace: 1s }
            steps: [connect: { admit: ADMIT }, send: hello, receive, close]
            stall: { after: 2s }
            timeouts: { close: 3s }
            """

        struct Silence {
            let mode: String
            let admit: String
            let kind: String
            let phase: String
            /// Outcome of the accounts when the grace is over; nil: they are left where they hang, to show it.
            let outcome: String?
        }

        private static let silences = [
            Silence(mode: "mute-handshake", admit: "none", kind: "handshake_stall", phase: "handshaking", outcome: nil),
            Silence(mode: "mute-pong", admit: "pong", kind: "admission_stall", phase: "admitting", outcome: nil),
            Silence(
                mode: "mute-message", admit: "none", kind: "reply_stall", phase: "receiving", outcome: "interrupted"),
            Silence(mode: "mute-close", admit: "none", kind: "close_stall", phase: "closing", outcome: "close_timeout"),
        ]

        /// Side by side: they do nothing but wait.
        @Test func isNamedWhileItHangsAndTheRunEndsOnTime() throws {
            let started = Date()
            let runs = try Self.silences.map { silence in
                let peer = try Peer.broken(silence.mode)
                let profile = Self.profile.replacingOccurrences(of: "ADMIT", with: silence.admit)
                return (silence: silence, peer: peer, run: try GatecrashRun(["--target", peer.url], profile: profile))
            }
            // stall.after, an interval's length, the ramp, and slack for starting eight programs; well before the runs' own end.
            for (silence, _, run) in runs {
                run.command.wait(seconds: 8, until: { $0.errors.contains("\(silence.kind): ") }, #_sourceLocation)
                // The first account's stall is told at once; how many they are by then is the clock's business.
                #expect(
                    run.command.isRunning && run.command.errors.contains("\(silence.kind): "),
                    "\(silence.mode): \(run.said)")
            }
            for (silence, _, run) in runs {
                run.wait(seconds: 30)
                // Duration, grace, close timeout, and slack.
                #expect(Date().timeIntervalSince(started) < 5 + 1 + 3 + 12, "\(silence.mode): \(run.said)")
                try check(run, silence)
            }
        }

        private func check(_ run: GatecrashRun, _ silence: Silence) throws {
            let report = run.report
            #expect(run.status == 6, "\(silence.mode): \(run.said)")
            #expect(report.findings[silence.kind] == "critical", "\(silence.mode): \(run.said)")
            // The freeze is the conclusion from the stall, drawn since the server is watched.
            #expect(
                report.findings.keys.allSatisfy { [silence.kind, "connection_freeze"].contains($0) },
                "\(report.findings)")
            // Seen in the second after stall.after, counted from the last account's start.
            #expect(report.number(ofFinding: silence.kind, "onset_s") <= 4.2, "\(silence.mode): \(run.said)")
            #expect(run.command.output.contains("20 accounts hung"), "\(silence.mode): \(run.said)")
            #expect(report.balances, "\(silence.mode): \(run.said)")
            #expect(report.int("totals.iterations.completed") == 0)
            if let outcome = silence.outcome {
                #expect(Array(report.outcomes.keys) == [outcome], "\(silence.mode): \(run.said)")
                #expect(report.int("totals.iterations.in_flight_at_end") == 0, "\(silence.mode)")
            } else {
                #expect(report.outcomes == [:], "\(silence.mode)")
                #expect(report.int("totals.iterations.in_flight_at_end") == 20, "\(silence.mode): \(run.said)")
                #expect(report.int("pending_at_end.\(silence.phase).count") == 20, "\(silence.mode): \(run.said)")
                #expect(report.int("pending_at_end.\(silence.phase).oldest_ms") >= 5_000, "\(silence.mode)")
            }
            try report.expectKeepsSchema()
        }

        @Test func timeOutsAreCountedAndChangeNothingAboutTheFinding() throws {
            let peer = try Peer.broken("mute-handshake")
            let profile = Self.profile.replacingOccurrences(of: "ADMIT", with: "pong")
                .replacingOccurrences(of: "close: 3s", with: "handshake: 2500ms, close: 1s")
            let run = try GatecrashRun.finished(["--target", peer.url, "--quiet"], profile: profile, seconds: 30)
            #expect(run.status == 6, "\(run.said)")
            #expect(run.report.findings["handshake_stall"] == "critical", "\(run.said)")
            #expect((run.report.outcomes["handshake_timeout"] ?? 0) >= 20, "\(run.said)")
            #expect(run.report.int("totals.ledger.timed_out") == run.report.outcomes["handshake_timeout"])
            #expect(run.report.balances)
        }
    }
}
