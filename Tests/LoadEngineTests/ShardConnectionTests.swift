import LoadMetrics
import Testing

@testable import LoadEngine

/// Opening, holding and closing connections.
@Suite(.serialized) struct ShardConnectionTests {
    @Test func placeholdersReachTheServerInPathAndHeaders() throws {
        let peer = try ScriptedPeer(ScriptedPeer.echo)
        let play = try ShardPlay(
            """
            name: headers
            accounts: { count: 2, id: "u{index}" }
            load: { iterations: 2, ramp: 1ms }
            steps:
              - connect: { headers: { X-Account: "{account}/{iteration}" } }
              - close
            """, against: peer, path: "/chat?who={account}&i={index}")
        #expect(play.outcomes == ["ok": 4])
        let requests = peer.seen.requests
        for account in 0..<2 {
            for iteration in 0..<2 {
                #expect(
                    requests.filter {
                        $0.hasPrefix("GET /chat?who=u\(account)&i=\(account) HTTP/1.1\r\n")
                            && $0.contains("\r\nX-Account: u\(account)/\(iteration)\r\n")
                    }.count == 1, "\(requests)")
            }
        }
        let keys = requests.compactMap { request in
            request.split(separator: "\r\n").first { $0.hasPrefix("Sec-WebSocket-Key: ") }
        }
        #expect(Set(keys).count == 4)
    }

    @Test func admissionWaitsForWhatTheProfileSays() throws {
        func play(_ admit: String, _ script: @escaping ScriptedPeer.Script) throws -> ShardPlay {
            try ShardPlay(
                """
                name: admission
                accounts: { count: 2 }
                load: { iterations: 1, ramp: 1ms }
                steps: [connect: { admit: \(admit) }, close]
                timeouts: { admission: 200ms }
                """, against: ScriptedPeer(script))
        }
        let deaf: ScriptedPeer.Script = { conversation in
            conversation.answersPings = false
            while try conversation.nextMessage() != nil {}
        }
        let greeting: ScriptedPeer.Script = { conversation in
            conversation.answersPings = false
            try conversation.send("welcome")
            while try conversation.nextMessage() != nil {}
        }
        #expect(try play("none", deaf).outcomes == ["ok": 2])
        let silent = try play("pong", deaf)
        #expect(silent.outcomes == ["admission_timeout": 2])
        #expect(silent.counters.opened == 0 && silent.counters.timedOut == 2 && silent.totals.ledger.balances)
        #expect(try play("pong", ScriptedPeer.echo).count(.admission) == 2)
        #expect(try play("message", ScriptedPeer.mute).outcomes == ["admission_timeout": 2])
        #expect(try play("message", greeting).outcomes == ["ok": 2])
    }

    @Test func aPongOfAnotherPingAdmitsNobody() throws {
        let peer = try ScriptedPeer { conversation in
            conversation.answersPings = false
            for payload in [[], [1, 2, 3, 4, 5, 6, 7, 8], Array("unasked".utf8)] as [[UInt8]] {
                try conversation.send(opcode: 10, payload)
            }
            while try conversation.nextMessage() != nil {}
        }
        let play = try ShardPlay(
            """
            name: unasked
            accounts: { count: 1 }
            load: { iterations: 1 }
            steps: [connect, close]
            timeouts: { admission: 200ms }
            """, against: peer)
        #expect(play.outcomes == ["admission_timeout": 1])
    }

    @Test func pingsAndHeartbeatsAreAnsweredOrFail() throws {
        let profile = """
            name: beats
            accounts: { count: 1 }
            load: { iterations: 1 }
            steps: [connect: { admit: none, heartbeat: 40ms }, ping, wait: 300ms, close]
            timeouts: { ping: 150ms }
            """
        let served = try ShardPlay(profile, against: ScriptedPeer(ScriptedPeer.echo))
        #expect(served.outcomes == ["ok": 1])
        #expect((2...9).contains(served.count(.ping)), "\(served.count(.ping))")
        let deaf = try ShardPlay(
            profile.replacing("ping, wait", with: "wait"),
            against: ScriptedPeer { conversation in
                conversation.answersPings = false
                while try conversation.nextMessage() != nil {}
            })
        #expect(deaf.outcomes == ["heartbeat_timeout": 1])
        let pinged = try ShardPlay(
            profile.replacing(", heartbeat: 40ms", with: ""),
            against: ScriptedPeer { conversation in
                conversation.answersPings = false
                while try conversation.nextMessage() != nil {}
            })
        #expect(pinged.outcomes == ["ping_timeout": 1])
    }

    @Test func theCloseFrameSaysWhatTheProfileSays() throws {
        let peer = try ScriptedPeer(ScriptedPeer.echo)
        let play = try ShardPlay(
            """
            name: goodbye
            accounts: { count: 2 }
            load: { iterations: 1, ramp: 1ms }
            steps: [connect, close: { code: 4001, reason: "so long" }]
            """, against: peer)
        #expect(play.outcomes == ["ok": 2])
        #expect(peer.seen.closeCodes == [4001, 4001] && peer.seen.closeReasons == ["so long", "so long"])
        #expect(play.totals.closeCodes == ["by_us:4001": 2])
    }

    @Test func anAbortResetsTheConnection() throws {
        let peer = try ScriptedPeer(ScriptedPeer.echo)
        let play = try ShardPlay(
            """
            name: abort
            accounts: { count: 3 }
            load: { iterations: 1, ramp: 1ms }
            steps: [connect, send: hello, receive, abort]
            """, against: peer)
        #expect(play.outcomes == ["ok": 3])
        #expect(play.counters.lost == 3 && play.totals.ledger.balances)
        peer.wait { $0.resets == 3 }
    }

    @Test func aCloseFromTheServerIsNamedByItsCode() throws {
        let peer = try ScriptedPeer { conversation in
            _ = try conversation.nextMessage()
            try conversation.sendClose(code: 1001)
            let reply = try conversation.nextFrame()
            conversation.peer.note { $0.closeCodes.append(Int(reply.payload[0]) << 8 | Int(reply.payload[1])) }
        }
        let play = try ShardPlay(
            """
            name: kicked
            accounts: { count: 2 }
            load: { iterations: 1, ramp: 1ms }
            steps: [connect: { admit: none }, send: hello, receive, close]
            """, against: peer)
        #expect(play.outcomes == ["closed_by_peer:1001": 2])
        #expect(play.counters.closedByPeer == 2 && play.totals.ledger.balances)
        #expect(play.totals.closeCodes == ["by_peer:1001": 2])
        #expect(peer.seen.closeCodes == [1001, 1001])
    }
}
