import Foundation
import NIOCore
import SwiftProtobuf
import Testing

@testable import Gateway

extension GatewayTests {
    @Suite struct OpenIMServiceTests {
        private static let both: [OpenIMVersion] = [.v3_5_1, .v3_8_3]

        private func message(_ sender: String, _ receiver: String, _ text: String = "hi") -> WireMessage {
            WireMessage.with {
                $0.sendID = sender
                $0.recvID = receiver
                $0.clientMsgID = "c1"
                $0.sessionType = 1
                $0.contentType = 101
                $0.content = Data(text.utf8)
            }
        }

        private func bytes(_ message: some SwiftProtobuf.Message) throws -> [UInt8] { try message.serializedBytes() }

        private func parse<Body: SwiftProtobuf.Message>(_ answer: ServiceAnswer, as type: Body.Type) throws -> Body {
            #expect(answer.errorCode == 0, "\(answer)")
            return try Body(serializedBytes: Array(answer.data.readableBytesView))
        }

        @Test(arguments: both)
        func messagesAreNumberedKeptAndPushed(version: OpenIMVersion) async throws {
            try await OpenIMBackend.with(version) { (backend: OpenIMBackend) async throws in
                #expect(try await backend.register(["u1", "u2"]).code == 0)
                let token = try #require(try await backend.userToken("u1").data["token"] as? String)
                let gateway = try ScriptedGateway(backend.service)
                var checked = try gateway.call(.checkToken(token))
                #expect(checked.errorCode == 0)
                #expect(try checked.data.takeText() == "u1")
                #expect(try checked.data.takeNumber(Int32.self) == 1)
                try await gateway.acceptOrders()
                _ = try gateway.call(.loggedIn(user: "u1", platform: 1, token: token, kicksOtherTokens: false))
                _ = try gateway.call(.loggedIn(user: "u2", platform: 5, token: "t", kicksOtherTokens: false))
                for number: Int64 in 1...3 {
                    let sent = try parse(
                        try gateway.perform(1003, by: "u1", try bytes(message("u1", "u2", "m\(number)"))),
                        as: WireSent.self)
                    #expect(sent.clientMsgID == "c1" && sent.serverMsgID.count == 32 && sent.sendTime > 0)
                    for receiver in ["u2", "u1"] {
                        guard case .push(let user, let operationID, let data)? = try await gateway.nextOrder() else {
                            Issue.record("no push")
                            return
                        }
                        try gateway.answerOrder()
                        #expect(user == receiver && operationID == "op-7")
                        let push = try WireMessages(serializedBytes: Array(data.readableBytesView))
                        let pushed = try #require(push.messages["si_u1_u2"]?.messages.first)
                        #expect(
                            push.messages.count == 1 && pushed.seq == number && pushed.serverMsgID == sent.serverMsgID)
                    }
                }
                let seqs = try parse(
                    try gateway.perform(1001, by: "u2", try bytes(WireNewestSeqRequest.with { $0.userID = "u2" })),
                    as: WireNewestSeqs.self)
                #expect(seqs.maxSeqs == ["si_u1_u2": 3])
                let range = WirePullRangesRequest.with {
                    $0.userID = "u2"
                    $0.ranges = [
                        .with {
                            $0.conversationID = "si_u1_u2"
                            $0.begin = 2
                            $0.end = 9
                            $0.num = 10
                        }, .with { $0.conversationID = "si_none" },
                    ]
                }
                let pulled = try parse(try gateway.perform(1002, by: "u2", try bytes(range)), as: WireMessages.self)
                #expect(pulled.messages.count == 1)
                #expect(pulled.messages["si_u1_u2"]?.messages.map(\.content) == [Data("m2".utf8), Data("m3".utf8)])
                #expect(pulled.messages["si_u1_u2"]?.isEnd == true)
                let rest = try await backend.call("/msg/newest_seq", #"{"userID":"u1"}"#, token: token)
                #expect(rest.body.contains(#""maxSeqs":{"si_u1_u2":3}"#))
                try await eventually("counted") { backend.service.status.connectionsPushedTo.value == 6 }
                #expect(backend.service.status.singleChatMessages.value == 3)
                if version == .v3_8_3 { try checkLaterRequests(gateway) }
            }
        }

