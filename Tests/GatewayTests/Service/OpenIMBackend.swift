import Foundation
import Glibc
import NIOCore
import Testing

@testable import Gateway

/// A message service that is OpenIM's, for a test to call.
struct OpenIMBackend {
    let service: MessageService
    let version: OpenIMVersion

    static func with(
        _ version: OpenIMVersion, _ change: (inout MessageServiceConfiguration) -> Void = { _ in },
        _ body: (OpenIMBackend) async throws -> Void
    ) async throws {
        try await withMessageService {
            var openIM = OpenIMServiceConfiguration()
            openIM.version = version
            $0.openIM = openIM
            change(&$0)
        } _: { service in
            try await body(OpenIMBackend(service: service, version: version))
        }
    }

    struct Answer {
        var status: Int
        var headers: String
        var body: String
        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:]
        }
        var code: Int? { json["errCode"] as? Int }
        var data: [String: Any] { json["data"] as? [String: Any] ?? [:] }
    }

    /// One request over a connection of its own.
    func call(
        _ path: String, _ body: String = "", method: String = "POST", operationID: String? = "op-1",
        token: String? = nil
    ) async throws -> Answer {
        let address = try #require(service.restAddress.flatMap(HostAndPort.init))
        let client = try RawClient(port: address.port)
        var head =
            "\(method) \(path) HTTP/1.1\r\nHost: api\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n"
        if let operationID { head += "operationID: \(operationID)\r\n" }
        if let token { head += "token: \(token)\r\n" }
        try await client.send(head + "\r\n" + body)
        let text = String(decoding: try await client.readToEnd(), as: UTF8.self)
        let parts = text.components(separatedBy: "\r\n\r\n")
        let status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return Answer(
            status: try #require(status), headers: parts[0].lowercased(),
            body: parts.dropFirst().joined(separator: "\r\n\r\n"))
    }

    var secret: String { "openIM123" }

    func adminToken() async throws -> String {
        let answer =
            switch version {
            case .v3_5_1:
                try await call(
                    "/auth/user_token", #"{"secret":"openIM123","platformID":10,"userID":"openIMAdmin"}"#)
            case .v3_8_3: try await call("/auth/get_admin_token", #"{"secret":"openIM123","userID":"imAdmin"}"#)
            }
        return try #require(answer.data["token"] as? String, "\(answer.body)")
    }

    func register(_ users: [String]) async throws -> Answer {
        let list = users.map { #"{"userID":"\#($0)","nickname":"n"}"# }.joined(separator: ",")
        let token = version == .v3_8_3 ? try await adminToken() : nil
        return try await call(
            "/user/user_register", #"{"secret":"openIM123","users":[\#(list)]}"#, token: token)
    }

    func userToken(_ user: String, platform: Int = 1, admin: String? = nil) async throws -> Answer {
        switch version {
        case .v3_5_1:
            return try await call(
                "/auth/user_token", #"{"secret":"openIM123","platformID":\#(platform),"userID":"\#(user)"}"#)
        case .v3_8_3:
            let token: String
            if let admin { token = admin } else { token = try await adminToken() }
            return try await call(
                "/auth/get_user_token", #"{"platformID":\#(platform),"userID":"\#(user)"}"#, token: token)
        }
    }
}

/// The gateway's side of the protocol, scripted: takes orders on a port and makes calls.
final class ScriptedGateway {
    private let listener: ListeningSocket
    private let requests: BlockingConnection
    private var requestInput = ByteBuffer()
    private var orders: BlockingConnection?
    private var orderInput = ByteBuffer()

    init(_ service: MessageService) throws {
        listener = try ListeningSocket(host: "127.0.0.1", port: 0)
        requests = try BlockingConnection(to: SocketAddress(ipAddress: "127.0.0.1", port: service.port))
        Self.limitWait(requests)
        try write(.hello(pushAddress: listener.address), to: requests)
    }

    deinit {
        requests.close()
        orders?.close()
        close(listener.descriptor)
    }

    /// A test that waits for nothing fails instead of hanging.
    private static func limitWait(_ connection: BlockingConnection) {
        var time = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(
            connection.descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout.size(ofValue: time)))
    }

    private func write(_ frame: MessageFrame, to connection: BlockingConnection) throws {
        var bytes = ByteBuffer()
        frame.write(to: &bytes)
        try connection.write(bytes)
    }

    private func read(_ connection: BlockingConnection, _ input: inout ByteBuffer) throws -> MessageFrame? {
        while true {
            if let frame = try MessageFrame.read(from: &input) { return frame }
            if try connection.read(into: &input) == 0 { return nil }
        }
    }

    func raw(_ payload: ByteBuffer) throws -> MessageFrame? {
        try write(.request(session: 1, call: 2, account: "a", payload: payload), to: requests)
        return try read(requests, &requestInput)
    }

    func call(_ call: ServiceCall) throws -> ServiceAnswer {
        var payload = ByteBuffer()
        call.write(to: &payload)
        guard case .reply(var answer)? = try raw(payload) else { throw MessageFrame.Malformed.unexpected }
        return try ServiceAnswer.read(from: &answer)
    }

    func perform(_ identifier: Int32, by user: String, _ data: [UInt8]) throws -> ServiceAnswer {
        try call(
            .perform(
                identifier: identifier, user: user, platform: 1, operationID: "op-7", data: ByteBuffer(bytes: data)))
    }

    /// The service has dialled by now: its hello was handled before the call was answered.
    func acceptOrders() async throws {
        try await awaitReadable(listener.descriptor, "nobody dials the gateway")
        guard case .connection(let descriptor) = listener.accept() else { throw MessageFrame.Malformed.unexpected }
        orders?.close()
        let connection = BlockingConnection(descriptor)
        Self.limitWait(connection)
        orders = connection
        orderInput = ByteBuffer()
    }

    /// The next order.
    func nextOrder() async throws -> GatewayOrder? {
        let connection = try #require(orders)
        while true {
            if let frame = try MessageFrame.read(from: &orderInput) {
                guard case .order(var payload) = frame else { return nil }
                return try GatewayOrder.read(from: &payload)
            }
            try await awaitReadable(connection.descriptor, "no order comes")
            if try connection.read(into: &orderInput) == 0 { return nil }
        }
    }

    /// Without holding a thread: the call that makes the service give the order may need this very one.
    private func awaitReadable(_ descriptor: CInt, _ complaint: Comment) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&wanted, 1, 0) == 1 { return }
            try #require(ContinuousClock.now < deadline, complaint)
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    func answerOrder(_ done: ByteBuffer = ByteBuffer(integer: UInt32(1))) throws {
        try write(.done(done), to: try #require(orders))
    }
}
