import Diagnosis
import LoadMetrics
import Testing

@Suite struct GeneratorTests {
    private func findings(_ seconds: Int, _ fill: (_ number: Int, inout Interval) -> Void) throws -> [Finding] {
        var run = RecordedRun()
        try run.seconds(seconds, fill)
        return Diagnostician.findings(stallAfterMs: 5000, groups: run.groups)
    }

    @Test func aBusyLoopThatIsOnTimeIsAWarning() throws {
        let findings = try findings(10) { _, interval in
            interval.generator.busyRatio = 0.99
            interval.generator.scheduleLagMaxUs = 4000
        }
        #expect(findings.map(\.kind) == [.generatorLimited] && findings.map(\.severity) == [.warning])
        #expect(findings.first?.onsetS == 0 && findings.first?.endedS == nil)
    }

    @Test func aLateLoopConvicts() throws {
        let findings = try findings(10) { number, interval in
            interval.generator.busyRatio = 1
            interval.generator.scheduleLagMaxUs = number >= 4 ? 250_000 : 100
        }
        let late = try #require(findings.first { $0.severity == .critical })
        #expect(late.kind == .generatorLimited && late.onsetS == 4)
        #expect(late.evidence["schedule_lag_ms_max"] == "250")
    }

    @Test(arguments: [1, 2])
    func aHiccupDoesNot(seconds: Int) throws {
        let findings = try findings(20) { number, interval in
            interval.generator.busyRatio = number % 4 < seconds ? 1 : 0.3
            interval.generator.scheduleLagMaxUs = number % 4 < seconds ? 900_000 : 100
        }
        #expect(findings.isEmpty)
    }

    @Test func anEndIsNoted() throws {
        let findings = try findings(12) { number, interval in
            interval.generator.scheduleLagMaxUs = number < 5 ? 200_000 : 10
        }
        #expect(findings.map(\.endedS) == [5])
    }

    @Test func runningOutOfOurOwnPortsIsNotTheServersFault() throws {
        let findings = try findings(3) { _, interval in
            interval.counters.asked = 100
            interval.counters.failed = 100
            interval.outcomes["no_local_port"] = 100
        }
        #expect(findings.map(\.kind) == [.generatorLimited] && findings.map(\.severity) == [.critical])
        #expect(findings.first?.evidence["no_local_port"] == "300")
    }

    @Test func aSingleMissingDescriptorIsAWarning() throws {
        let findings = try findings(3) { number, interval in
            interval.counters.asked = 10_000
            if number == 1 { interval.outcomes["no_descriptors"] = 1 }
        }
        #expect(findings.map(\.severity) == [.warning])
    }
}
