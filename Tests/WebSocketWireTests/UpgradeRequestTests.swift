import Testing
import WebSocketWire

struct UpgradeRequestTests {
    private static func text(
        host: String = "server.example.com", port: Int = 80, isSecure: Bool = false, resource: String = "/chat",
        subprotocols: [String] = [], headers: [(String, String)] = []
    ) -> String {
        UpgradeRequest(
            host: host, port: port, isSecure: isSecure, resource: resource, subprotocols: subprotocols, headers: headers
        ).text(key: "dGhlIHNhbXBsZSBub25jZQ==")
    }

    @Test func wholeRequest() {
        let text = Self.text(
            subprotocols: ["chat", "superchat"], headers: [("Origin", "http://example.com"), ("X-A", "1")])
        let lines = [
            "GET /chat HTTP/1.1", "Host: server.example.com", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: chat, superchat", "Origin: http://example.com", "X-A: 1", "", "",
        ]
        #expect(text == lines.joined(separator: "\r\n"))
    }

    private static let hosts: [(String, Int, Bool, String)] = [
        ("a.example", 80, false, "a.example"), ("a.example", 443, true, "a.example"),
        ("a.example", 443, false, "a.example:443"),
        ("a.example", 80, true, "a.example:80"), ("::1", 8080, false, "[::1]:8080"), ("[::1]", 80, false, "[::1]"),
        ("127.0.0.1", 9, false, "127.0.0.1:9"),
    ]

    @Test(arguments: hosts)
    func hostField(_ host: String, _ port: Int, _ isSecure: Bool, _ expected: String) {
        let lines = Self.text(host: host, port: port, isSecure: isSecure).split(separator: "\r\n")
        #expect(lines[1] == "Host: \(expected)")
    }

    private static let targets: [(String, String)] = [
        ("/a?b=c", "/a?b=c"), ("", "/"), ("?token=1", "/?token=1"), ("/a b", "/a%20b"),
        ("/\r\nX: 1", "/%0D%0AX:%201"), ("/\u{7F}\t", "/%7F%09"), ("/\u{F8FF}", "/\u{F8FF}"),
    ]

    @Test(arguments: targets)
    func requestTarget(_ resource: String, _ expected: String) {
        #expect(Self.text(resource: resource).split(separator: "\r\n")[0] == "GET \(expected) HTTP/1.1")
    }

    @Test func aHeaderCannotEndItsLine() {
        let text = Self.text(
            host: "h\r\nX: 1", subprotocols: ["p\nq"], headers: [("A\r\nB", "1\r\n\r\nGET / HTTP/1.1\0")])
        #expect(text.utf8.count { $0 == 10 } == 9)
        #expect(text.utf8.count { $0 == 13 } == 9)
        #expect(text.contains("A  B: 1    GET / HTTP/1.1 \r\n"))
    }
}