        private func checkLaterRequests(_ gateway: ScriptedGateway) throws {
            let asked = WireConversationsRequest.with {
                $0.userID = "u1"
                $0.conversationIds = ["si_u1_u2", "si_none"]
            }
            let read = try parse(try gateway.perform(1006, by: "u1", try bytes(asked)), as: WireReadSeqs.self)
            #expect(read.seqs["si_u1_u2"]?.maxSeq == 3 && read.seqs["si_u1_u2"]?.readSeq == 3 && read.seqs.count == 1)
            let last = try parse(try gateway.perform(1007, by: "u1", try bytes(asked)), as: WireLastMessages.self)
            #expect(last.messages["si_u1_u2"]?.seq == 3 && last.messages.count == 1)
            let some = WirePullSeqsRequest.with {
                $0.conversations = [
                    .with {
                        $0.conversationID = "si_u1_u2"
                        $0.seqs = [1, 3, 99, -1]
                    }
                ]
            }
            let pulled = try parse(try gateway.perform(1005, by: "u1", try bytes(some)), as: WireMessages.self)
            #expect(pulled.messages["si_u1_u2"]?.messages.map(\.seq) == [1, 3])
            let watch = WireSubscribeRequest.with { $0.subscribe = ["u2", "u3"] }
            let tips = try parse(try gateway.perform(2005, by: "u1", try bytes(watch)), as: WireOnlineStatusTips.self)
            #expect(tips.subscribers.map(\.platformIds) == [[5], []])
        }

        @Test(arguments: both)
        func sendsAreChecked(version: OpenIMVersion) async throws {
            try await OpenIMBackend.with(version) { (backend: OpenIMBackend) async throws in
                _ = try await backend.register(["u1", "u2"])
                let gateway = try ScriptedGateway(backend.service)
                func code(_ message: WireMessage) throws -> Int32 {
                    try gateway.perform(1003, by: "u1", try bytes(message)).errorCode
                }
                #expect(try code(message("u1", "nobody")) == 1004)
                #expect(try code(message("", "u2")) == 1001)
                #expect(try code(message("u1", "u2", "")) == 1001)
                for (type, expected): (Int32, Int32) in [(2, 1001), (3, 1004), (9, 1001)] {
                    var other = message("u1", "u2")
                    other.sessionType = type
                    #expect(try code(other) == expected)
                }
                #expect(backend.service.status.singleChatFailures.value == 3)
                #expect(
                    try gateway.perform(1001, by: "u1", try bytes(WireNewestSeqRequest.with { $0.userID = "u2" }))
                        .errorCode == 1002)
                #expect(try gateway.perform(1004, by: "u1", []).errorCode == 1001)
                for identifier: Int32 in [1001, 1002, 1003, 2004] {
                    #expect(try gateway.perform(identifier, by: "u1", [0xff, 0xff, 0x01]).errorCode == 500)
                }
                guard case .failed? = try gateway.raw(ByteBuffer(bytes: [9, 9])) else {
                    Issue.record("a call that is none was answered")
                    return
                }
                #expect(try code(message("u1", "u2")) == 0)
            }
        }

        @Test func onlyWhoIsOnlineIsPushedToBy383() async throws {
            try await OpenIMBackend.with(.v3_8_3) { (backend: OpenIMBackend) async throws in
                _ = try await backend.register(["u1", "u2"])
                let gateway = try ScriptedGateway(backend.service)
                _ = try gateway.call(.loggedOut(user: "u2", platform: 1))
                _ = try gateway.call(.loggedIn(user: "u2", platform: 1, token: "", kicksOtherTokens: false))
                _ = try gateway.call(.loggedIn(user: "u1", platform: 1, token: "", kicksOtherTokens: false))
                try await gateway.acceptOrders()
                _ = try gateway.perform(1003, by: "u1", try bytes(message("u1", "u2")))
                guard case .push(let user, _, _)? = try await gateway.nextOrder() else {
                    Issue.record("no push")
                    return
                }
                #expect(user == "u1")
            }
        }

