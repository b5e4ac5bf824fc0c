internal import LoadPlan
internal import WebSocketWire

/// One step of the flat program. Indices point into the program's tables.
enum Instruction: Equatable, BitwiseCopyable {
    case connect(Int)
    case send(Int)
    case receive(Int)
    case wait(Int)
    case ping
    case close(Int)
    case abort
    case abandon(Int)
    /// Sets loop counter `slot` to `times`.
    case loopBegin(slot: Int, times: UInt32)
    /// Counts loop `slot` down and goes back to `start` while it is not zero.
    case loopEnd(slot: Int, start: Int)
    /// Goes on at one of the places of a jump table, drawn by their shares.
    case choose(Int)
    case jump(Int)
    /// The iteration is complete.
    case end
}

/// A plan's steps, compiled: an instruction array and the tables it points into. Shared by all accounts of a shard, never changed.
final class Program {
    struct CompiledConnect {
        let admit: Connect.Admit
        let request: CompiledRequest
        let heartbeatNs: Int64?
    }

    struct CompiledMessage {
        let opcode: Opcode
        let payload: CompiledTemplate
    }

    struct CompiledReceive {
        enum Match {
            case any
            case equals(CompiledTemplate)
            case contains(CompiledTemplate)
        }

        let match: Match
        let count: UInt32
        let timeoutNs: Int64
    }

    struct CompiledClose {
        let code: UInt16?
        let payload: ByteBuffer

        init(_ close: Close) {
            code = close.code
            payload = ByteBuffer(capacity: FrameWriter.maxControlPayloadBytes)
            guard let code = close.code else { return }
            withUnsafeTemporaryAllocation(byteCount: FrameWriter.maxControlPayloadBytes, alignment: 2) { bytes in
                guard let start = bytes.baseAddress else { return }
                let length = CloseCode.writePayload(code: code, reason: close.reason, to: start)
                payload.append(UnsafeRawBufferPointer(start: start, count: length))
            }
        }
    }

    struct CompiledAbandon {
        let lifetimeNs: Int64?
        let keep: Int
    }

    /// A jump table.
    struct CompiledChoice {
        struct Way {
            /// Draws below it that are not below an earlier way's go this way; the last way takes every one left.
            let upperBound: Double
            let start: Int
        }

        var ways: [Way]

        /// Where a draw from 0 ..< 1 leads.
        func start(draw: Double) -> Int {
            for way in ways.dropLast() where draw < way.upperBound { return way.start }
            return ways.last?.start ?? 0
        }
    }

    enum CompiledWait {
        case fixed(Int64)
        case uniform(from: Int64, to: Int64)
        case exponential(meanNs: Double)
        case end
    }

    private(set) var instructions: [Instruction] = []
    private(set) var connects: [CompiledConnect] = []
    private(set) var messages: [CompiledMessage] = []
    private(set) var receives: [CompiledReceive] = []
    private(set) var waits: [CompiledWait] = []
    private(set) var closes: [CompiledClose] = []
    private(set) var abandons: [CompiledAbandon] = []
    private(set) var choices: [CompiledChoice] = []
    /// For connections that are still open when the run ends.
    let goingAway = CompiledClose(Close(code: CloseCode.goingAway, reason: ""))
    /// Loop counters an account needs: the deepest nesting of `repeat`.
    private(set) var loopSlots = 0
    /// Some `receive` looks at the text of messages, so they must be assembled and kept.
    private(set) var readsMessages = false
    /// Some `receive` exists at all, so early messages must be remembered.
    private(set) var hasReceive = false
    private(set) var hasHeartbeat = false
    /// Sends that may be unanswered at once: each remembers its time. Bounded by `outstandingLimit`.
    private(set) var outstandingSends = 0

    static let outstandingLimit = 1024

