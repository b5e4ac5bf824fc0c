import Foundation
import Testing

extension EndToEnd {
    /// One misbehaviour of a server each: its outcome has the right name, its connections are in the right place of the ledger,
    /// nothing crashes.
    @Suite struct FaultTests {
        private static let profile = """
            name: fault
            accounts: { count: 4 }
            load: { duration: 800ms, ramp: 50ms, grace: 500ms }
            steps: [connect: { admit: none }, send: { text: "hello {account}", size: 64 }, receive, close]
            stall: { after: 500ms }
            timeouts: { handshake: 700ms, receive: 700ms, send: 700ms, close: 700ms }
            max_message: 4MiB
            """

        /// What one mode of broken_peer.py leads to.
        struct Fault {
            let mode: String
            /// Of every iteration that ended by itself.
            let outcome: String
            /// Where all its connections are in the ledger.
            let place: String
            /// Slug of the violations that the report shows; empty: it shows none.
            var violation = ""
        }

        private static func refused(_ mode: String, status: Int) -> Fault {
            Fault(mode: mode, outcome: "handshake_rejected:\(status)", place: "refused")
        }

        private static func invalid(_ mode: String, _ violation: String) -> Fault {
            Fault(mode: mode, outcome: "handshake_invalid", place: "failed", violation: violation)
        }

        private static func violating(_ mode: String, _ violation: String, code: Int = 1002) -> Fault {
            Fault(mode: mode, outcome: "protocol_error:\(code)", place: "lost", violation: violation)
        }

        static let faults: [Fault] =
            [
                refused("not-found", status: 404), refused("bad-request-long-body", status: 403),
                refused("not-websocket", status: 200),
                invalid("ssh-banner", "not_http"), invalid("wrong-accept", "accept_wrong"),
                invalid("no-upgrade-header", "upgrade_missing"),
                invalid("extension-unasked", "unrequested_extension"),
                invalid("subprotocol-unasked", "subprotocol_not_offered"),
                violating("garbage-after-101", "reserved_bits"),
                violating("announce-1gb", "message_too_big", code: 1009),
                Fault(mode: "rst:accept", outcome: "handshake_lost", place: "failed"),
                Fault(mode: "rst:handshake", outcome: "handshake_lost", place: "failed"),
                Fault(mode: "fin:accept", outcome: "handshake_lost", place: "failed"),
                Fault(mode: "fin:handshake", outcome: "handshake_lost", place: "failed"),
                Fault(mode: "rst:message", outcome: "connection_reset", place: "lost"),
                Fault(mode: "rst:close", outcome: "connection_reset", place: "lost"),
                Fault(mode: "rst:idle", outcome: "connection_reset", place: "lost"),
                Fault(mode: "fin:message", outcome: "connection_ended", place: "lost"),
                Fault(mode: "fin:close", outcome: "connection_ended", place: "lost"),
                violating("fault:rsv1", "reserved_bits"), violating("fault:rsv2", "reserved_bits"),
                violating("fault:rsv3", "reserved_bits"), violating("fault:control-rsv1", "reserved_bits"),
                violating("fault:masked", "masked_frame"), violating("fault:nonminimal16", "length_not_minimal"),
                violating("fault:nonminimal64", "length_not_minimal"), violating("fault:length63", "length_top_bit"),
                violating("fault:control-fragmented", "fragmented_control_frame"),
                violating("fault:control-long", "control_frame_too_long"),
                violating("fault:continuation-first", "unexpected_continuation"),
                violating("fault:text-in-fragment", "interleaved_message"),
                violating("fault:close-length1", "close_payload_too_short"),
                violating("fault:close-bad-utf8", "invalid_close_reason", code: 1007),
            ]
            + ["bad-utf8", "bad-utf8-split", "bad-utf8-truncated", "bad-utf8-surrogate"].map {
                violating("fault:\($0)", "invalid_text", code: 1007)
            }
            + [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map { violating("fault:opcode\($0)", "reserved_opcode") }
            + [999, 1005, 1006, 1015, 2999].map { violating("fault:close-code\($0)", "close_code_not_allowed") }

        /// Odd, but allowed.
        static let legal = [
            "echo", "frame-behind-101", "drip", "many-fragments", "huge-message", "pushes", "close-first",
        ]
        /// Peers that do not answer: `SilentServerTests` and `aServerThatStopsReading…` below.
        private static let silent = ["mute-handshake", "mute-message", "mute-close", "mute-pong", "slow-read"]

        @Test func everyModeOfTheBrokenPeerIsTested() throws {
            let list = try RunningCommand(Project.python, ["-B", Project.peer("broken_peer.py"), "--list-modes"])
            #expect(list.wait(seconds: 20) == 0)
            let modes = Set(list.output.split(separator: "\n").map(String.init))
            #expect(modes == Set(Self.faults.map(\.mode) + Self.legal + Self.silent))
        }

        /// All of them in one test: eight at a time, side by side, they take seconds instead of minutes.
        @Test func everyFaultHasItsOutcomeAndItsPlace() throws {
            for start in stride(from: 0, to: Self.faults.count, by: 8) {
                let batch = Self.faults[start..<min(start + 8, Self.faults.count)]
                let runs = try batch.map { fault in
                    let peer = try Peer.broken(fault.mode)
                    return (
                        fault: fault, peer: peer,
                        run: try GatecrashRun(["--target", peer.url, "--quiet"], profile: Self.profile)
                    )
                }
                for (fault, peer, run) in runs {
                    run.wait(seconds: 30)
                    try check(run, fault, peer)
                }
                try ReportDocument.expectKeepSchema(runs.map(\.run.report))
            }
        }

        private func check(_ run: GatecrashRun, _ fault: Fault, _ peer: Peer) throws {
            let report = run.report
            #expect(run.status == 99, "\(fault.mode): \(run.said)")
            #expect(Array(report.outcomes.keys) == [fault.outcome], "\(fault.mode): \(run.said)")
            #expect(report.balances, "\(fault.mode): \(run.said)")
            let asked = report.int("totals.ledger.asked")
            #expect(asked >= 4, "\(fault.mode)")
            #expect(report.int("totals.ledger.\(fault.place)") == asked, "\(fault.mode): \(run.said)")
            #expect(try peer.counts()["connections"] == report.int("totals.ledger.opened"), "\(fault.mode)")
            let slugs = Set(report.violations.map { String($0.prefix { $0 != ":" }) })
            #expect(slugs == (fault.violation.isEmpty ? [] : [fault.violation]), "\(fault.mode): \(run.said)")
        }

        @Test func tlsHandshakesFailWithTheirCause() throws {
            for (mode, outcome, place, violation) in [
                ("rst:accept", "tls_failed", "failed", nil), ("fin:accept", "tls_failed", "failed", "tls_handshake"),
                ("ssh-banner", "tls_failed", "failed", "tls_handshake"),
                ("mute-handshake", "tls_timeout", "timed_out", nil),
            ] as [(String, String, String, String?)] {
                let peer = try Peer.broken(mode)
                let run = try GatecrashRun.finished(
                    ["--target", "wss://127.0.0.1:\(peer.port)/", "--quiet"],
                    profile: Self.profile.replacingOccurrences(of: "{ handshake", with: "{ tls: 300ms, handshake"))
                let report = run.report
                #expect(Array(report.outcomes.keys) == [outcome], "\(mode): \(run.said)")
                #expect(
                    report.int("totals.ledger.\(place)") == report.int("totals.ledger.asked"), "\(mode): \(run.said)")
                #expect(report.balances, "\(mode): \(run.said)")
                if let violation {
                    #expect(report.violations.first?.hasPrefix(violation) == true, "\(mode): \(run.said)")
                }
            }
        }

