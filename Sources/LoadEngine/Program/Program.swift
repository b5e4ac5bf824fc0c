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
    case stopReading
    case request(Int)
    case logout
    /// Sets loop counter `slot` to `times`.
    case loopBegin(slot: Int, times: UInt32)
    /// Counts loop `slot` down and goes back to `start` while it is not zero.
    case loopEnd(slot: Int, start: Int)
    /// Goes on at one of the places of a jump table, drawn by their shares.
    case choose(Int)
    /// Goes on at one of the places of a jump table, by the account's number.
    case role(Int)
    case jump(Int)
    /// The iteration is complete.
    case end
}

/// A plan's steps, compiled: an instruction array and the tables it points into. Shared by all accounts of a shard, never changed.
struct Program {
    struct CompiledConnect {
        let admit: Connect.Admit
        let request: CompiledRequest
        let heartbeatNs: Int64?
    }

    struct CompiledMessage {
        let opcode: Opcode
        let payload: CompiledTemplate
        /// nil: the server itself.
        let recipient: CompiledRecipient?
    }

    /// A request that is no message.
    enum CompiledCall {
        case newestSequence
        case pull(with: CompiledRecipient, count: Int)
        case background(Bool)
        case subscribe(to: CompiledRecipient)
    }

    struct CompiledReceive {
        enum Match {
            case any
            case equals(CompiledTemplate)
            case contains(CompiledTemplate)
            case ack
            case push
            case ownPush
            case othersPush
            case pushFrom(CompiledTemplate)
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

    /// A jump table by account number.
    struct CompiledRoles {
        struct Way {
            /// Accounts below it that are not below an earlier way's go this way; the last way takes every one left.
            let upperBound: Int
            let start: Int
        }

        var ways: [Way]

        /// Where an account begins.
        func start(account: Int) -> Int {
            for way in ways.dropLast() where account < way.upperBound { return way.start }
            return ways.last?.start ?? 0
        }
    }

    enum CompiledWait {
        case fixed(Int64)
        case uniform(from: Int64, to: Int64)
        case exponential(meanNs: Double)
        case end
    }

    var instructions: [Instruction] = []
    var connects: [CompiledConnect] = []
    var messages: [CompiledMessage] = []
    var receives: [CompiledReceive] = []
    var waits: [CompiledWait] = []
    var closes: [CompiledClose] = []
    var abandons: [CompiledAbandon] = []
    var choices: [CompiledChoice] = []
    var roles: [CompiledRoles] = []
    var calls: [CompiledCall] = []
    /// For connections that are still open when the run ends.
    let goingAway = CompiledClose(Close(code: CloseCode.goingAway, reason: ""))
    /// Loop counters an account needs: the deepest nesting of `repeat`.
    var loopSlots = 0
    /// Some `receive` looks at the text of messages, so they must be assembled and kept.
    var readsMessages = false
    /// Some `receive` wants pushes of a certain user, so that the senders of early ones must be kept.
    var readsSenders = false
    /// Some `connect` names the login's token.
    var needsTokens = false
    /// Some `receive` exists at all, so early messages must be remembered.
    var hasReceive = false
    var hasHeartbeat = false
    /// Sends that may be unanswered at once: each remembers its time. Bounded by `outstandingLimit`.
    var outstandingSends = 0

    static let outstandingLimit = 1024

    init(_ plan: Plan, target: TargetURL) {
        compile(plan.steps, plan: plan, target: target, depth: 0)
        instructions.append(.end)
        outstandingSends = max(
            UnansweredSends(in: plan.steps, dialect: plan.dialect, limit: Self.outstandingLimit).most, 1)
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