        @Test(arguments: both)
        func gatewaysAreAskedAndTold(version: OpenIMVersion) async throws {
            try await OpenIMBackend.with(version) { (backend: OpenIMBackend) async throws in
                _ = try await backend.register(["u1"])
                let admin = try await backend.adminToken()
                let gateway = try ScriptedGateway(backend.service)
                _ = try gateway.call(.loggedIn(user: "u1", platform: 5, token: "", kicksOtherTokens: false))
                try await gateway.acceptOrders()
                async let status = backend.call(
                    "/user/get_users_online_status", #"{"userIDs":["u1","u2"]}"#, token: admin)
                #expect(try await gateway.nextOrder() == .whoIsOnline(users: ["u1", "u2"]))
                var done = ByteBuffer()
                OnlineConnection(user: "u1", platform: 5, token: "t", connectionID: "9", isBackground: false).write(
                    to: &done)
                try gateway.answerOrder(done)
                let expected =
                    switch version {
                    case .v3_5_1:
                        #""data":[{"userID":"u1","status":"online","detailPlatformStatus":[{"platform":"Web","status":"online","connID":"9","isBackground":false,"token":"t"}]},{"userID":"u2","status":"offline","detailPlatformStatus":null}]}"#
                    case .v3_8_3:
                        #""data":[{"userID":"u1","status":1,"detailPlatformStatus":[{"platformID":5,"connID":"9","isBackground":false,"token":"t"}]},{"userID":"u2","status":0,"detailPlatformStatus":null}]}"#
                    }
                #expect(try await status.body.hasSuffix(expected))
                async let out = backend.call("/auth/force_logout", #"{"platformID":5,"userID":"u1"}"#, token: admin)
                #expect(try await gateway.nextOrder() == .kick(user: "u1", platform: 5))
                try gateway.answerOrder()
                #expect(try await out.code == 0)
                let known = try await backend.call("/user/get_users_status", #"{"userIDs":["u1"]}"#, token: admin)
                #expect(known.body.hasSuffix(#""data":{"statusList":[{"userID":"u1","status":1,"platformIDs":[5]}]}}"#))
            }
        }

        @Test func aGatewayThatHasGoneIsForgotten() async throws {
            try await OpenIMBackend.with(.v3_8_3) { (backend: OpenIMBackend) async throws in
                var gateway: ScriptedGateway? = try ScriptedGateway(backend.service)
                _ = try gateway?.call(.loggedIn(user: "imAdmin", platform: 5, token: "", kicksOtherTokens: false))
                try await gateway?.acceptOrders()
                let service = try #require(backend.service.handler.openIM)
                #expect(service.online.platforms(of: "imAdmin") == [5])
                gateway = nil
                try await eventually("forgotten") { service.gateways.areAllGone }
                try await eventually("offline") { service.online.platforms(of: "imAdmin").isEmpty }
            }
        }

        @Test func messagesOverRESTArePushed() async throws {
            try await OpenIMBackend.with(.v3_5_1) { (backend: OpenIMBackend) async throws in
                _ = try await backend.register(["u1", "u2"])
                let admin = try await backend.adminToken()
                let gateway = try ScriptedGateway(backend.service)
                _ = try gateway.call(.loggedOut(user: "x", platform: 1))
                try await gateway.acceptOrders()
                let body =
                    #"{"sendID":"u1","recvID":"u2","content":{"content":"h<i"},"contentType":101,"sessionType":1}"#
                let sent = try await backend.call("/msg/send_msg", body, token: admin)
                #expect(sent.data["serverMsgID"] is String && sent.data["sendTime"] is Int)
                guard case .push("u2", "op-1", let data)? = try await gateway.nextOrder() else {
                    Issue.record("no push")
                    return
                }
                let push = try WireMessages(serializedBytes: Array(data.readableBytesView))
                #expect(push.messages["si_u1_u2"]?.messages.first?.content == Data(#"{"content":"h<i"}"#.utf8))
                #expect(try await backend.call("/msg/send_msg", #"{"sendID":"u1"}"#, token: admin).status == 400)
                #expect(
                    try await backend.call(
                        "/msg/send_msg", body.replacingOccurrences(of: "101", with: "106"), token: admin
                    ).code
                        == 1001)
            }
        }

        @Test func theOldestMessagesGoFirst() throws {
            let store = MessageStore(limitBytes: 1000)
            for number in 0..<100 {
                var sent = message("a", number % 2 == 0 ? "b" : "c")
                try store.append(&sent, to: number % 2 == 0 ? "si_a_b" : "si_a_c")
            }
            let seqs = store.seqs(of: "a")
            #expect(seqs["si_a_b"]?.max == 50 && seqs["si_a_c"]?.max == 50)
            let first = try #require(seqs["si_a_b"]?.min)
            #expect(first > 40)
            var budget = Int.max
            let all = try #require(try store.pull("si_a_b", from: .min, to: .max, count: 0, budget: &budget))
            #expect(all.messages.map(\.seq) == Array(first...50))
            let latest = try store.pull("si_a_b", from: 1, to: 50, count: 2, budget: &budget)
            #expect(latest?.messages.map(\.seq) == [49, 50])
            budget = 0
            #expect(try store.pull("si_a_b", seqs: [50], budget: &budget)?.messages.isEmpty == true)
        }

        // MARK: Defects

        @Test func aHangKeepsRequestsButNotLogins() async throws {
            try await OpenIMBackend.with(.v3_8_3) {
                $0.defects = [.messageServiceHang(after: .zero)]
            } _: { (backend: OpenIMBackend) async throws in
                let token = try await backend.adminToken()
                let gateway = try ScriptedGateway(backend.service)
                #expect(try gateway.call(.checkToken(token)).errorCode == 0)
                let other = try RawClient(port: backend.service.port)
                var payload = ByteBuffer()
                ServiceCall.perform(identifier: 1001, user: "u", platform: 1, operationID: "o", data: ByteBuffer())
                    .write(to: &payload)
                var frame = ByteBuffer()
                MessageFrame.request(session: 1, call: 1, account: "u", payload: payload).write(to: &frame)
                try await other.send(Array(frame.readableBytesView))
                try await eventually("taken") { backend.service.status.requestsInFlight == 1 }
                #expect(other.poll() == nil)
            }
        }

        @Test func aConnectionPerPushIsLeftOpen() async throws {
            try await OpenIMBackend.with(.v3_5_1) {
                $0.defects = [.connectionPerPush(share: 1)]
            } _: { (backend: OpenIMBackend) async throws in
                _ = try await backend.register(["u1", "u2"])
                let gateway = try ScriptedGateway(backend.service)
                var before: Set<Int32> = []
                _ = try gateway.call(.loggedOut(user: "x", platform: 1))
                try await gateway.acceptOrders()
                before = Set(OpenDescriptors.all().map(\.number))
                var own = message("u1", "u1")
                own.clientMsgID = "self"
                for _ in 0..<3 { #expect(try gateway.perform(1003, by: "u1", try bytes(own)).errorCode == 0) }
                for _ in 0..<3 {
                    try await gateway.acceptOrders()
                    guard case .push("u1", _, _)? = try await gateway.nextOrder() else {
                        Issue.record("no push")
                        return
                    }
                }
                try await eventually("counted") { backend.service.status.pushes.value == 3 }
                for socket in OpenDescriptors.all()
                where !before.contains(socket.number) && socket.target.hasPrefix("socket:") {
                    close(socket.number)
                }
            }
        }
    }
}
