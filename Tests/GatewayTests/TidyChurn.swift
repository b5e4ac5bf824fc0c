import Testing

@testable import Gateway

/// Accounts that come online, are answered, stay for a moment and close, again and again; none logs in before its older
/// connection is closed.
///
/// One task plays them all in turn, so that a hub that freezes leaves nobody waiting.
struct TidyChurn {
    private struct Account {
        var client: RawClient?
        var isUpgraded = false
        var leavesAt: ContinuousClock.Instant?
    }

    let gateway: Gateway
    private var accounts: [Account]
    private var random = TestRandom(seed: TestSeed.value)
    private(set) var logins = 0
    /// Ended by the gateway.
    private(set) var cutOff = 0

    init(_ gateway: Gateway, accounts count: Int) {
        self.gateway = gateway
        accounts = Array(repeating: Account(), count: count)
    }

    /// Plays until `isOver`; fails with the queues' state at the deadline.
    mutating func play(
        online milliseconds: ClosedRange<Int>, sourceLocation: SourceLocation = #_sourceLocation,
        until isOver: (TidyChurn) -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !isOver(self) {
            guard ContinuousClock.now < deadline else {
                Issue.record("never over\n\(gateway.status.queuesDocument())", sourceLocation: sourceLocation)
                return
            }
            for index in accounts.indices {
                try play(index, milliseconds)
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    mutating func closeAll() {
        for index in accounts.indices { leave(index) }
    }

    private mutating func play(_ index: Int, _ online: ClosedRange<Int>) throws {
        guard let client = accounts[index].client else { return try logIn(index) }
        if let time = accounts[index].leavesAt {
            if ContinuousClock.now >= time { leave(index) }
        } else if !accounts[index].isUpgraded {
            accounts[index].isUpgraded = client.pollHead()
        } else if let frame = client.poll() {
            if frame.opcode == RawClient.Opcode.pong.rawValue {
                accounts[index].leavesAt = .now + .milliseconds(Int.random(in: online, using: &random))
            } else {
                // A close frame: kicked before it was answered.
                cutOff += 1
                leave(index)
            }
        } else if client.hasEnded {
            cutOff += 1
            leave(index)
        }
    }

    private mutating func logIn(_ index: Int) throws {
        let client = try RawClient(port: gateway.port)
        let bytes = Array(RawClient.upgradeRequest("user-\(index)").utf8) + RawClient.frame(.ping, "in?")
        // A fresh socket takes so little at once.
        guard try client.sendSome(bytes[...]) == bytes.count else { return }
        accounts[index] = Account(client: client)
        logins += 1
    }

    private mutating func leave(_ index: Int) {
        accounts[index].client?.close()
        accounts[index] = Account()
    }
}