        @Test func aRefusalKeepsItsStatusAndAtMost4KiBOfItsBody() throws {
            let peer = try Peer.broken("bad-request-long-body")
            let run = try GatecrashRun.finished(["--target", peer.url, "--quiet"], profile: Self.profile)
            let refusals = run.report.value("refusals") as? [[String: Any]] ?? []
            #expect(refusals.first?["status"] as? Int == 403)
            #expect((refusals.first?["body"] as? String)?.utf8.count == 4096)
        }

        @Test(arguments: legal)
        func oddButLegalServersAreServed(_ mode: String) throws {
            let peer = try Peer.broken(mode)
            let run = try GatecrashRun.finished(["--target", peer.url, "--quiet"], profile: Self.profile)
            let report = run.report
            #expect(run.status == 0, "\(mode): \(run.said)")
            #expect(report.int("totals.iterations.completed") > 4, "\(mode): \(run.said)")
            #expect(report.balances)
            let counts = try peer.counts()
            #expect(counts["connections"] == report.int("totals.ledger.opened"), "\(mode)")
            #expect(counts["messages"] == report.int("totals.messages.sent"), "\(mode)")
            // One push on arrival, two around the reply, one on departure; a greeting behind the 101.
            let unclaimed = ["pushes": 4, "frame-behind-101": 1][mode] ?? 0
            #expect(
                report.int("totals.messages.unclaimed") == unclaimed * report.int("totals.ledger.opened"), "\(mode)")
        }

        @Test func aServerThatSaysGoodbyeFirstIsNamedByItsCode() throws {
            let peer = try Peer.broken("close-first")
            let run = try GatecrashRun.finished(
                ["--target", peer.url, "--quiet"],
                profile: Self.profile.replacingOccurrences(of: "receive,", with: "receive: { count: 2 },"))
            #expect(Array(run.report.outcomes.keys) == ["closed_by_peer:1001"], "\(run.said)")
            #expect(run.report.int("totals.ledger.closed_by_peer") == run.report.int("totals.ledger.opened"))
            #expect(run.report.balances)
        }

        @Test func aServerThatStopsReadingTimesOutTheSend() throws {
            let peer = try Peer.broken("slow-read")
            let run = try GatecrashRun.finished(
                ["--target", peer.url, "--quiet"],
                profile: Self.profile.replacingOccurrences(of: "size: 64", with: "size: 8MiB"))
            #expect((run.report.outcomes["send_timeout"] ?? 0) >= 4, "\(run.said)")
            #expect(run.report.int("timings_us.reply.count") == 0)
            #expect(run.report.balances, "\(run.said)")
            try run.report.expectKeepsSchema()
        }
    }
}