    init(_ plan: Plan, target: TargetURL) {
        compile(plan.steps, plan: plan, target: target, depth: 0)
        instructions.append(.end)
        outstandingSends = max(UnansweredSends(in: plan.steps, limit: Self.outstandingLimit).most, 1)
    }

    private func compile(_ steps: [Step], plan: Plan, target: TargetURL, depth: Int) {
        for step in steps {
            switch step {
            case .connect(let connect):
                connects.append(
                    CompiledConnect(
                        admit: connect.admit,
                        request: CompiledRequest(connect, target: target, accountID: plan.accounts.id),
                        heartbeatNs: connect.heartbeat?.nanoseconds))
                if connect.heartbeat != nil { hasHeartbeat = true }
                instructions.append(.connect(connects.count - 1))
            case .send(let message):
                let isText = message.kind == .text
                messages.append(
                    CompiledMessage(
                        opcode: isText ? .text : .binary,
                        payload: CompiledTemplate(
                            message.payload, accountID: plan.accounts.id, paddedToBytes: message.paddedToBytes ?? 0,
                            padding: isText ? UInt8(ascii: ".") : 0)))
                instructions.append(.send(messages.count - 1))
            case .receive(let receive):
                add(receive, plan: plan)
            case .wait(let wait):
                waits.append(Self.compiled(wait))
                instructions.append(.wait(waits.count - 1))
            case .ping:
                instructions.append(.ping)
            case .close(let close):
                closes.append(CompiledClose(close))
                instructions.append(.close(closes.count - 1))
            case .abort:
                instructions.append(.abort)
            case .abandon(let abandon):
                abandons.append(CompiledAbandon(lifetimeNs: abandon.lifetime?.nanoseconds, keep: abandon.keep))
                instructions.append(.abandon(abandons.count - 1))
            case .choose(let choices):
                compile(choices, plan: plan, target: target, depth: depth)
            case .roles, .stopReading, .takeover, .request, .logout:
                break
            case .repeat(let times, let inner):
                instructions.append(.loopBegin(slot: depth, times: UInt32(clamping: times)))
                loopSlots = max(loopSlots, depth + 1)
                let start = instructions.count
                compile(inner, plan: plan, target: target, depth: depth + 1)
                instructions.append(.loopEnd(slot: depth, start: start))
            }
        }
    }

    /// The table's instruction, then each branch, with a jump behind all but the last to where they meet.
    private func compile(_ choices: [Choice], plan: Plan, target: TargetURL, depth: Int) {
        let table = self.choices.count
        self.choices.append(CompiledChoice(ways: []))
        instructions.append(.choose(table))
        var ways: [CompiledChoice.Way] = []
        var jumps: [Int] = []
        var sum = 0.0
        for (number, choice) in choices.enumerated() {
            sum += choice.share
            ways.append(CompiledChoice.Way(upperBound: sum, start: instructions.count))
            compile(choice.steps, plan: plan, target: target, depth: depth)
            guard number < choices.count - 1 else { break }
            jumps.append(instructions.count)
            instructions.append(.jump(0))
        }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
        self.choices[table].ways = ways
    }

    private func add(_ receive: Receive, plan: Plan) {
        let match: CompiledReceive.Match
        switch receive.match {
        case .any: match = .any
        case .equals(let text): match = .equals(CompiledTemplate(text, accountID: plan.accounts.id))
        case .contains(let text): match = .contains(CompiledTemplate(text, accountID: plan.accounts.id))
        case .ack, .push: match = .any
        }
        if case .any = match {} else { readsMessages = true }
        hasReceive = true
        receives.append(
            CompiledReceive(
                match: match, count: UInt32(clamping: receive.count),
                timeoutNs: (receive.timeout ?? plan.timeouts.receive).nanoseconds))
        instructions.append(.receive(receives.count - 1))
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

extension Duration {
    /// Whole nanoseconds; durations beyond 292 years are cut there.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : whole &+ attoseconds / 1_000_000_000
    }
}
