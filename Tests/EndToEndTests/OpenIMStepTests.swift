import Foundation
import Testing

extension EndToEnd {
    /// Each of OpenIM's steps, and each way to log in twice, against the bundled stack: what comes back is counted.
    @Suite struct OpenIMStepTests {
        struct Play: CustomTestStringConvertible {
            let name: String
            let version: String
            /// The profile below `dialect`.
            let profile: String
            var outcomes: [String: Int] = ["ok": 20]
            /// Numbers of the report by their path.
            var counts: [String: Int] = [:]

            var testDescription: String { "\(name) \(version)" }
        }

        private static let received = "totals.messages.received"
        private static let unclaimed = "totals.messages.unclaimed"
        private static let opened = "totals.ledger.opened"
        private static let lost = "totals.ledger.lost"
        private static let deliveries = "timings_us.delivery.count"

        private static let accounts = "accounts: { count: 20, id: 'step_{index}' }"
        private static let twice = "accounts: { count: 20, id: 'step_{index}', logins: 2 }"
        private static let once = "load: { iterations: 1, ramp: 200ms }"

        static let plays: [Play] = ["3.5.1", "3.8.3"].flatMap(plays(of:)) + playsOfLater

        /// 20 accounts, each login of which plays once.
        private static func plays(of version: String) -> [Play] {
            [
                Play(
                    name: "two devices of different platforms", version: version,
                    profile: """
                        openim: { platforms: [android, windows] }
                        \(twice)
                        \(once)
                        steps:
                          - connect
                          - wait: 1500ms
                          - send: { to: pair, text: "{sequence}" }
                          - receive: ack
                          - receive: { push: others, count: 2 }
                          - receive: { push: own, count: 2 }
                          - close
                        """,
                    outcomes: ["ok": 40], counts: [received: 200, unclaimed: 0, opened: 40, deliveries: 160]),
                Play(
                    name: "takeover", version: version,
                    profile: """
                        kick: { expected: true }
                        \(accounts)
                        \(once)
                        steps: [connect, newest_sequence, takeover, newest_sequence, close]
                        """,
                    counts: [received: 40, opened: 40, lost: 20]),
                Play(
                    name: "logout", version: version,
                    profile: """
                        \(accounts)
                        \(once)
                        steps: [connect, newest_sequence, logout]
                        """,
                    counts: [received: 40, opened: 20, lost: 0]),
                Play(
                    name: "a telephone in the background", version: version,
                    profile: """
                        openim: { platforms: [ios] }
                        \(accounts)
                        \(once)
                        steps:
                          - connect
                          - background: true
                          - wait: 2s
                          - send: { to: pair, text: hello }
                          - receive: ack
                          - wait: 500ms
                          - background: false
                          - close
                        """,
                    counts: [received: 60, unclaimed: 0, deliveries: 0]),
                Play(
                    name: "newest sequence and pull", version: version,
                    profile: """
                        \(accounts)
                        \(once)
                        steps:
                          - connect
                          - send: { to: self, text: "{sequence}" }
                          - receive: ack
                          - newest_sequence
                          - pull: { with: self, count: 5 }
                          - receive: { push: own }
                          - close
                        """,
                    counts: [received: 80, unclaimed: 0, deliveries: 20]),
                Play(
                    name: "gzip", version: version,
                    profile: """
                        openim: { compression: true }
                        \(accounts)
                        \(once)
                        steps: \(exchange)
                        """,
                    counts: [received: 60, unclaimed: 0, deliveries: 40]),
            ]
        }

        private static let exchange = """
            [connect, wait: 1500ms, send: { to: pair, text: '<{sequence}> & "q"', size: 2000 }, receive: ack,
              receive: { push: others }, receive: { push: own }, close]
            """

        /// What 3.5.1 does not understand.
        private static let playsOfLater = [
            Play(
                name: "JSON with gzip", version: "3.8.3",
                profile: """
                    openim: { encoding: json, compression: true, platforms: [web] }
                    \(accounts)
                    \(once)
                    steps: \(exchange)
                    """,
                counts: [received: 60, unclaimed: 0, deliveries: 40]),
            Play(
                name: "text ping", version: "3.8.3",
                profile: """
                    openim: { ping: text, platforms: [web] }
                    \(accounts)
                    \(once)
                    steps: [connect: { heartbeat: 300ms }, wait: 1s, ping, close]
                    """,
                counts: [received: 0, opened: 20]),
            Play(
                name: "first response", version: "3.8.3",
                profile: """
                    openim: { first_response: true }
                    \(accounts)
                    \(once)
                    steps: [connect, newest_sequence, close]
                    """,
                counts: [received: 20, opened: 20]),
            Play(
                name: "subscribe", version: "3.8.3",
                profile: """
                    \(accounts)
                    \(once)
                    steps: [connect, subscribe: { to: ring }, close]
                    """,
                counts: [received: 20, opened: 20]),
        ]

        @Test(arguments: plays)
        func countsWhatComesBack(_ play: Play) throws {
            let run = try GatecrashRun.finished(
                ["--openim-version", play.version, "--quiet"], profile: "name: play\ndialect: openim\n\(play.profile)",
                seconds: 90)
            #expect(run.status == 0, "\(run.said)")
            #expect(run.report.outcomes == play.outcomes, "\(run.said)")
            for (path, count) in play.counts {
                #expect(run.report.int(path) == count, "\(path) is \(run.report.int(path)): \(run.said)")
            }
            #expect(run.report.findings.isEmpty && run.report.balances, "\(run.said)")
        }

        /// Two devices of one platform kick each other for as long as they like; unexpected, a kick is a failure.
        @Test(arguments: ["3.5.1", "3.8.3"])
        func twoDevicesOfOnePlatformKickEachOther(_ version: String) throws {
            for isExpected in [true, false] {
                let run = try GatecrashRun.finished(
                    ["--openim-version", version, "--quiet"],
                    profile: """
                        name: devices
                        dialect: openim
                        \(Self.twice)
                        kick: { expected: \(isExpected) }
                        load: { duration: 2s, ramp: 200ms }
                        steps: [connect, newest_sequence, wait: 300ms, ping, close]
                        """, seconds: 90)
                let (outcomes, balances) = (run.report.outcomes, run.report.balances)
                #expect(balances, "\(run.said)")
                if isExpected {
                    #expect(run.status == 0 && outcomes["kicked"] ?? 0 >= 20, "\(run.said)")
                    #expect(outcomes.keys.allSatisfy { ["ok", "kicked"].contains($0) }, "\(run.said)")
                } else {
                    #expect(run.status == 99 && outcomes["kicked_unexpectedly:2002"] ?? 0 >= 20, "\(run.said)")
                }
            }
        }
    }
}
