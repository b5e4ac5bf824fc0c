import Testing

@testable import LoadPlan

@Suite struct ThresholdTests {
    @Test(
        arguments: [
            ("handshake.p99 < 250ms", .timing("handshake", .p99), .below, 250_000),
            ("reply_service.p999<=1.5s", .timing("reply_service", .p999), .atMost, 1_500_000),
            ("ping.mean > 500us", .timing("ping", .mean), .above, 500),
            ("session.max >= 2m", .timing("session", .max), .atLeast, 120_000_000),
            ("tls.count == 0", .timing("tls", .count), .equal, 0),
            ("outcomes.failed == 0", .failedOutcomes, .equal, 0),
            ("outcomes.receive_timeout != 3", .outcome(slug: "receive_timeout"), .unequal, 3),
            ("outcomes.handshake_rejected:404 <= 1", .outcome(slug: "handshake_rejected:404"), .atMost, 1),
            ("iterations.in_flight_at_end == 0", .iterations(.inFlightAtEnd), .equal, 0),
            ("connections.still_open == 0", .connections(.stillOpen), .equal, 0),
            ("messages.unclaimed < 10", .messages(.unclaimed), .below, 10),
        ] as [(String, Threshold.Metric, Threshold.Comparison, Double)])
    func reads(text: String, metric: Threshold.Metric, comparison: Threshold.Comparison, limit: Double) throws {
        let expected = Threshold(expression: text, metric: metric, comparison: comparison, limit: limit)
        #expect(try Threshold(parsing: text) == expected)
        #expect(try Threshold(parsing: "  \(text)\t") == expected)
        #expect(text.hasPrefix(metric.name))
    }

    @Test func readsEveryMetric() throws {
        for name in Threshold.metricNames {
            let isTime = try Threshold(
                parsing: name + " > 0\(name.contains(".count") || !Self.isTiming(name) ? "" : "s")"
            ).metric.isTime
            #expect(isTime == (Self.isTiming(name) && !name.hasSuffix(".count")))
        }
        #expect(Set(Threshold.metricNames).count == Threshold.metricNames.count)
    }

    private static func isTiming(_ name: String) -> Bool {
        Threshold.timingNames.contains { name.hasPrefix($0 + ".") }
    }

    @Test(
        arguments: [
            ("", 1, "expected a metric, found nothing", "e.g. handshake.p99 < 250ms"),
            ("< 5", 1, #"expected a metric, found "< 5""#, "e.g. handshake.p99 < 250ms"),
            ("handshak.p99 < 1ms", 1, #"unknown metric "handshak""#, "did you mean handshake?"),
            (
                "p99(reply) < 1ms", 1, #"unknown metric "p99""#,
                "the metrics are connect, tls, handshake, admission, reply, reply_service, delivery, ping, close, session, iteration, outcomes, iterations, connections, messages"
            ),
            ("reply < 1ms", 6, "expected a dot and what of reply is meant", "e.g. reply.max"),
            ("reply.p98 < 1ms", 7, #"reply has no "p98""#, "did you mean reply.p90?"),
            (
                "reply. < 1ms", 7, "expected what of reply is meant",
                "it has count, min, mean, p50, p90, p95, p99, p999, max"
            ),
            ("messages.recieved > 0", 10, #"messages has no "recieved""#, "did you mean messages.received?"),
            (
                "outcomes.ok:200 > 0", 12, "outcomes.ok has no codes",
                "those with a code are refused, request_failed, handshake_rejected, protocol_error, closed_by_peer, kicked_unexpectedly"
            ),
            ("outcomes.closed_by_peer:x > 0", 25, "expected a code from 1 to 65535, found nothing", nil),
            ("outcomes.closed_by_peer:70000 > 0", 25, #"expected a code from 1 to 65535, found "70000""#, nil),
            ("reply.p99", 10, "expected <, <=, >, >=, == or !=, found the end", nil),
            ("reply.p99 = 1ms", 11, #"expected <, <=, >, >=, == or !=, found "=""#, "write =="),
            ("reply.p99 => 1ms", 11, #"expected <, <=, >, >=, == or !=, found "=>""#, "write >="),
            ("reply.p99 ≤ 1ms", 11, #"expected <, <=, >, >=, == or !=, found "≤""#, "write <="),
            ("reply.p99 under 1ms", 11, #"expected <, <=, >, >=, == or !=, found "under 1ms""#, nil),
            ("reply.p99 < ", 13, "expected a number, found the end", nil),
            ("reply.p99 < 250", 16, "expected a unit (us, ms, s, m or h) after 250", "e.g. 250s or 250ms"),
            ("reply.p99 < 1h", 13, "a timing's limit is in us, ms, s or m", "timings end at 10m"),
            ("reply.p99 < 250ms and more", 19, #"expected the end, found "and more""#, "one comparison per threshold"),
            ("outcomes.failed == 0ms", 21, #"outcomes.failed is a count and has no unit, found "ms""#, nil),
            ("outcomes.failed == 0.5", 20, "expected a whole number, because outcomes.failed is a count", nil),
            ("outcomes.failed < -1", 19, #"expected a number, found "-1""#, "negative values make no sense here"),
            ("outcomes.failed >= 0", 20, "this holds whatever happens", "outcomes.failed is never below 0"),
            ("reply.p50 < 0s", 13, "this can never hold", "reply.p50 is never below 0"),
        ] as [(String, Int, String, String?)])
    func refuses(text: String, column: Int, message: String, hint: String?) {
        let problem = #expect(throws: TextProblem.self) { try Threshold(parsing: text) }
        #expect(problem == TextProblem(text: text, column: column, message: message, hint: hint))
    }

    @Test(arguments: Threshold.Comparison.allCases)
    func compares(comparison: Threshold.Comparison) {
        let observed = [1.0, 2.0, 3.0].map { comparison.holds($0, 2) }
        let expected: [Bool] =
            switch comparison {
            case .below: [true, false, false]
            case .atMost: [true, true, false]
            case .above: [false, false, true]
            case .atLeast: [false, true, true]
            case .equal: [false, true, false]
            case .unequal: [true, false, true]
            }
        #expect(observed == expected)
    }

    @Test func slugWithoutCodeCountsEveryCode() throws {
        let all = try Threshold(parsing: "outcomes.handshake_rejected == 0").metric
        let one = try Threshold(parsing: "outcomes.handshake_rejected:404 == 0").metric
        #expect(all.includes(outcome: "handshake_rejected:404") && all.includes(outcome: "handshake_rejected"))
        #expect(one.includes(outcome: "handshake_rejected:404") && !one.includes(outcome: "handshake_rejected:403"))
        #expect(
            !all.includes(outcome: "handshake_rejected_x")
                && !Threshold.Metric.failedOutcomes.includes(outcome: "refused"))
    }
}
