import Diagnosis
import LoadMetrics
import Testing

/// Hours: what grows by one in a hundred seconds is found, and healthy hours have no findings.
@Suite struct SoakTests {
    private func findings(perSecond: Double, hours: Double) throws -> [Finding] {
        var random = SeededRandom(5)
        var diagnostician = Diagnostician(stallAfterMs: 5000)
        let source = WatchedSource(number: 0, kind: .process, role: .gateway, name: "gateway 0", pid: 1, port: 1)
        diagnostician.observe(source)
        for second in 0..<Int(hours * 3600) {
            var interval = Interval(shard: 0, sequence: second, startS: Double(second), endS: Double(second) + 1)
            interval.phase(.open, count: 50)
            interval.phase(.handshaking, count: 1, passed: 9)
            interval.counters.messagesReceived = random.poisson(100)
            var group = IntervalGroup(second: second)
            try group.add(interval)
            diagnostician.observe(group)
            var sample = ServerSample(source: 0, atS: group.endS)
            sample.pid = 1
            sample.connections = ["ESTABLISHED": 51]
            sample.descriptorsByKind = [
                "tcp:ESTABLISHED": 51 + random.poisson(5), "netlink": random.poisson(1),
                "file": 20 + Int(perSecond * Double(second)),
            ]
            diagnostician.observe(sample)
        }
        return diagnostician.findings
    }

    @Test func aSlowLeakIsFound() throws {
        let findings = try findings(perSecond: 0.01, hours: 1.5)
        let leak = try #require(findings.first, "\(findings)")
        #expect(findings.count == 1 && leak.kind == .descriptorLeak && leak.evidence["kind"] == "file", "\(findings)")
        let slope = try #require(leak.evidence["slope_per_1000_messages"].flatMap(Double.init))
        #expect(abs(slope - 0.1) <= 0.01, "\(leak)")
    }

    @Test func healthyHoursHaveNoFindings() throws {
        #expect(try findings(perSecond: 0, hours: 1.5).isEmpty)
    }
}
