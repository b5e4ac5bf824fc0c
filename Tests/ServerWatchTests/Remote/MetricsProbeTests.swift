import LoadMetrics
import Testing

@testable import ServerWatch

@Suite struct MetricsProbeTests {
    /// The server is one of the tests' own threads, which share two processors with all the others.
    private static let patientMs = 60_000

    private func failure(
        _ answer: CannedServer.Answer, path: String = "/metrics", timeoutMs: Int = Self.patientMs
    ) async throws -> ScrapeFailure? {
        let server = CannedServer { _ in answer }
        defer { server.stop() }
        return try await failure(url: server.url + path, timeoutMs: timeoutMs)
    }

    private func failure(url: String, timeoutMs: Int = Self.patientMs) async throws -> ScrapeFailure? {
        try await withFetch { fetch in
            do {
                _ = try await MetricsProbe(url: url, timeoutMs: timeoutMs, fetch: fetch).sample(source: 0, atS: 0)
                return nil
            } catch let failure as ScrapeFailure {
                return failure
            }
        }
    }

    @Test func aLiveAddressGivesASample() async throws {
        let server = CannedServer { line in
            line.hasPrefix("GET /moved ")
                ? .bytes(
                    Array(
                        "HTTP/1.1 302 Found\r\nLocation: /metrics\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                            .utf8))
                : CannedServer.ok("process_open_fds 12\njobs{state=\"queued\"} 3\n")
        }
        defer { server.stop() }
        try await withFetch { fetch in
            let probe = MetricsProbe(
                url: server.url + "/moved", series: ["jobs{state=\"queued\"}"], timeoutMs: Self.patientMs, fetch: fetch)
            for second in 0..<3 {
                let sample = try await probe.sample(source: 1, atS: Double(second))
                #expect(sample.descriptors == 12 && sample.series == ["jobs{state=\"queued\"}": 3])
            }
            #expect(probe.name == server.url + "/moved")
        }
    }

    @Test func aSilentServerIsGivenUp() async throws {
        let failure = try #require(try await failure(.silence, timeoutMs: MetricsProbe.timeoutMs))
        #expect(failure.reason == .timeout && failure.what == "no complete answer within 2000 ms")
    }

    @Test func aDrippingServerIsGivenUp() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n"
        let failure = try await failure(
            .drip(Array((head + String(repeating: "#", count: 4000)).utf8)), timeoutMs: MetricsProbe.timeoutMs)
        #expect(failure?.reason == .timeout)
    }

    @Test(arguments: [
        (404, "metrics are usually at /metrics"), (403, "credentials"), (503, "fails"), (302, "redirects"),
    ])
    func aRefusalIsExplained(status: Int, advice: String) async throws {
        let failure = try #require(
            try await failure(.bytes(Array("HTTP/1.1 \(status) X\r\nContent-Length: 0\r\n\r\n".utf8))))
        #expect(failure.reason == .status && failure.what == "the server answered with status \(status)")
        #expect(failure.advice.contains(advice) && "\(failure)".hasPrefix("http://127.0.0.1:"))
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH_9.2\r\n", "\u{0}\u{1}\u{2}", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", "",
    ])
    func whatIsNoAnswerIsExplained(text: String) async throws {
        let failure = try #require(try await failure(.bytes(Array(text.utf8))))
        #expect(failure.reason == .unreadable || failure.reason == .cutShort, "\(failure)")
        #expect(!failure.advice.isEmpty)
    }

    @Test func anAnswerThatIsNoMetricsIsExplained() async throws {
        let failure = try await failure(CannedServer.ok("<html>\n<body>\n"))
        #expect(failure?.reason == .unreadable && failure?.what == "the answer is not Prometheus text")
    }

    @Test func anAnswerTooLongIsGivenUp() async throws {
        let body = String(repeating: "#\n", count: MetricsProbe.limitBytes / 2 + 1)
        #expect(try await failure(CannedServer.ok(body))?.reason == .tooLarge)
    }

    @Test func redirectsInCirclesEnd() async throws {
        let answer = "HTTP/1.1 302 Found\r\nLocation: /metrics\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        #expect(try await failure(.bytes(Array(answer.utf8)))?.reason == .status)
    }

    @Test func aRedirectToNowhereIsExplained() async throws {
        let answer = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:99999/\r\nContent-Length: 0\r\n\r\n"
        let failure = try await failure(.bytes(Array(answer.utf8)))
        #expect(failure?.reason == .badURL && failure?.what == "there is no port 99999")
    }

    @Test func nobodyListens() async throws {
        let server = CannedServer { _ in .silence }
        let url = server.url
        server.stop()
        // The listener is closed by its thread, a moment later.
        for _ in 0..<200 {
            let failure = try await failure(url: url)
            if failure?.reason == .unreachable {
                #expect(failure?.what.contains("refused") == true, "\(String(describing: failure))")
                return
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("the address never became unreachable")
    }

    @Test(arguments: [
        "", "::", "ftp://127.0.0.1/x", "127.0.0.1:9090", "http://", "http://127.0.0.1:99999/", "http://[::1/",
        "http://127.0.0.1:0/", "http://127.0.0.1:99999999999999999999/", "http:///x",
    ])
    func badAddresses(url: String) async throws {
        let failure = try #require(try await failure(url: url))
        #expect(failure.reason == .badURL, "\(failure)")
    }

    @Test func plainTextWhereTLSIsWanted() async throws {
        let server = CannedServer { _ in CannedServer.ok("a 1\n") }
        defer { server.stop() }
        let failure = try await failure(url: "https://127.0.0.1:\(server.port)/metrics")
        #expect(failure?.reason == .secureConnection, "\(String(describing: failure))")
    }

    @Test func afterShutdownNothingIsFetched() async throws {
        let fetch = HTTPFetch()
        await fetch.shutdown()
        await fetch.shutdown()
        await #expect(throws: ScrapeFailure.self) {
            _ = try await fetch.get("http://127.0.0.1:1/", timeoutMs: 1000, limitBytes: 10)
        }
    }

    @Test func shutdownEndsWhatIsBeingFetched() async throws {
        let server = CannedServer { _ in .silence }
        defer { server.stop() }
        let url = server.url
        for _ in 0..<20 {
            let fetch = HTTPFetch()
            let task = Task { try await fetch.get(url, timeoutMs: 600_000, limitBytes: 10) }
            await Task.yield()
            await fetch.shutdown()
            await #expect(throws: ScrapeFailure.self) { _ = try await task.value }
        }
    }

    @Test func aCancelledTaskStops() async throws {
        let server = CannedServer { _ in .silence }
        defer { server.stop() }
        try await withFetch { fetch in
            let url = server.url
            let task = Task { try await fetch.get(url, timeoutMs: 600_000, limitBytes: 10) }
            task.cancel()
            do {
                _ = try await task.value
                Issue.record("an answer from a silent server")
            } catch let failure as ScrapeFailure {
                #expect(failure.reason == .stopped)
            }
        }
    }
}
