internal import LoadPlan
internal import WebSocketWire

extension Program {
    mutating func compile(_ steps: [Step], plan: Plan, target: TargetURL, depth: Int) {
        for step in steps {
            switch step {
            case .connect(let connect): add(connect, plan: plan, target: target)
            case .send(let message): add(message, plan: plan)
            case .receive(let receive): add(receive, plan: plan)
            case .wait(let wait):
                waits.append(Self.compiled(wait))
                instructions.append(.wait(waits.count - 1))
            case .ping: instructions.append(.ping)
            case .close(let close):
                closes.append(CompiledClose(close))
                instructions.append(.close(closes.count - 1))
            case .abort: instructions.append(.abort)
            case .abandon(let abandon): add(abandon)
            case .choose(let choices): compile(choices, plan: plan, target: target, depth: depth)
            case .roles(let roles): compile(roles, plan: plan, target: target, depth: depth)
            case .stopReading: instructions.append(.stopReading)
            case .takeover(let takeover):
                add(takeover.abandon)
                add(takeover.connect, plan: plan, target: target)
            case .request(let request): add(request, plan: plan)
            case .logout: instructions.append(.logout)
            case .repeat(let times, let inner):
                instructions.append(.loopBegin(slot: depth, times: UInt32(clamping: times)))
                loopSlots = max(loopSlots, depth + 1)
                let start = instructions.count
                compile(inner, plan: plan, target: target, depth: depth + 1)
                instructions.append(.loopEnd(slot: depth, start: start))
            }
        }
    }

    // MARK: Branches

    private mutating func compile(_ choices: [Choice], plan: Plan, target: TargetURL, depth: Int) {
        let table = self.choices.count
        self.choices.append(CompiledChoice(ways: []))
        instructions.append(.choose(table))
        let starts = compile(ways: choices.map(\.steps), plan: plan, target: target, depth: depth)
        var sum = 0.0
        self.choices[table].ways = zip(choices, starts).map { choice, start in
            sum += choice.share
            return CompiledChoice.Way(upperBound: sum, start: start)
        }
    }

    private mutating func compile(_ roles: [Role], plan: Plan, target: TargetURL, depth: Int) {
        let table = self.roles.count
        self.roles.append(CompiledRoles(ways: []))
        instructions.append(.role(table))
        let starts = compile(ways: roles.map(\.steps), plan: plan, target: target, depth: depth)
        var sum = 0
        self.roles[table].ways = zip(roles, starts).map { role, start in
            sum = role.accounts.map { sum + $0 } ?? .max
            return CompiledRoles.Way(upperBound: sum, start: start)
        }
    }

    /// Each way, with a jump behind all but the last to where they meet; returns where each begins.
    private mutating func compile(ways: [[Step]], plan: Plan, target: TargetURL, depth: Int) -> [Int] {
        var starts: [Int] = []
        var jumps: [Int] = []
        for (number, steps) in ways.enumerated() {
            starts.append(instructions.count)
            compile(steps, plan: plan, target: target, depth: depth)
            guard number < ways.count - 1 else { break }
            jumps.append(instructions.count)
            instructions.append(.jump(0))
        }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
        return starts
    }

    // MARK: Steps

    private mutating func add(_ connect: Connect, plan: Plan, target: TargetURL) {
        connects.append(
            CompiledConnect(
                admit: connect.admit, request: CompiledRequest(connect, target: target, accountID: plan.accounts.id),
                heartbeatNs: connect.heartbeat?.nanoseconds))
        if connect.heartbeat != nil { hasHeartbeat = true }
        let templates = [target.resource] + connect.headers.map(\.value)
        if templates.contains(where: { $0.placeholders.contains(.token) }) { needsTokens = true }
        instructions.append(.connect(connects.count - 1))
    }

    private mutating func add(_ message: Message, plan: Plan) {
        let isText = message.kind == .text
        messages.append(
            CompiledMessage(
                opcode: isText ? .text : .binary,
                payload: CompiledTemplate(
                    message.payload, accountID: plan.accounts.id, paddedToBytes: message.paddedToBytes ?? 0,
                    padding: isText ? UInt8(ascii: ".") : 0),
                recipient: message.recipient.map { CompiledRecipient($0, accounts: plan.accounts) }))
        instructions.append(.send(messages.count - 1))
    }

    private mutating func add(_ abandon: Abandon) {
        abandons.append(CompiledAbandon(lifetimeNs: abandon.lifetime?.nanoseconds, keep: abandon.keep))
        instructions.append(.abandon(abandons.count - 1))
    }

    private mutating func add(_ request: Request, plan: Plan) {
        switch request {
        case .newestSequence: calls.append(.newestSequence)
        case .pull(let other, let count):
            calls.append(.pull(with: CompiledRecipient(other, accounts: plan.accounts), count: count))
        case .background(let isBackground): calls.append(.background(isBackground))
        case .subscribe(let other): calls.append(.subscribe(to: CompiledRecipient(other, accounts: plan.accounts)))
        }
        instructions.append(.request(calls.count - 1))
    }

    private mutating func add(_ receive: Receive, plan: Plan) {
        let match = Self.compiled(receive.match, accountID: plan.accounts.id)
        switch match {
        case .equals, .contains: readsMessages = true
        case .pushFrom: readsSenders = true
        case .any, .ack, .push, .ownPush, .othersPush: break
        }
        hasReceive = true
        receives.append(
            CompiledReceive(
                match: match, count: UInt32(clamping: receive.count),
                timeoutNs: (receive.timeout ?? plan.timeouts.receive).nanoseconds))
        instructions.append(.receive(receives.count - 1))
    }

    private static func compiled(_ match: Receive.Match, accountID: Template) -> CompiledReceive.Match {
        switch match {
        case .any: .any
        case .equals(let text): .equals(CompiledTemplate(text, accountID: accountID))
        case .contains(let text): .contains(CompiledTemplate(text, accountID: accountID))
        case .ack: .ack
        case .push(.any): .push
        case .push(.own): .ownPush
        case .push(.others): .othersPush
        case .push(.from(let user)): .pushFrom(CompiledTemplate(user, accountID: accountID))
        }
    }

    private static func compiled(_ wait: Wait) -> CompiledWait {
        switch wait {
        case .fixed(let duration): .fixed(duration.nanoseconds)
        case .uniform(let from, let to): .uniform(from: from.nanoseconds, to: to.nanoseconds)
        case .exponential(let mean): .exponential(meanNs: Double(mean.nanoseconds))
        case .end: .end
        }
    }
}
