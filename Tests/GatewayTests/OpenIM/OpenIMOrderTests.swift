import NIOCore
import Testing

@testable import Gateway

extension GatewayTests {
    func registered(_ count: Int, at gateway: Gateway) async throws {
        try await eventually("registered", of: gateway) {
            gateway.status.registryCounters.sessions.value == count
        }
    }

    @Test(arguments: OpenIMVersion.allCases)
    func ordersAreCarriedOutInOrder(version: OpenIMVersion) async throws {
        try await withOpenIMGateway(version) { gateway, _ in
            let line = try OrderLine(to: gateway)
            var phones: [OpenIMClient] = []
            for platform in [1, 2, 5] {
                phones.append(
                    try await OpenIMClient.admitted(
                        to: gateway, version, user: "u", platform: platform, platform == 5 ? "&sdkType=js" : ""))
            }
            try await registered(3, at: gateway)
            let push = GatewayOrder.push(user: "u", operationID: "sent", data: ByteBuffer(string: "hello"))
            try await line.send([
                push, .push(user: "v", operationID: "", data: ByteBuffer()), .whoIsOnline(users: ["v", "u"]),
            ])
            #expect(try await line.done() == ByteBuffer(integer: UInt32(3)))
            #expect(try await line.done() == ByteBuffer(integer: UInt32(0)))
            var list = try await line.done()
            let online = try OnlineConnection.readAll(from: &list)
            #expect(online.map(\.platform).sorted() == [1, 2, 5])
            #expect(online.allSatisfy { $0.user == "u" && !$0.isBackground })
            for phone in phones.prefix(2) {
                try await phone.expect(2001, msgIncr: "", operationID: "sent", data: "hello")
            }
            if version == .v3_8_3 {
                let text =
                    #"{"reqIdentifier":2001,"msgIncr":"","operationID":"sent","errCode":0,"errMsg":"","data":"aGVsbG8="}"#
                #expect(try await phones[2].raw.readFrame().text == text)
            }
            // A kick takes the user's platform out at once, and its registration later.
            #expect(try await line.carryOut(.kick(user: "u", platform: 2)) == 1)
            #expect(try await line.carryOut(.kick(user: "u", platform: 2)) == 0)
            #expect(try await line.carryOut(push) == 2)
            try await phones[1].expectKick()
            try await registered(2, at: gateway)
            // It goes on counting a user whose last connection is kicked so, as the real one does.
            #expect(try await line.carryOut(.kick(user: "u", platform: 1)) == 1)
            #expect(try await line.carryOut(.kick(user: "u", platform: 5)) == 1)
            try await expectEmpty(gateway)
            #expect(metric("online_user_num", in: gateway.status.metrics()) == 1)
        }
    }

    @Test func phonesInTheBackgroundAreNotPushed() async throws {
        try await withOpenIMGateway(.v3_8_3) { gateway, _ in
            let line = try OrderLine(to: gateway)
            let push = GatewayOrder.push(user: "u", operationID: "", data: ByteBuffer(string: "x"))
            for (platform, reached) in [(1, 0), (2, 1)] {
                let client = try await OpenIMClient.admitted(to: gateway, .v3_8_3, user: "u", platform: platform)
                // {1: "u", 2: true}
                for (data, count) in [("\u{a}\u{1}u\u{10}\u{1}", reached), ("\u{a}\u{1}u", 1)] {
                    try await client.ask(2004, data: data)
                    try await client.expect(2004, data: "2004:" + data)
                    #expect(try await line.carryOut(push) == count, "\(platform)")
                    if count > 0 { try await client.expect(2001, msgIncr: "", operationID: "", data: "x") }
                }
                client.raw.close()
                try await expectEmpty(gateway)
            }
        }
    }

    /// Who stays when a second login comes, by policy, the two platforms and version.
    @Test(arguments: OpenIMVersion.allCases, OpenIMLoginPolicy.allCases)
    func loginPolicies(version: OpenIMVersion, policy: OpenIMLoginPolicy) async throws {
        try await withOpenIMGateway(version) {
            $0.openIM?.loginPolicy = policy
        } _: { gateway, service in
            var held: [OpenIMClient] = []
            let pairs = [(1, 1), (1, 2), (3, 3), (3, 7), (5, 5), (5, 6), (1, 5)]
            for (number, (first, second)) in pairs.enumerated() {
                let user = "user\(number)"
                let older = try await OpenIMClient.admitted(to: gateway, version, user: user, platform: first)
                try await registered(2 * number - gateway.status.registryCounters.kicked.value + 1, at: gateway)
                let newer = try await OpenIMClient.admitted(to: gateway, version, user: user, platform: second)
                let kicks =
                    switch policy {
                    case .keepAll: false
                    case .kickSamePlatform: first == second
                    case .kickSameClass:
                        version == .v3_8_3 && (first == second || [[1, 2], [3, 7]].contains([first, second]))
                    case .computerAndOther: first == second && first != 3
                    }
                if kicks {
                    try await older.expectKick()
                } else {
                    try await older.ask(1001, data: "still")
                    try await older.expect(1001, data: "1001:still")
                }
                try await newer.ask(1001, data: "here")
                try await newer.expect(1001, data: "1001:here")
                let told = ServiceCall.loggedIn(
                    user: user, platform: Int32(second), token: "\(user):\(second)",
                    kicksOtherTokens: kicks && policy != .kickSameClass)
                try await eventually("told of \(user)", state: { "\(service.calls)" }) { service.calls.contains(told) }
                // This policy takes the tokens that the kicked have shown.
                let taken = ServiceCall.kickToken(user: user, platform: Int32(first), token: "\(user):\(first)")
                #expect(service.calls.contains(taken) == (kicks && policy == .kickSameClass), "\(user)")
                // Both stay connected, so that the counts of the next pair are known.
                held.append(contentsOf: [older, newer])
            }
            held.removeAll()
        }
    }
}
