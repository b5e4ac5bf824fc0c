import NIOCore
import SwiftProtobuf
import Testing

@testable import Gateway

extension GatewayTests {
    @Suite struct OnlineStatusTests {
        @Test func onlyChangesOfWatchedUsersAreReported() {
            let directory = OnlineDirectory()
            #expect(directory.loggedIn("u", platform: 1, gateway: "g") == nil)
            directory.watch(["u"])
            #expect(directory.loggedIn("u", platform: 1, gateway: "g") == nil)
            #expect(directory.loggedIn("u", platform: 5, gateway: "h") == [1, 5])
            #expect(directory.loggedIn("v", platform: 5, gateway: "h") == nil)
            #expect(directory.loggedOut("u", platform: 1, gateway: "g") == nil)
            #expect(directory.loggedOut("u", platform: 1, gateway: "g") == [5])
            // An end that has overtaken its beginning.
            #expect(directory.loggedOut("u", platform: 2, gateway: "g") == nil)
            #expect(directory.loggedIn("u", platform: 2, gateway: "g") == nil)
            #expect(directory.loggedOut("u", platform: 5, gateway: "h") == [])
        }

        @Test func gatewaysAreToldOfUsersSubscribedTo() async throws {
            try await OpenIMBackend.with(.v3_8_3) { (backend: OpenIMBackend) async throws in
                _ = try await backend.register(["u1", "u2"])
                let gateway = try ScriptedGateway(backend.service)
                let request = WireSubscribeRequest.with { $0.subscribe = ["u2", "nobody"] }
                let answer = try gateway.perform(2005, by: "u1", try request.serializedBytes())
                let listed = try WireOnlineStatusTips(serializedBytes: Array(answer.data.readableBytesView))
                #expect(listed.subscribers.map(\.userID) == ["u2", "nobody"])
                #expect(listed.subscribers.map(\.platformIds) == [[], []])
                try await gateway.acceptOrders()
                for (user, isThere) in [("u1", true), ("nobody", true), ("u2", true), ("u2", false)] {
                    _ = try gateway.call(
                        isThere
                            ? .loggedIn(user: user, platform: 7, token: "t", kicksOtherTokens: false)
                            : .loggedOut(user: user, platform: 7))
                }
                for platforms: [Int32] in [[7], []] {
                    guard case .statusChanged("u2", let data)? = try await gateway.nextOrder() else {
                        Issue.record("another order")
                        return
                    }
                    let told = try WireOnlineStatusTips(serializedBytes: Array(data.readableBytesView))
                    #expect(told.subscribers.map(\.userID) == ["u2"])
                    #expect(told.subscribers.map(\.platformIds) == [platforms])
                    try gateway.answerOrder()
                }
            }
        }

        @Test func tokensAreTakenByWhatGatewaysTell() async throws {
            try await OpenIMBackend.with(.v3_5_1) { (backend: OpenIMBackend) async throws in
                let service = try #require(backend.service.handler.openIM)
                let gateway = try ScriptedGateway(backend.service)
                let key = TokenRecords.Key(userID: "u", platform: 1)
                for token in ["a", "b", "c"] { service.tokens.add(token, key, keeping: .max) }
                _ = try gateway.call(.kickToken(user: "u", platform: 1, token: "b"))
                _ = try gateway.call(.kickToken(user: "u", platform: 2, token: "c"))
                #expect(["a", "b", "c"].map { service.tokens.status(of: $0, key) } == [.normal, .kicked, .normal])
                _ = try gateway.call(.kickOtherTokens(user: "u", platform: 1, token: "c"))
                #expect(["a", "b", "c"].map { service.tokens.status(of: $0, key) } == [.kicked, .kicked, .normal])
            }
        }
    }
}
