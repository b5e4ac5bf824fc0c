import NIOCore
import Testing

@testable import Gateway

extension GatewayTests {
    /// What two gateways of a stack do with logins of one user.
    struct LoginElsewhere {
        let version: OpenIMVersion
        let policy: OpenIMLoginPolicy
        var isHub = false
        /// What the older login's gateway tells the service; nil: the older login stays.
        let told: ServiceCall?
    }

    static let loginsElsewhere = [
        LoginElsewhere(
            version: .v3_5_1, policy: .kickSamePlatform,
            told: .kickOtherTokens(user: "u", platform: 1, token: "u:1:newer")),
        LoginElsewhere(
            version: .v3_5_1, policy: .kickSamePlatform, isHub: true,
            told: .kickOtherTokens(user: "u", platform: 1, token: "u:1:newer")),
        LoginElsewhere(
            version: .v3_8_3, policy: .kickSamePlatform, isHub: true,
            told: .kickOtherTokens(user: "u", platform: 1, token: "u:1:newer")),
        LoginElsewhere(
            version: .v3_8_3, policy: .kickSameClass, told: .kickToken(user: "u", platform: 1, token: "u:1:older")),
        LoginElsewhere(version: .v3_5_1, policy: .keepAll, told: nil),
    ]

    @Test(arguments: loginsElsewhere)
    func aLoginElsewhereKicksAndTakesTokens(_ elsewhere: LoginElsewhere) async throws {
        func change(_ name: String) -> (inout GatewayConfiguration) -> Void {
            {
                $0.name = name
                $0.openIM?.loginPolicy = elsewhere.policy
                guard elsewhere.isHub else { return }
                $0.registryDefect = RegistryDefect()
                $0.registryDefect?.order = elsewhere.version == .v3_5_1 ? .flagBeforeLock : .lockBeforeFlag
            }
        }
        try await withOpenIMGateway(elsewhere.version, change("gateway-0")) { first, service in
            try await withOpenIMGateway(elsewhere.version, change("gateway-1")) { second, _ in
                let addresses = [first.internalAddress, second.internalAddress]
                try first.setPeers(addresses)
                try second.setPeers(addresses)
                let older = try await login(first, elsewhere.version, token: "u:1:older")
                try await registered(1, at: first)
                let newer = try await login(second, elsewhere.version, token: "u:1:newer")
                if let told = elsewhere.told {
                    try await older.expectKick()
                    try await eventually("told", state: { "\(service.calls)" }) { service.calls.contains(told) }
                } else {
                    try await registered(1, at: second)
                    try await older.ask(1001, data: "still")
                    try await older.expect(1001, data: "1001:still")
                    #expect(
                        !service.calls.contains {
                            if case .kickOtherTokens = $0 { true } else { false }
                        })
                }
                try await newer.ask(1001, data: "here")
                try await newer.expect(1001, data: "1001:here")
            }
        }
    }

    private func login(_ gateway: Gateway, _ version: OpenIMVersion, token: String) async throws -> OpenIMClient {
        let raw = try RawClient(port: gateway.port)
        try await raw.send(OpenIMClient.request("/?sendID=u&token=\(token)&platformID=1&operationID=op"))
        #expect(try await raw.readHead().hasPrefix("HTTP/1.1 101 "))
        return OpenIMClient(raw: raw, user: "u", version: version)
    }

    /// Those that have subscribed hear of a user, and no longer than they want to.
    @Test func subscribersAreToldOfChanges() async throws {
        try await withOpenIMGateway(.v3_8_3) { gateway, _ in
            let line = try OrderLine(to: gateway)
            let change = GatewayOrder.statusChanged(user: "v", data: ByteBuffer(string: "online"))
            let clients = [
                try await OpenIMClient.admitted(to: gateway, .v3_8_3, user: "a"),
                try await OpenIMClient.admitted(to: gateway, .v3_8_3, user: "b"),
            ]
            #expect(try await line.carryOut(change) == 0)
            for client in clients {
                // {1: "v"}, twice
                try await client.ask(2005, data: "\u{a}\u{1}v\u{a}\u{1}v")
                try await client.expect(2005, data: "2005:\u{a}\u{1}v\u{a}\u{1}v")
            }
            #expect(try await line.carryOut(change) == 2)
            for client in clients { try await client.expect(2005, msgIncr: "", operationID: "", data: "online") }
            // {2: "v"}, and what is no protobuf
            for data in ["\u{12}\u{1}v", "\u{12}\u{7f}"] {
                try await clients[0].ask(2005, data: data)
                try await clients[0].expect(2005, data: "2005:" + data)
            }
            #expect(try await line.carryOut(change) == 1)
            try await clients[1].expect(2005, msgIncr: "", operationID: "", data: "online")
            clients.forEach { $0.raw.close() }
            try await expectEmpty(gateway)
            #expect(gateway.registry.online.subscriptions.subscribers(of: "v").isEmpty)
        }
    }
}
