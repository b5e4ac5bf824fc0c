import Foundation
import LoadMetrics
import RunReport
import Testing

@Suite struct ServerHistoryTests {
    @Test func aProcessIsSummedUpOverTheRun() throws {
        let process = try #require(try SampleServer.report().server?.processes.first)
        #expect(process.name == "gateway" && process.pid == 4711 && process.role == "gateway")
        #expect(process.limits?.nofile == 1024)
        let descriptors = try #require(process.descriptors)
        #expect(descriptors.start == 10 && descriptors.end == 15 && descriptors.max == 15)
        let netlink = try #require(descriptors.byKind["netlink"])
        #expect(netlink.start == 0 && netlink.end == 5)
        #expect(process.connections?.max == 8)
        let cpu = try #require(process.cpu)
        #expect(abs(cpu.usedS - 1.25) < 0.001 && abs(cpu.coresMax - 0.25) < 0.001)
    }

    @Test func metricsAreSummedUpApart() throws {
        let metrics = try #require(try SampleServer.report().server?.metrics.first)
        #expect(metrics.accountsOnline?.start == 100 && metrics.accountsOnline?.end == 95)
        #expect(metrics.series["queue_depth"]?.end == 7.5)
    }

    @Test func eachSecondHasItsPoint() throws {
        let series = try SampleServer.report().series
        #expect(series.count == 5)
        #expect(series.first?.server?["gateway"]?.descriptors == 11)
        #expect(series.last?.server?["gateway"]?.descriptors == 15)
        #expect(series.last?.server?["gateway"]?.contextSwitchesPerS == 110)
        #expect(series.last?.server?["gateway metrics"]?.accountsOnline == 95)
    }

    @Test func aRestartedProcessHasNoNegativeUse() throws {
        var history = ServerHistory()
        history.add(SampleServer.gateway)
        history.add(SampleServer.sample(9))
        var again = SampleServer.sample(0, pid: 4712)
        again.atS = 10
        history.add(again)
        #expect(history.latest.first?.point.cpuCores == nil)
        #expect(history.points(atS: 10)?["gateway"]?.descriptors == 10)
        #expect(history.points(atS: 11) == nil)
    }

    @Test func samplesOfUnknownSourcesAndAbsurdTimesArePassedOver() {
        var history = ServerHistory()
        history.add(SampleServer.sample(1))
        #expect(history.server == nil)
        history.add(SampleServer.gateway)
        var absurd = SampleServer.sample(1)
        absurd.atS = .infinity
        history.add(absurd)
        absurd.atS = -.infinity
        history.add(absurd)
        #expect(history.latest.count == 1)
    }

    @Test func theSummaryEndsWithTheScene() throws {
        let text = SummaryRenderer.render(
            try SampleServer.report(), style: TextStyle(color: false, width: 100), location: "Reports/x")
        let scene = try #require(text.range(of: "the scene at 3.25 s (connection_freeze)"))
        let rest = text[scene.upperBound...].split(separator: "\n").map(String.init)
        #expect(rest[0] == "  the unregister queue is full, and the hub thread waits for it")
        #expect(rest[1] == "  gateway: +812 tcp:CLOSE_WAIT since the start")
        #expect(rest[2] == "  evidence: 1 file, listed in report.json")
        #expect(text.contains("gateway (pid 4711): fds 10 → 15, at most 15 of 1,024; connections at most 8"))
        #expect(text.contains("gateway metrics: goroutines 40 → 40, at most 40; online 100 → 95, at most 100"))
    }

    @Test func theLivePanelShowsTheServer() throws {
        var state = try SampleRun.liveGood()
        var history = ServerHistory()
        history.add(SampleServer.gateway)
        history.add(SampleServer.sample(1))
        history.add(SampleServer.sample(2))
        state.server = history.latest
        let lines = LivePanel.lines(state, height: 20, style: TextStyle(color: false, width: 100))
        #expect(
            lines.contains(
                "  gateway: 12 of 1,024 fds, 8 connections, 3 not accepted, 0.25 cores, 20.0 MiB, 5 threads"))
    }
}
