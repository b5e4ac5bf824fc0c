/// A fault that a process of the bundled stack really has, so that a diagnosis can be tried on it.
///
/// Written `NAME[:k=v,…]`. None of them is acted: each is a mechanism that fails by itself under load.
package enum Defect: Equatable, Sendable {
    case registerUnregisterDeadlock(RegistryDefect)
    case addressLookupPerLogLine(AddressLookupDefect)
    /// Each push opens a connection to the gateway and never closes it.
    case connectionPerPush(share: Double)
    /// The message service accepts requests and answers none, from this long after its start.
    case messageServiceHang(after: Duration)
    /// Handshakes take an exponentially distributed time with this 99th percentile.
    case slowHandshake(p99: Duration)
    /// This share of the connections never gets the answer to its close frame, nor a FIN.
    case neverClose(share: Double)
    /// Bytes that each message leaves behind in memory.
    case memoryGrowth(bytesPerMessage: Int)
    /// Aborts this long after the start.
    case crash(after: Duration)
    /// CPU time that each message costs.
    case slow(cpuPerMessage: Duration)
    /// This share of the connections is read no more, from this long after the start.
    case stopReading(after: Duration, share: Double)

    package enum Name: String, CaseIterable, Sendable {
        case registerUnregisterDeadlock = "register-unregister-deadlock"
        case addressLookupPerLogLine = "address-lookup-per-log-line"
        case connectionPerPush = "grpc-connection-per-push"
        case messageServiceHang = "message-service-hang"
        case slowHandshake = "slow-handshake"
        case neverClose = "never-close"
        case memoryGrowth = "memory-growth"
        case crashAfter = "crash-after"
        case slow
        case stopReading = "stop-reading"
    }

    /// Reads `NAME[:k=v,…]`.
    ///
    /// - Parameter openIMVersion: what the gateway speaks; nil: no OpenIM. It decides what differs between the versions
    ///   and `text` leaves open.
    package init(parsing text: String, openIMVersion: OpenIMVersion? = nil) throws(DefectError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = Name(rawValue: String(parts[0])) else {
            throw .unknownDefect(String(parts[0]), known: Name.allCases.map(\.rawValue))
        }
        var options = try DefectOptions(of: name.rawValue, text: parts.count > 1 ? parts[1] : nil)
        switch name {
        case .registerUnregisterDeadlock:
            self = .registerUnregisterDeadlock(try RegistryDefect(&options, of: openIMVersion))
        case .addressLookupPerLogLine: self = .addressLookupPerLogLine(try AddressLookupDefect(&options))
        case .connectionPerPush: self = .connectionPerPush(share: try options.share("share", standard: 1))
        case .messageServiceHang:
            self = .messageServiceHang(after: try options.duration("after", standard: .zero))
        case .slowHandshake: self = .slowHandshake(p99: try options.duration("p99", standard: .seconds(2)))
        case .neverClose: self = .neverClose(share: try options.share("share", standard: 1))
        case .memoryGrowth:
            self = .memoryGrowth(bytesPerMessage: try options.count("bytes", standard: 4096, in: 1...1 << 30))
        case .crashAfter: self = .crash(after: try options.duration("time", standard: .seconds(10)))
        case .slow: self = .slow(cpuPerMessage: try options.duration("cpu", standard: .milliseconds(1)))
        case .stopReading:
            self = .stopReading(
                after: try options.duration("after", standard: .seconds(5)),
                share: try options.share("share", standard: 1))
        }
        try options.finish()
    }

    /// Whether it lives in the message service, which the stack then needs.
    package var isOfMessageService: Bool {
        switch self {
        case .addressLookupPerLogLine, .connectionPerPush, .messageServiceHang: true
        case .registerUnregisterDeadlock, .slowHandshake, .neverClose, .memoryGrowth, .crash, .slow, .stopReading:
            false
        }
    }

    package var name: Name {
        switch self {
        case .registerUnregisterDeadlock: .registerUnregisterDeadlock
        case .addressLookupPerLogLine: .addressLookupPerLogLine
        case .connectionPerPush: .connectionPerPush
        case .messageServiceHang: .messageServiceHang
        case .slowHandshake: .slowHandshake
        case .neverClose: .neverClose
        case .memoryGrowth: .memoryGrowth
        case .crash: .crashAfter
        case .slow: .slow
        case .stopReading: .stopReading
        }
    }
}
