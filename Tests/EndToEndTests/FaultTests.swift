import Foundation
import Testing

extension EndToEnd {
    /// One misbehaviour of a server each: its outcome has the right name, nothing crashes, the ledger balances.
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

        /// Mode of broken_peer.py, outcome of every ended iteration, violation's slug or nothing.
        private static let faults: [(mode: String, outcome: String, violation: String)] =
            [
                ("ssh-banner", "handshake_invalid", "not_http"),
                ("not-found", "handshake_rejected:404", ""),
                ("bad-request-long-body", "handshake_rejected:403", ""),
                ("not-websocket", "handshake_rejected:200", ""),
                ("wrong-accept", "handshake_invalid", "accept_wrong"),
                ("no-upgrade-header", "handshake_invalid", "upgrade_missing"),
                ("extension-unasked", "handshake_invalid", "unrequested_extension"),
                ("subprotocol-unasked", "handshake_invalid", "subprotocol_not_offered"),
                ("garbage-after-101", "protocol_error:1002", "reserved_bits"),
                ("announce-1gb", "protocol_error:1009", "message_too_big"),
                ("rst:handshake", "handshake_lost", ""), ("rst:message", "connection_reset", ""),
                ("rst:close", "connection_reset", ""), ("rst:idle", "connection_reset", ""),
                ("fin:accept", "handshake_lost", ""), ("fin:handshake", "handshake_lost", ""),
                ("fin:message", "connection_ended", ""), ("fin:close", "connection_ended", ""),
                ("fault:rsv1", "protocol_error:1002", "reserved_bits"),
                ("fault:rsv2", "protocol_error:1002", "reserved_bits"),
                ("fault:rsv3", "protocol_error:1002", "reserved_bits"),
                ("fault:control-rsv1", "protocol_error:1002", "reserved_bits"),
                ("fault:masked", "protocol_error:1002", "masked_frame"),
                ("fault:nonminimal16", "protocol_error:1002", "length_not_minimal"),
                ("fault:nonminimal64", "protocol_error:1002", "length_not_minimal"),
                ("fault:length63", "protocol_error:1002", "length_top_bit"),
                ("fault:control-fragmented", "protocol_error:1002", "fragmented_control_frame"),
                ("fault:control-long", "protocol_error:1002", "control_frame_too_long"),
                ("fault:continuation-first", "protocol_error:1002", "unexpected_continuation"),
                ("fault:text-in-fragment", "protocol_error:1002", "interleaved_message"),
                ("fault:bad-utf8", "protocol_error:1007", "invalid_text"),
                ("fault:bad-utf8-split", "protocol_error:1007", "invalid_text"),
                ("fault:bad-utf8-truncated", "protocol_error:1007", "invalid_text"),
                ("fault:bad-utf8-surrogate", "protocol_error:1007", "invalid_text"),
                ("fault:close-length1", "protocol_error:1002", "close_payload_too_short"),
                ("fault:close-code1005", "protocol_error:1002", "close_code_not_allowed"),
                ("fault:close-code2999", "protocol_error:1002", "close_code_not_allowed"),
                ("fault:close-bad-utf8", "protocol_error:1007", "invalid_close_reason"),
            ]
            + [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map {
                ("fault:opcode\($0)", "protocol_error:1002", "reserved_opcode")
            }

        /// All of them in one test: started side by side, four at a time, they take seconds instead of minutes.
        @Test func everyFaultHasItsOutcome() throws {
            for start in stride(from: 0, to: Self.faults.count, by: 4) {
                let batch = Self.faults[start..<min(start + 4, Self.faults.count)]
                let runs = try batch.map { fault in
                    let peer = try Peer.broken(fault.mode)
                    return (
                        fault: fault, peer: peer,
                        run: try GatecrashRun(["--target", peer.url, "--quiet"], profile: Self.profile)
                    )
                }
                for (fault, _, run) in runs {
                    run.wait(seconds: 30)
                    let report = run.report
                    #expect(run.status == 99, "\(fault.mode): \(run.said)")
                    #expect(Array(report.outcomes.keys) == [fault.outcome], "\(fault.mode): \(run.said)")
                    #expect(report.balances, "\(fault.mode): \(run.said)")
                    let violation = report.violations.first ?? ""
                    #expect(
                        violation.hasPrefix(fault.violation) && violation.isEmpty == fault.violation.isEmpty,
                        "\(fault.mode)")
                    #expect(try report.schemaProblems() == "", "\(fault.mode)")
                }
            }
        }

        @Test func aRefusalKeepsItsStatusAndAtMost4KiBOfItsBody() throws {
            let peer = try Peer.broken("bad-request-long-body")
            let run = try GatecrashRun.finished(["--target", peer.url, "--quiet"], profile: Self.profile)
            let refusals = run.report.value("refusals") as? [[String: Any]] ?? []
            #expect(refusals.first?["status"] as? Int == 403)
            #expect((refusals.first?["body"] as? String)?.utf8.count == 4096)
            #expect(run.report.int("totals.ledger.refused") == run.report.int("totals.ledger.asked"))
        }

        @Test(arguments: ["frame-behind-101", "drip", "many-fragments", "huge-message", "pushes", "echo"])
        func oddButLegalServersAreServed(_ mode: String) throws {
            let peer = try Peer.broken(mode)
            let run = try GatecrashRun.finished(["--target", peer.url, "--quiet"], profile: Self.profile)
            #expect(run.status == 0, "\(mode): \(run.said)")
            #expect(run.report.int("totals.iterations.completed") > 4, "\(mode): \(run.said)")
            #expect(run.report.balances)
            if mode == "pushes" { #expect(run.report.int("totals.messages.unclaimed") > 0) }
        }
    }
}
