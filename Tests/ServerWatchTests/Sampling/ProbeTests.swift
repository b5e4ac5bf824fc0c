import Glibc
import LoadMetrics
import Synchronization
import Testing

@testable import ServerWatch

@Suite struct ProbeTests {
    struct Refusal: Error, CustomStringConvertible {
        var description: String { "http://127.0.0.1:9 refuses" }
    }

    /// Answers, then fails thrice, then answers.
    final class WaveringProbe: SampleProbe {
        let name = "wavering"
        private let asked = Mutex(0)

        func sample(source: Int, atS: Double) async throws -> ServerSample {
            let number = asked.withLock { asked in
                asked += 1
                return asked
            }
            if (2...4).contains(number) { throw Refusal() }
            var sample = ServerSample(source: source, atS: atS)
            sample.goroutines = number
            return sample
        }
    }

    struct HangingProbe: SampleProbe {
        let name = "hanging"

        func sample(source: Int, atS: Double) async throws -> ServerSample {
            try await Task.sleep(for: .seconds(3600))
            return ServerSample(source: source, atS: atS)
        }
    }

    private static let source = WatchedSource(number: 77, kind: .url, role: .watched, name: "metrics")

    @Test func samplesAndComplaintsOnce() async throws {
        let peer = try PythonPeer()
        let news = try WatchedNews(
            ServerWatch(
                [.process(pid: peer.pid, role: .watched, name: "peer", port: nil)], originNs: monotonicNs(),
                periodMs: 20,
                sampleProbes: [(Self.source, WaveringProbe())]))
        try await news.wait("samples after the failures") { $0.samples.contains { ($0.goroutines ?? 0) > 5 } }
        #expect(news.sources.first { $0.kind == .url }?.number == 1)
        #expect(news.samples.filter { $0.goroutines != nil }.allSatisfy { $0.source == 1 })
        #expect(news.events.map(\.detail) == ["http://127.0.0.1:9 refuses"])
    }

    @Test func oneThatHangsHoldsNothingUp() async throws {
        let peer = try PythonPeer()
        let news = try WatchedNews(
            ServerWatch(
                [.process(pid: peer.pid, role: .watched, name: "peer", port: nil)], originNs: monotonicNs(),
                periodMs: 20,
                sampleProbes: [(Self.source, HangingProbe())]))
        try await news.wait("the samples of the other, and a complaint") { $0.samples.count > 20 && !$0.events.isEmpty }
        #expect(news.events.map(\.detail) == ["hanging does not answer"])
        #expect(news.events.first?.kind == .unreadable)
        news.watch.stop()
    }
}
