import COpenSSL
import Glibc
import Testing

@testable import Reactor

@Suite struct TLSTests {
    private let loop: EventLoop
    private let certificates: TestCertificates
    private let identity: TLSServer.Identity

    init() throws {
        loop = try EventLoop(maxConnections: 64)
        certificates = try TestCertificates()
        identity = try certificates.make("server", names: "DNS:gateway.test,DNS:*.wild.test,IP:127.0.0.1")
    }

    private func trusting(_ name: String = "gateway.test") throws -> TLSContext {
        try TLSContext(TLSConfiguration(serverName: name, caFile: identity.certificateFile))
    }

    /// A TCP connection that is about to be secured, and its other end.
    private func begin(_ tls: TLSContext, _ identity: TLSServer.Identity? = nil, on loop: EventLoop? = nil) throws
        -> TLSServer
    {
        let loop = loop ?? self.loop
        let listener = try ScriptedListener()
        let id = try loop.begin(to: listener.address, tls: tls)
        try loop.expect(.connected, of: id)
        return try TLSServer(listener.accept(as: id), identity ?? self.identity)
    }

    private func sendClientHello() {
        loop.wait(untilNs: loop.refreshNow() + 10_000_000_000)
        #expect(loop.next() == nil, "nothing is told of it")
    }

    /// Lets both ends work until ours tells something.
    private func nextTold(_ server: borrowing TLSServer, on loop: EventLoop? = nil) throws -> Told {
        let loop = loop ?? self.loop
        let deadline = loop.refreshNow() + 10_000_000_000
        while loop.nowNs < deadline {
            if let completion = loop.next() { return Told(completion: completion, bytes: Array(loop.received)) }
            _ = server.shakeHands()
            loop.wait(untilNs: loop.nowNs + 1_000_000)
        }
        throw EventLoop.Silence(state: "TLS handshake hangs")
    }

    private func secured(_ tls: TLSContext, _ identity: TLSServer.Identity? = nil) throws -> TLSServer {
        let server = try begin(tls, identity)
        let told = try nextTold(server)
        try #require(told.kind == .secured, "\(told) \(loop.tlsDetail)")
        #expect(told.bytes.isEmpty)
        try finishHandshake(server)
        return server
    }

    /// Our end is done; the server reads our last flight.
    private func finishHandshake(_ server: borrowing TLSServer) throws {
        let deadline = loop.refreshNow() + 10_000_000_000
        while !server.shakeHands() {
            try #require(loop.refreshNow() < deadline, "the server does not finish its handshake")
        }
    }

    /// The server receives `count` bytes while our end goes on.
    private func arrived(_ count: Int, at server: borrowing TLSServer) -> [UInt8] {
        var bytes: [UInt8] = []
        let deadline = loop.refreshNow() + 10_000_000_000
        while bytes.count < count, loop.nowNs < deadline {
            bytes += server.read()
            loop.wait(untilNs: loop.nowNs + 1_000_000)
            while let completion = loop.next() { #expect(completion.kind == .sent) }
        }
        return bytes
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION]) func plainTextGoesBothWays(version: Int32) throws {
        var identity = identity
        identity.maximumVersion = version
        let server = try secured(trusting(), identity)
        let id = server.connection
        #expect(server.version == (version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3"))
        #expect(server.indicatedName == "gateway.test")
        #expect(server.chosenProtocol == "http/1.1")
        #expect(loop.send(id, Array("hello".utf8)) == .sent)
        #expect(arrived(5, at: server) == Array("hello".utf8))
        try server.write(Array("world".utf8))
        #expect(try loop.expect(.received, of: id).bytes == Array("world".utf8))
        let parts = [UInt8](0..<6).withUnsafeBytes { bytes in
            let base = UnsafeMutableRawPointer(mutating: bytes.baseAddress!)
            let parts = [iovec(iov_base: base, iov_len: 2), iovec(iov_base: base + 2, iov_len: 4)]
            return parts.withUnsafeBufferPointer { loop.send(id, vector: $0) }
        }
        #expect(parts == .sent)
        #expect(arrived(6, at: server) == [0, 1, 2, 3, 4, 5])
        loop.close(id)
        #expect(server.read() == [] && server.hasReceivedCloseNotify)
        #expect(loop.openConnections == 0)
    }

    @Test func bytesBehindTheHandshakeFollowIt() throws {
        let server = try begin(trusting())
        let deadline = loop.refreshNow() + 10_000_000_000
        // The server is done one flight before us in TLS 1.2 only; in TLS 1.3 it may speak before our Finished arrives.
        var wrote = false
        var kinds: [Completion.Kind] = []
        var bytes: [UInt8] = []
        while bytes.count < 3, loop.nowNs < deadline {
            if !wrote, server.shakeHands() {
                try server.write([1, 2, 3])
                wrote = true
            }
            loop.wait(untilNs: loop.nowNs + 1_000_000)
            while let completion = loop.next() {
                kinds.append(completion.kind)
                bytes += loop.received
            }
        }
        #expect(kinds == [.secured, .received])
        #expect(bytes == [1, 2, 3])
    }

