import LoadPlan
import OpenIMDoctor
import Testing

/// The doctor where the API is well, and something else stands in the gateway's place.
@Suite(.serialized) struct OddGatewayTests {
    @Test(arguments: [("400", "proxy_http_version"), ("404", "/msg_gateway"), ("502", "cannot reach the gateway")])
    func explainsWhatAProxyAnswers(status: String, word: String) throws {
        let report = try examine("status", status)
        #expect(report.failed == [.gateway], "\(report.text)")
        #expect(try #require(report[.gateway]).what.contains("HTTP \(status)"))
        #expect(try #require(report[.gateway]?.advice).contains(word))
        #expect(report[.handshake]?.outcome == .skipped && report.health == .faulty)
    }

    @Test(arguments: [
        ("silence", "no answer to the handshake", "file descriptors"), ("garbage", "HTTP", "something else listens"),
        ("end", "ended within the handshake", "crash"),
    ])
    func explainsWhatIsNoWebSocketServer(way: String, what: String, advice: String) throws {
        let report = try examine(way)
        #expect(report.failed == [.gateway], "\(report.text)")
        #expect(try #require(report[.gateway]).what.contains(what))
        #expect(try #require(report[.gateway]?.advice).contains(advice))
    }

    @Test func saysThatAPortSpeaksNoTLS() throws {
        let api = try OpenIMPeer(version: "3.8.3")
        let odd = try OpenIMPeer(odd: "silence")
        let report = try doctor("wss://127.0.0.1:\(odd.gateway)/", api.api)
        #expect(report.failed == [.gateway], "\(report.text)")
        #expect(try #require(report[.gateway]).what.contains("no TLS handshake"))
        #expect(try #require(report[.gateway]?.advice).contains("ws://"))
    }

    @Test func knowsAProxyThatUpgradesFirst() throws {
        let report = try examine("reset")
        #expect(report[.gateway]?.outcome == .ok)
        #expect(try #require(report[.gateway]).what.contains("openim-msggateway-proxy"))
        // The 101 and the reset may be seen together or one after the other.
        #expect(report.failed == [.handshake] || report.failed == [.admission], "\(report.text)")
    }

    @Test func tellsABackendThatIsAwayFromAGatewayThatIsFrozen() throws {
        let pong = try examine("pong")
        #expect(pong.failed == [.admission], "\(pong.text)")
        #expect(try #require(pong[.admission]?.advice).contains("openim-rpc-msg"))
        let deaf = try examine("deaf")
        #expect(deaf.failed == [.admission], "\(deaf.text)")
        #expect(try #require(deaf[.admission]?.advice).contains("registration loop"))
    }

    private func examine(_ way: String...) throws -> OpenIMDoctor.Report {
        let api = try OpenIMPeer(version: "3.8.3")
        let odd = way.count == 1 ? try OpenIMPeer(odd: way[0]) : try OpenIMPeer(odd: way[0], way[1])
        return try api.examine(gateway: odd.gateway)
    }
}
