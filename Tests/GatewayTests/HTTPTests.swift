import Dispatch
import Synchronization
import Testing

@testable import Gateway

extension GatewayTests {
    private func get(_ target: String, port: Int, method: String = "GET", headers: String = "") async throws -> String {
        let client = try RawClient(port: port)
        try await client.send("\(method) \(target) HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\(headers)\r\n")
        return String(decoding: try await client.readToEnd(), as: UTF8.self)
    }

    @Test func answersHealthOnBothPorts() async throws {
        try await withGateway { gateway in
            for port in [gateway.port, gateway.apiPort] {
                let response = try await get("/healthz?probe=1", port: port)
                #expect(response.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(response.hasSuffix("\r\n\r\nok\n"))
                let head = try await get("/healthz", port: port, method: "HEAD")
                #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n") && head.hasSuffix("\r\n\r\n"))
                #expect(try await get("/metrics", port: port, method: "DELETE").hasPrefix("HTTP/1.1 405 "))
            }
            #expect(try await get("/other", port: gateway.apiPort).hasPrefix("HTTP/1.1 404 "))
            // An upgrade request for a reserved path is an ordinary request.
            let client = try RawClient(port: gateway.port)
            try await client.send(RawClient.upgradeRequest(nil).replacing("/ws", with: "/healthz"))
            #expect(try await client.readHead().hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test func hintsAtTheUpgrade() async throws {
        try await withGateway { gateway in
            let plain = try await get("/chat", port: gateway.port)
            #expect(plain.hasPrefix("HTTP/1.1 426 Upgrade Required\r\n"))
            #expect(plain.contains("\r\nUpgrade: websocket\r\n"))
            #expect(plain.contains("ws://HOST:PORT/?account=NAME"))
            let wrongVersion = try RawClient(port: gateway.port)
            try await wrongVersion.send(RawClient.upgradeRequest("a").replacing("Version: 13", with: "Version: 8"))
            let head = try await wrongVersion.readHead()
            #expect(head.hasPrefix("HTTP/1.1 426 ") && head.contains("Sec-WebSocket-Version: 13"))
            let badAccount = try RawClient(port: gateway.port)
            try await badAccount.send(RawClient.upgradeRequest("%ff"))
            #expect(try await badAccount.readHead().hasPrefix("HTTP/1.1 400 "))
            #expect(gateway.status.sum(\.handshakesRefused) == 3)
        }
    }

    @Test func answersGarbageWith400() async throws {
        try await withGateway { gateway in
            let client = try RawClient(port: gateway.port)
            try await client.send("\u{16}\u{3}\u{1} this is not HTTP\r\n\r\n")
            #expect(String(decoding: try await client.readToEnd(), as: UTF8.self).hasPrefix("HTTP/1.1 400 "))
            client.close()
            try await expectEmpty(gateway)
        }
    }

    @Test func keepsHTTPConnectionsAlive() async throws {
        try await withGateway { gateway in
            let client = try RawClient(port: gateway.port)
            for _ in 0..<3 {
                try await client.send("HEAD /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n")
                #expect(try await client.readHead().hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
        }
    }

    @Test func reportsMetrics() async throws {
        try await withGateway { gateway in
            let client = try await RawClient.admitted(port: gateway.port, account: "a")
            try await client.send(RawClient.frame(.text, "12345"))
            _ = try await client.readFrame()
            for port in [gateway.port, gateway.apiPort] {
                let text = try await get("/metrics", port: port)
                #expect(text.contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
                #expect(try #require(metric("process_open_fds", in: text)) > 5)
                let limit = try #require(metric("process_max_fds", in: text))
                #expect(Int(limit) == DescriptorLimit.current().map { Int($0.soft) })
                #expect(try #require(metric("process_resident_memory_bytes", in: text)) > 1e6)
                #expect(try #require(metric("process_cpu_seconds_total", in: text)) > 0)
                #expect(try #require(metric("process_threads", in: text)) >= 4)
                #expect(try #require(metric("process_start_time_seconds", in: text)) > 1.6e9)
                #expect(metric("gatecrash_gateway_registrations", in: text) == 1)
                #expect(metric("online_user_num", in: text) == 1)
                #expect(metric("gatecrash_gateway_queue_capacity", in: text) == 1000)
                #expect(metric("gatecrash_gateway_messages_received_total", in: text) == 1)
                #expect(metric("gatecrash_gateway_received_bytes_total", in: text) == 5)
                #expect(metric("gatecrash_gateway_sent_bytes_total", in: text) == 5)
            }
            try await client.send(RawClient.close(4321))
            _ = try await client.readFrame()
            try await eventually("the close is counted", of: gateway) {
                gateway.status.metrics().contains(
                    "gatecrash_gateway_closes_total{code=\"other\",initiator=\"peer\"} 1\n")
            }
        }
    }

    @Test func adminPortAnswersWhileTheLoopsHang() async throws {
        try await withGateway { gateway in
            let open = try await RawClient.admitted(port: gateway.port, account: "a")
            let release = DispatchSemaphore(value: 0)
            let hanging = Atomic<Int>(0)
            gateway.loops.onEach { _ in
                hanging.add(1, ordering: .relaxed)
                release.wait()
            }
            defer {
                for _ in gateway.status.loops { release.signal() }
            }
            try await eventually("all loops hang", of: gateway) {
                hanging.load(ordering: .relaxed) == gateway.status.loops.count
            }
            try await open.send(RawClient.frame(.text, "anyone?"))
            let text = try await get("/metrics", port: gateway.apiPort)
            #expect(metric("gatecrash_gateway_connections", in: text) == 1)
            #expect(try await get("/healthz", port: gateway.apiPort).hasSuffix("ok\n"))
            #expect(open.poll() == nil)
        }
    }

    /// Every line is a comment or `name{label="value"} number`, every sample follows its TYPE.
    @Test func writesWellFormedPrometheusText() async throws {
        try await withGateway {
            $0.name = "a \"quoted\" \\ name"
        } _: { gateway in
            var declared: Substring = ""
            for line in gateway.status.metrics().split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
                if line.hasPrefix("# ") {
                    let words = line.split(separator: " ")
                    #expect(words.count >= 4 && (words[1] == "HELP" || words[1] == "TYPE"), "\(line)")
                    declared = words[2]
                } else {
                    let sample = try #require(line.wholeMatch(of: /([a-z_]+)(\{.*\})? ([0-9.e+-]+)/), "\(line)")
                    #expect(sample.1 == declared, "\(line)")
                    #expect(Double(sample.3) != nil, "\(line)")
                }
            }
            #expect(gateway.status.metrics().contains(#"{gateway="a \"quoted\" \\ name"} 1"#))
        }
    }
}