    /// With TLS 1.3 a server may send before it has our Finished: then `secured` and the bytes come out of one receive.
    @Test func bytesInTheServersFirstFlightAreKept() throws {
        let server = try begin(trusting())
        sendClientHello()
        let wrote = server.writeInFirstFlight([4, 5, 6])
        try #require(wrote)
        let told = try loop.expect(.secured, of: server.connection)
        #expect(told.bytes.isEmpty)
        // Sending in between must not disturb what is waiting.
        #expect(loop.send(server.connection, [1]) == .sent)
        #expect(try loop.expect(.received, of: server.connection).bytes == [4, 5, 6])
        try finishHandshake(server)
        #expect(arrived(1, at: server) == [1])
    }

    @Test func megabytesGoBothWaysUnderBackpressure() throws {
        let server = try secured(trusting())
        let id = server.connection
        let bytes = (0..<6_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 9) }
        #expect(loop.send(id, bytes) == .queued)
        #expect(loop.send(id, [1, 2, 3]) == .queued)
        let arrived = arrived(bytes.count + 3, at: server)
        var isSame = arrived == bytes + [1, 2, 3]
        #expect(isSame, "\(arrived.count) bytes arrived")

        var received: [UInt8] = []
        var written = 0
        let deadline = loop.refreshNow() + 20_000_000_000
        while received.count < bytes.count, loop.nowNs < deadline {
            while written < bytes.count {
                let part = Array(bytes[written..<min(written + 16_000, bytes.count)])
                guard server.writeIfPossible(part) else { break }
                written += part.count
            }
            loop.wait(untilNs: loop.nowNs + 1_000_000)
            while let completion = loop.next() {
                #expect(completion.kind == .received)
                received += loop.received
            }
        }
        isSame = received == bytes
        #expect(isSame, "\(received.count) bytes received")
    }

    @Test func recordsLargerThanTheReceiveBufferArriveWhole() throws {
        let small = try EventLoop(maxConnections: 2, receiveBufferBytes: 100)
        let server = try begin(trusting(), on: small)
        #expect(try nextTold(server, on: small).kind == .secured)
        try finishHandshake(server)
        let bytes = (0..<16_000).map { UInt8(truncatingIfNeeded: $0) }
        try server.write(bytes)
        #expect(try small.receive(16_000, of: server.connection) == bytes)
    }

    @Test func keysAreUpdatedWhenTheServerAsks() throws {
        let server = try secured(trusting())
        try server.requestKeyUpdate()
        try server.write([1])
        #expect(try loop.expect(.received, of: server.connection).bytes == [1])
        #expect(loop.send(server.connection, [2]) == .sent)
        #expect(arrived(1, at: server) == [2])
        try server.write([3])
        #expect(try loop.expect(.received, of: server.connection).bytes == [3])
    }

    @Test func aCloseNotifyEndsTheStream() throws {
        let server = try secured(trusting())
        try server.write([1])
        server.notifyClose()
        #expect(try loop.expect(.received, of: server.connection).bytes == [1])
        #expect(try !loop.expect(.finished, of: server.connection).completion.truncated)
        server.finishSending()
        loop.expectSilence()
        loop.finishSending(server.connection)
        #expect(server.read() == [] && server.hasReceivedCloseNotify)
    }

    @Test func aFinWithoutCloseNotifyIsMarkedAsTruncated() throws {
        let server = try secured(trusting())
        try server.write([1])
        server.finishSending()
        #expect(try loop.expect(.received, of: server.connection).bytes == [1])
        #expect(try loop.expect(.finished, of: server.connection).completion.truncated)
    }

    @Test func garbageAfterTheHandshakeFailsTheConnection() throws {
        let server = try secured(trusting())
        try server.write([1])
        server.sendRaw(Array("no record at all".utf8))
        #expect(try loop.expect(.received, of: server.connection).bytes == [1])
        try loop.expectFailure(.tlsProtocol, of: server.connection)
        #expect(!loop.tlsDetail.isEmpty)
        #expect(server.rawBytesWaiting > 0, "the alert must go to this server, and to no other")
    }

    @Test(arguments: ["127.0.0.1", "a.wild.test", "gateway.test."]) func theNamesOfTheCertificateAreAccepted(
        name: String
    )
        throws
    {
        let server = try secured(trusting(name))
        #expect(server.indicatedName == (name == "127.0.0.1" ? nil : name == "gateway.test." ? "gateway.test" : name))
    }

    @Test(arguments: [("other.test", "hostname mismatch"), ("127.0.0.2", "IP address mismatch")])
    func aCertificateOfAnotherNameIsRefused(name: String, detail: String) throws {
        let server = try begin(trusting(name))
        let told = try nextTold(server)
        #expect(told.kind == .failed && told.completion.failure == .tlsCertificate)
        #expect(loop.tlsDetail.lowercased().contains(detail.lowercased()), "\(loop.tlsDetail)")
        #expect(loop.openConnections == 0)
    }

    @Test func anUnknownAuthorityIsRefused() throws {
        let server = try begin(TLSContext(TLSConfiguration(serverName: "gateway.test")))
        let told = try nextTold(server)
        #expect(told.kind == .failed && told.completion.failure == .tlsCertificate)
        #expect(loop.tlsDetail == "self-signed certificate")
    }

    @Test func insecureAcceptsAnyCertificate() throws {
        let server = try secured(TLSContext(TLSConfiguration(serverName: "other.test", insecure: true)))
        #expect(loop.send(server.connection, [1]) == .sent)
        #expect(arrived(1, at: server) == [1])
    }

    @Test func aPlainTextServerFailsTheHandshake() throws {
        let listener = try ScriptedListener()
        let id = try loop.begin(to: listener.address, tls: trusting())
        try loop.expect(.connected, of: id)
        let peer = try listener.accept()
        peer.send(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
        try loop.expectFailure(.tlsHandshake, of: id)
        #expect(loop.tlsDetail.contains("plain-text"))
    }

    @Test func aServerThatLeavesDuringTheHandshakeFailsIt() throws {
        let listener = try ScriptedListener()
        let id = try loop.begin(to: listener.address, tls: trusting())
        try loop.expect(.connected, of: id)
        let peer = try listener.accept()
        peer.finishSending()
        try loop.expectFailure(.tlsHandshake, of: id)
        #expect(loop.tlsDetail.contains("closed the connection"))
    }

    @Test func aResetDuringTheHandshakeFailsIt() throws {
        let listener = try ScriptedListener()
        let id = try loop.begin(to: listener.address, tls: trusting())
        try loop.expect(.connected, of: id)
        let peer = try listener.accept()
        peer.resetOnClose()
        peer.close()
        try loop.expectFailure(.reset, of: id)
    }

    @Test func closingDuringTheHandshakeIsSilent() throws {
        let server = try begin(trusting())
        sendClientHello()
        #expect(loop.send(server.connection, [1]) == .failed(.notConnected))
        loop.close(server.connection)
        #expect(loop.openConnections == 0)
        let isDone = server.shakeHands()
        #expect(!isDone)
        loop.expectSilence()
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION]) func aClientCertificateIsShown(version: Int32) throws {
        let client = try certificates.make("client", names: "DNS:client.test")
        var identity = identity
        identity.clientCAFile = client.certificateFile
        identity.maximumVersion = version
        let tls = try TLSContext(
            TLSConfiguration(
                serverName: "gateway.test", caFile: identity.certificateFile,
                clientCertificateFile: client.certificateFile,
                clientKeyFile: client.keyFile))
        let server = try secured(tls, identity)
        try server.write([1])
        #expect(try loop.expect(.received, of: server.connection).bytes == [1])
    }

    @Test func aMissingClientCertificateFailsWithTheServersAlert() throws {
        var identity = identity
        identity.clientCAFile = identity.certificateFile
        let server = try begin(trusting(), identity)
        // TLS 1.3 refuses a client only after the client is done.
        #expect(try nextTold(server).kind == .secured)
        let told = try nextTold(server)
        #expect(told.kind == .failed && told.completion.failure == .tlsProtocol)
        #expect(loop.tlsDetail.contains("certificate required"), "\(loop.tlsDetail)")
    }

    @Test func filesThatDoNotFitAreNamed() throws {
        let missing = certificates.path("missing", "pem")
        func error(_ configuration: TLSConfiguration) -> TLSConfigurationError? {
            #expect(throws: TLSConfigurationError.self) { try TLSContext(configuration) }
        }
        guard case .unreadableAuthorities(missing, _) = error(.init(serverName: "a", caFile: missing)) else {
            Issue.record("missing authorities")
            return
        }
        guard case .unreadableCertificate(missing, _) = error(.init(serverName: "a", clientCertificateFile: missing))
        else {
            Issue.record("missing certificate")
            return
        }
        let other = try certificates.make("other", names: "DNS:other.test")
        let mixed = TLSConfiguration(
            serverName: "a", clientCertificateFile: identity.certificateFile, clientKeyFile: other.keyFile)
        guard case .unusableKey(other.keyFile, _) = error(mixed) else {
            Issue.record("the key of another certificate")
            return
        }
        #expect(error(.init(serverName: "")) == .invalidServerName(""))
    }
}
