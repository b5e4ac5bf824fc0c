import Foundation
import Testing

@testable import Gateway

extension GatewayTests {
    @Test func messageServiceAnswersForTheGateway() async throws {
        try await withServedGateway { gateway, service in
            let client = try await RawClient.admitted(port: gateway.port, account: "a")
            for size in [0, 1, 125, 65536, 1 << 20] {
                let payload = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
                try await client.send(RawClient.frame(head: 0x82, payload: payload))
                #expect(try await client.readFrame() == RawClient.Frame(head: 0x82, payload: payload))
            }
            try await client.send(RawClient.frame(.text, "Hel", isFinal: false) + RawClient.frame(.continuation, "lo"))
            #expect(try await client.readFrame() == RawClient.Frame(head: 0x81, payload: Array("Hello".utf8)))
            #expect(service.status.requests.value == 6)
            #expect(service.status.requestsInFlight == 0)
            // One message at a time needs one connection.
            #expect(service.status.connectionsAccepted.value == 1)
            try await client.send(RawClient.close(1000))
            #expect(try await client.readFrame().closeCode == 1000)
        }
    }

    @Test func repliesOfTheMessageServiceKeepTheirOrder() async throws {
        try await withServedGateway { gateway, service in
            var clients: [RawClient] = []
            for number in 0..<8 {
                let client = try await RawClient.admitted(port: gateway.port, account: "user-\(number)")
                try await client.send((0..<300).flatMap { RawClient.frame(.text, "\(number): \($0)") })
                clients.append(client)
            }
            for (number, client) in clients.enumerated() {
                for message in 0..<300 {
                    #expect(try await client.readFrame().text == "\(number): \(message)")
                }
            }
            #expect(service.status.requests.value == 2400)
            // The pool has grown, but not beyond the window of each client.
            #expect((2...8 * ReplyQueue.window).contains(service.status.connectionsAccepted.value))
            let metrics = gateway.status.metrics()
            #expect(metric("gatecrash_gateway_message_calls_total", in: metrics) == 2400)
            #expect(metric("gatecrash_gateway_message_calls_in_flight", in: metrics) == 0)
            #expect(metric("gatecrash_gateway_message_calls_failed_total", in: metrics) == 0)
        }
    }

    @Test func failedCallsCloseTheClientsConnection() async throws {
        try await withLogFile { log in
            let service = try await MessageService.start(
                {
                    var configuration = MessageServiceConfiguration()
                    configuration.logFile = "/dev/null"
                    return configuration
                }())
            try await withGateway {
                $0.messageService = service.address
                $0.logFile = log
            } _: { gateway in
                let client = try await RawClient.admitted(port: gateway.port, account: "a")
                try await client.send(RawClient.frame(.text, "x"))
                #expect(try await client.readFrame().text == "x")
                await service.shutdown()
                try await client.send(RawClient.frame(.text, "y"))
                let close = try await client.readFrame()
                #expect(close.closeCode == 1011)
                #expect(String(decoding: close.payload.dropFirst(2), as: UTF8.self).contains("message service"))
                let other = try await RawClient.admitted(port: gateway.port, account: "b")
                try await other.send(RawClient.frame(.text, "z"))
                #expect(try await other.readFrame().closeCode == 1011)
                #expect(gateway.status.failedMessageCalls == 2)
                try await eventually("logged", of: gateway) {
                    try String(contentsOfFile: log, encoding: .utf8).contains("message calls failed")
                }
            }
        }
    }

