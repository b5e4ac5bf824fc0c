import NIOCore
import Testing

@testable import Gateway

/// Frames as a client and Go's gob write them, made from the constants of Go's own output, not by the gateway's code.
enum GoFrames {
    private static let requestDefinition = bytes(
        "5c7f0301010352657101ff80000106010d5265714964656e7469666965720104000105546f6b656e010c00010653656e644944010c00010b"
            + "4f7065726174696f6e4944010c0001074d7367496e6372010c00010444617461010a000000")
    private static let responseFields =
        "000106010d5265714964656e74696669657201040001074d7367496e6372010c00010b4f7065726174696f6e4944010c000107457272436f64"
        + "6501040001064572724d7367010c00010444617461010a000000"

    static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).map {
            UInt8(String(decoding: digits[$0..<($0 + 2)], as: UTF8.self), radix: 16) ?? 0
        }
    }

    static func request(
        _ identifier: Int, from user: String, operationID: String = "op", msgIncr: String = "1", data: [UInt8] = []
    ) -> [UInt8] {
        requestDefinition
            + value(
                type: [0xff, 0x80],
                [
                    number(identifier), [], text(user), text(operationID), text(msgIncr),
                    data.isEmpty ? [] : unsigned(data.count) + data,
                ])
    }

    static func response(
        _ identifier: Int, _ version: OpenIMVersion, msgIncr: String = "", operationID: String = "",
        errorCode: Int = 0, errorMessage: String = "", data: [UInt8] = []
    ) -> [UInt8] {
        let definition =
            bytes(version == .v3_5_1 ? "60ff81030101045265737001ff82" : "5f7f030101045265737001ff80")
            + bytes(responseFields)
        return definition
            + value(
                type: [0xff, version == .v3_5_1 ? 0x82 : 0x80],
                [
                    number(identifier), text(msgIncr), text(operationID), number(errorCode), text(errorMessage),
                    data.isEmpty ? [] : unsigned(data.count) + data,
                ])
    }

    private static func value(type: [UInt8], _ fields: [[UInt8]]) -> [UInt8] {
        var body = type
        var last = -1
        for (index, field) in fields.enumerated() where !field.isEmpty {
            body += [UInt8(index - last)] + field
            last = index
        }
        body.append(0)
        return unsigned(body.count) + body
    }

    private static func text(_ text: String) -> [UInt8] {
        text.isEmpty ? [] : unsigned(text.utf8.count) + Array(text.utf8)
    }

    private static func number(_ number: Int) -> [UInt8] {
        number == 0 ? [] : unsigned(number < 0 ? ~number * 2 + 1 : number * 2)
    }

    private static func unsigned(_ number: Int) -> [UInt8] {
        if number < 128 { return [UInt8(number)] }
        var bytes: [UInt8] = []
        var rest = number
        while rest > 0 {
            bytes.insert(UInt8(rest & 255), at: 0)
            rest >>= 8
        }
        return [UInt8(256 - bytes.count)] + bytes
    }
}

/// A client of one gateway.
struct OpenIMClient {
    let raw: RawClient
    let user: String
    let version: OpenIMVersion

    static func request(_ target: String, headers: [String] = []) -> String {
        (["GET \(target) HTTP/1.1", "Host: gateway", "Upgrade: websocket", "Connection: Upgrade"] + headers + [
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "", "",
        ]).joined(separator: "\r\n")
    }

    static func target(_ user: String, _ platform: Int, _ more: String = "") -> String {
        "/?sendID=\(user)&token=\(user):\(platform)&platformID=\(platform)&operationID=op\(more)"
    }

    /// Upgraded.
    static func connected(
        to gateway: Gateway, _ version: OpenIMVersion, user: String, platform: Int = 1, _ more: String = ""
    ) async throws -> OpenIMClient {
        let raw = try RawClient(port: gateway.port)
        try await raw.send(request(target(user, platform, more)))
        let head = try await raw.readHead()
        guard head.hasPrefix("HTTP/1.1 101 ") else { throw RawClient.SystemCallFailed(call: head, code: 0) }
        return OpenIMClient(raw: raw, user: user, version: version)
    }

    /// Upgraded, and in the table.
    static func admitted(
        to gateway: Gateway, _ version: OpenIMVersion, user: String, platform: Int = 1, _ more: String = ""
    ) async throws -> OpenIMClient {
        let client = try await connected(to: gateway, version, user: user, platform: platform, more)
        try await client.raw.send(RawClient.frame(.ping, "in?"))
        let payload = version == .v3_5_1 ? [] : Array("in?".utf8)
        #expect(try await client.raw.readFrame() == RawClient.Frame(head: 0x8a, payload: payload))
        return client
    }

    func send(_ payload: [UInt8], head: UInt8 = 0x82) async throws {
        try await raw.send(RawClient.frame(head: head, payload: payload))
    }

    func ask(_ identifier: Int, operationID: String = "op", msgIncr: String = "1", data: String = "") async throws {
        try await send(
            GoFrames.request(
                identifier, from: user, operationID: operationID, msgIncr: msgIncr, data: Array(data.utf8)))
    }

    /// Expects a response next.
    func expect(
        _ identifier: Int, msgIncr: String = "1", operationID: String = "op", errorCode: Int = 0,
        errorMessage: String = "", data: String = "", sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let expected = GoFrames.response(
            identifier, version, msgIncr: msgIncr, operationID: operationID, errorCode: errorCode,
            errorMessage: errorMessage, data: Array(data.utf8))
        let frame = try await raw.readFrame()
        #expect(frame == RawClient.Frame(head: 0x82, payload: expected), sourceLocation: sourceLocation)
    }

    /// Expects to be kicked: 2002, and the end of TCP without a close frame.
    func expectKick(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await expect(2002, msgIncr: "", operationID: "", sourceLocation: sourceLocation)
        #expect(try await raw.readToEnd() == [], sourceLocation: sourceLocation)
    }
}

/// Runs `body` against a gateway that speaks OpenIM and its scripted service.
func withOpenIMGateway(
    _ version: OpenIMVersion, _ change: (inout GatewayConfiguration) -> Void = { _ in },
    _ body: (Gateway, ScriptedService) async throws -> Void
) async throws {
    try await ScriptedService.with(version) { service in
        try await withGateway {
            var openIM = OpenIMConfiguration()
            openIM.version = version
            $0.openIM = openIM
            $0.messageService = service.address
            change(&$0)
        } _: { gateway in
            try await body(gateway, service)
        }
    }
}
