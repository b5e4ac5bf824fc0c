internal import LoadMetrics
internal import Reactor
internal import WebSocketWire

/// One client, which is one login of an account: where it stands in its program and on its connection. Lives in the shard's
/// array, holds no reference.
struct Account: BitwiseCopyable {
    /// What an account is doing with its iterations.
    enum Activity: UInt8 {
        /// Before its first start.
        case starting
        case running
        /// The iteration failed; the connection is being closed first.
        case failing
        /// Between a failed iteration and the next.
        case backingOff
        /// Does nothing any more.
        case finished
    }

    // Hot: touched by every event.
    var connection = ConnectionID.none
    var machine = ConnectionMachine()
    var activity = Activity.starting
    private(set) var phase = Phase.waiting
    var nextInstruction: UInt16 = 0
    /// Messages the current `receive` still wants.
    var wantedMessages: UInt32 = 0
    private(set) var phaseSinceNs: Int64 = 0
    /// When the present step was due: its intended start.
    var stepDueNs: Int64 = 0
    /// When the present step's bytes were handed to the kernel.
    var stepStartNs: Int64 = 0
    /// When the step timer is due; meaningful while it is armed.
    var timerDueNs: Int64 = 0
    var iterationDueNs: Int64 = 0
    var sessionStartNs: Int64 = 0
    var random: AccountRandom
    /// Iterations begun.
    var iterations: UInt32 = 0
    /// Messages sent in the run.
    var sequence: UInt32 = 0
    var firstOutstanding: UInt16 = 0
    var outstandingCount: UInt16 = 0
    var connectIndex: UInt16 = 0
    /// Failed iterations without a good one between.
    var failuresInARow: UInt16 = 0
    var isCollectingRefusal = false
    var isAwaitingPong = false
    /// Has played many steps without a wait and lets others go first; its timer brings it back.
    var isYielding = false
    var isAwaitingHeartbeat = false
    /// How the failing iteration will be counted once its connection is gone.
    var failure = Outcome(.ok)
    var admissionNonce: UInt64 = 0
    var pingSentNs: Int64 = 0
    var heartbeatSentNs: Int64 = 0
    var key = HandshakeKey(random: (0, 0))
    var closing = ClosingHandshake()
    /// Part of a response head, or of a message that some `receive` wants to read.
    var partial = BufferPool.Handle.none
    /// Messages that came before their `receive`.
    var inbox = BufferPool.Handle.none
    /// Nothing is read from the connection any more, by plan.
    var isReadingStopped = false
    var openIM = OpenIMAccount()
    var reader: FrameReader

    init(random: AccountRandom, maxMessageBytes: Int) {
        self.random = random
        reader = FrameReader(maxMessageBytes: maxMessageBytes)
    }

    /// Moves to `phase`. Entering the phase it is in already is a new stay: its age begins again.
    mutating func enter(_ phase: Phase, atNs now: Int64) {
        self.phase = phase
        phaseSinceNs = now
    }
}
