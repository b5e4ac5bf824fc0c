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

        @Test(arguments: [
            ("mute-handshake", "none", "handshake_stall"), ("mute-pong", "pong", "admission_stall"),
            ("mute-message", "none", "reply_stall"), ("mute-close", "none", "close_stall"),
        ])
        func isNamedWhileItHangs(_ mode: String, _ admit: String, _ kind: String) throws {
            let peer = try Peer.broken(mode)
            let started = Date()
            let run = try GatecrashRun(
                ["--target", peer.url], profile: Self.profile.replacingOccurrences(of: "ADMIT", with: admit))
            // stall.after, an interval's length, and slack for a busy machine; well before the run's own end.
            run.command.wait(seconds: 5, until: { $0.errors.contains(kind) })
            run.wait(seconds: 30)
            // Duration, grace and close timeout, and slack.
            #expect(Date().timeIntervalSince(started) < 5 + 1 + 3 + 4, "\(run.said)")
            #expect(run.status == 6, "\(run.said)")
            let report = run.report
            #expect(report.findings[kind] == "critical", "\(run.said)")
            #expect(report.balances)
            #expect(report.int("totals.iterations.completed") == 0)
            let ended = report.outcomes.values.reduce(0, +)
            #expect(ended + report.int("totals.iterations.in_flight_at_end") == report.int("totals.iterations.started"))
            #expect(run.command.output.contains("20 accounts"), "\(run.said)")
            if mode == "mute-handshake" {
                #expect(report.int("pending_at_end.handshaking.count") == 20)
                #expect(report.int("pending_at_end.handshaking.oldest_ms") >= 5_000)
            }
        }
    }
}
