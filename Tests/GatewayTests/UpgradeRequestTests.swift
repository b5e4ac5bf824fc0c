import NIOHTTP1
import Testing

@testable import Gateway

struct UpgradeRequestTests {
    static let headers: HTTPHeaders = [
        "Host": "gateway", "Upgrade": "websocket", "Connection": "keep-alive, Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ]

    static func head(
        _ uri: String = "/?account=a", method: HTTPMethod = .GET, version: HTTPVersion = .http1_1,
        _ change: (inout HTTPHeaders) -> Void = { _ in }
    ) -> HTTPRequestHead {
        var headers = headers
        change(&headers)
        return HTTPRequestHead(version: version, method: method, uri: uri, headers: headers)
    }

    @Test func acceptsWithAndWithoutAccount() {
        #expect(UpgradeRequest.decide(Self.head(), isDraining: false) == .accept(account: "a"))
        #expect(UpgradeRequest.decide(Self.head("/any/path"), isDraining: false) == .accept(account: nil))
        let oddCase = Self.head {
            $0.replaceOrAdd(name: "Upgrade", value: "WebSocket")
            $0.replaceOrAdd(name: "Connection", value: "upgrade")
        }
        #expect(UpgradeRequest.decide(oddCase, isDraining: false) == .accept(account: "a"))
    }

    @Test(arguments: [
        (head(method: .POST), 426),
        (head(version: .http1_0), 426),
        (head { $0.remove(name: "Upgrade") }, 426),
        (head { $0.remove(name: "Connection") }, 426),
        (head { $0.replaceOrAdd(name: "Sec-WebSocket-Version", value: "8") }, 426),
        (head { $0.remove(name: "Sec-WebSocket-Version") }, 426),
        (head { $0.remove(name: "Sec-WebSocket-Key") }, 400),
        (head { $0.add(name: "Sec-WebSocket-Key", value: "dGhlIHNhbXBsZSBub25jZQ==") }, 400),
        (head { $0.replaceOrAdd(name: "Sec-WebSocket-Key", value: "short") }, 400),
        (head { $0.replaceOrAdd(name: "Sec-WebSocket-Key", value: "dGhlIHNhbXBsZSBub25jZ!==") }, 400),
        (head { $0.remove(name: "Host") }, 400),
        (head("/?account=%ff"), 400),
    ])
    func refuses(head: HTTPRequestHead, status: Int) {
        guard case .refuse(let refusal) = UpgradeRequest.decide(head, isDraining: false) else {
            Issue.record("accepted")
            return
        }
        #expect(refusal.status.code == status)
        #expect(!refusal.hint.isEmpty)
    }

    @Test func refusesWhileDraining() {
        guard case .refuse(let refusal) = UpgradeRequest.decide(Self.head(), isDraining: true) else {
            Issue.record("accepted")
            return
        }
        #expect(refusal.status == .serviceUnavailable)
    }
}
