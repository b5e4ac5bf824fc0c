/// What a goroutine waits for, by the reason that Go gives (runtime/runtime2.go, waitReasonStrings) and, where one
/// reason covers several things, by the innermost functions.
package enum WaitKind: String, CaseIterable, Sendable {
    /// A place in a channel, or somebody who takes from it.
    case send
    case receive
    /// Any of several channel operations.
    case select
    case lock
    case waitGroup
    case condition
    /// A socket or pipe.
    case network
    case systemCall
    case sleep
    /// Nothing: it runs or could.
    case running
    /// Waits of the runtime itself, and whatever newer versions add.
    case other

    init(reason: String, innermost: (Int) -> String?) {
        switch reason {
        case "chan send", "chan send (nil chan)": self = .send
        case "chan receive", "chan receive (nil chan)": self = .receive
        case "select", "select (no cases)": self = .select
        case "sync.Mutex.Lock", "sync.RWMutex.Lock", "sync.RWMutex.RLock": self = .lock
        case "sync.WaitGroup.Wait": self = .waitGroup
        case "sync.Cond.Wait": self = .condition
        case "IO wait": self = .network
        case "syscall": self = .systemCall
        case "sleep": self = .sleep
        case "running", "runnable", "copystack", "preempted": self = .running
        // Until Go 1.19 there is one reason for all that rests on a semaphore.
        case "semacquire": self = Self.onSemaphore(innermost)
        default: self = .other
        }
    }

    private static func onSemaphore(_ innermost: (Int) -> String?) -> WaitKind {
        for position in 0..<4 {
            guard let function = innermost(position) else { break }
            if function.hasPrefix("sync.(*WaitGroup).") { return .waitGroup }
            if function.hasPrefix("sync.(*Mutex).") || function.hasPrefix("sync.(*RWMutex).") { return .lock }
        }
        return .other
    }

    /// Whether a goroutine rests in it only when somebody else does not do its part. Servers at rest wait in receive,
    /// select and for the network.
    package var isObstructed: Bool { self == .send || self == .lock || self == .waitGroup }

    /// Why it does not go on, as part of a sentence.
    var words: String {
        switch self {
        case .send: "waits to send to a channel"
        case .receive: "waits to receive from a channel"
        case .select: "waits for one of several channels"
        case .lock: "waits for a lock"
        case .waitGroup: "waits until others are done"
        case .condition: "waits to be signalled"
        case .network: "waits for the network"
        case .systemCall: "is in a system call"
        case .sleep: "sleeps"
        case .running: "runs"
        case .other: "waits"
        }
    }
}