    @Test func aHangingMessageServiceHoldsItsCallersBack() async throws {
        try await withServedGateway {
            $0.defects = [.messageServiceHang(after: .zero)]
        } _: { gateway, service in
            let client = try await RawClient.admitted(port: gateway.port, account: "a")
            let message = RawClient.frame(head: 0x82, payload: [UInt8](repeating: 7, count: 1 << 16))
            var sent = 0
            var idleRounds = 0
            while idleRounds < 300, sent < 1 << 26 {
                let count = try client.sendSome(message[(sent % message.count)...])
                sent += count
                idleRounds = count == 0 ? idleRounds + 1 : 0
                if count == 0 { try await Task.sleep(for: .milliseconds(1)) }
            }
            #expect(sent < 1 << 26, "the gateway takes 64 MiB that nobody answers")
            try await eventually("as many as the window") { service.status.requests.value == ReplyQueue.window }
            #expect(service.status.requestsInFlight == ReplyQueue.window)
            #expect(client.poll() == nil)
            // Both still say that they are well.
            for port in [gateway.apiPort, service.apiPort] {
                #expect(try await httpGet("/healthz", port: port).hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
            // Later logins are admitted and hang just so.
            let late = try await RawClient.admitted(port: gateway.port, account: "b")
            try await late.send(RawClient.frame(.text, "?"))
            try await eventually("taken") { service.status.requests.value == ReplyQueue.window + 1 }
            #expect(late.poll() == nil)
        }
    }

    @Test func messageServiceHangsFromATimeOn() async throws {
        try await withServedGateway {
            $0.defects = [.messageServiceHang(after: .seconds(1))]
        } _: { gateway, service in
            let client = try await RawClient.admitted(port: gateway.port, account: "a")
            var answered = 0
            var isAnswered = true
            let deadline = ContinuousClock.now + .seconds(RawClient.timeoutSeconds)
            while isAnswered, ContinuousClock.now < deadline {
                try await client.send(RawClient.frame(.text, "x"))
                isAnswered = false
                for _ in 0..<200 where !isAnswered {
                    isAnswered = client.poll() != nil
                    if !isAnswered { try await Task.sleep(for: .milliseconds(5)) }
                }
                if isAnswered { answered += 1 }
            }
            #expect(!isAnswered, "it never hung")
            #expect(service.status.requestsInFlight == 1)
            #expect(answered > 1, "it hung at once")
        }
    }

    @Test func messageServiceEndsThoseWhoAreNoGateway() async throws {
        try await withMessageService { service in
            let stray = try RawClient(port: service.port)
            try await stray.send("GET / HTTP/1.1\r\n\r\n")
            #expect(try await stray.readToEnd().isEmpty)
            try await eventually("forgotten") { service.status.connections == 0 }
        }
    }

    /// Out of descriptors: accept fails and is retried as Go does it, the admin port still answers, and all is well
    /// again once descriptors are free.
    ///
    /// In a process of its own, because the limit is the process's.
    @Test func messageServiceAtTheLimitOfDescriptors() async {
        await #expect(processExitsWith: .success) {
            try await withLogFile { log in
                try await withMessageService {
                    $0.logFile = log
                } _: { service in
                    let clients = try (0..<40).map { _ in try RawClient() }
                    let probe = try RawClient()
                    try await OpenDescriptors.withOnly(free: 8) {
                        for client in clients {
                            try client.connect(port: service.port)
                        }
                        try await eventually("accept fails") { service.status.acceptErrors.value >= 3 }
                        #expect((6...8).contains(service.status.connections))
                        try probe.connect(port: service.apiPort)
                        try await probe.send("GET /metrics HTTP/1.1\r\n\r\n")
                        let metrics = String(decoding: try await probe.readToEnd(), as: UTF8.self)
                        let open = try #require(metric("process_open_fds", in: metrics))
                        #expect(try #require(metric("process_max_fds", in: metrics)) - open <= 2)
                        #expect(metric("gatecrash_messages_accept_errors_total", in: metrics) ?? 0 >= 3)
                    }
                    let lines = try String(contentsOfFile: log, encoding: .utf8)
                    for delay in ["5ms", "10ms", "20ms"] {
                        #expect(lines.contains("\"message\":\"accept4: too many open files; retrying in \(delay)\""))
                    }
                    try await eventually("all are taken") { service.status.connections == 40 }
                }
            }
        }
    }

    @Test func adminServerAnswersAndRefuses() async throws {
        try await withMessageService { service in
            #expect(try await httpGet("/healthz?x", port: service.apiPort).hasSuffix("\r\n\r\nok\n"))
            #expect(try await httpGet("/other", port: service.apiPort).hasPrefix("HTTP/1.1 404 "))
            let metrics = try await httpGet("/metrics", port: service.apiPort)
            #expect(metric("gatecrash_messages_requests_total", in: metrics) == 0)
            #expect(metrics.contains("gatecrash_messages_info{service=\"messages\"} 1\n"))
            let head = try RawClient(port: service.apiPort)
            try await head.send("HEAD /healthz HTTP/1.1\r\n\r\n")
            #expect(String(decoding: try await head.readToEnd(), as: UTF8.self).hasSuffix("\r\n\r\n"))
            let post = try RawClient(port: service.apiPort)
            try await post.send("POST /metrics HTTP/1.1\r\n\r\n")
            #expect(String(decoding: try await post.readToEnd(), as: UTF8.self).hasPrefix("HTTP/1.1 405 "))
            let garbage = try RawClient(port: service.apiPort)
            try await garbage.send("\u{1}\r\n\r\n")
            #expect(String(decoding: try await garbage.readToEnd(), as: UTF8.self).hasPrefix("HTTP/1.1 400 "))
        }
    }

    /// Only the admin thread has descriptors of its own.
    @Test func connectionsAreInTheProcessesDescriptorTable() async throws {
        for _ in 0..<5 {
            try await withMessageService { service in
                let before = OpenDescriptors.all().count
                let clients = try (0..<10).map { _ in try RawClient(port: service.port) }
                try await eventually("accepted") { service.status.connections == 10 }
                #expect(OpenDescriptors.all().count >= before + 20)
                clients.forEach { $0.close() }
            }
        }
    }

    @Test func messageServiceLeavesNothingRunning() async throws {
        // The runtime opens descriptors for its timers when they are first needed, and keeps them.
        func count() -> Int { OpenDescriptors.all().count { $0.target != "anon_inode:[timerfd]" } }
        try await withServedGateway { _, _ in }
        let before = count()
        for _ in 0..<3 {
            try await withServedGateway { gateway, _ in
                let client = try await RawClient.admitted(port: gateway.port, account: "a")
                try await client.send(RawClient.frame(.text, "x"))
                #expect(try await client.readFrame().text == "x")
            }
        }
        try await eventually("all are closed", state: { "\(OpenDescriptors.all())" }) {
            count() <= before
        }
    }
}
