import LoadMetrics

/// Accounts that connect, talk, and leave, each waiting for the server in the phases that a real one has.
struct SimulatedAccounts {
    private struct Account {
        var phase = Phase.waiting
        /// When it came into the phase, and when it would leave it if the server lets it, seconds.
        var sinceS: Double
        var dueS: Double
        var messagesLeft = 0
    }

    private var accounts: [Account]
    private var messages = 0
    private var disconnects = 0
    private var abandoned = 0
    private var events = 0
    private var eventsInSecond = 0

    /// What one second adds up to.
    private struct Second {
        var interval: Interval
        var passed: [Phase: Int] = [:]
        var times: [Timing: TimingHistogram] = [:]
    }

    private static let stepS = 0.1

    init(_ load: SimulatedLoad, random: inout SeededRandom) {
        accounts = (0..<load.accounts).map { _ in
            let startS = Double.random(in: 0...load.rampS, using: &random)
            return Account(sinceS: 0, dueS: startS)
        }
    }

    func seen(atS: Double) -> SimulatedServer.Load {
        SimulatedServer.Load(
            atS: atS, connected: count { $0.phase != .waiting && $0.phase != .connecting }, messages: messages,
            disconnects: disconnects, abandoned: abandoned, admitted: count { Phase.online.contains($0.phase) },
            eventsInSecond: eventsInSecond)
    }

    private func count(_ isMeant: (Account) -> Bool) -> Int { accounts.count(where: isMeant) }

    mutating func run(
        second: Int, _ server: SimulatedServer, _ load: SimulatedLoad, _ random: inout SeededRandom
    ) throws -> IntervalGroup {
        let startS = Double(second)
        var sum = Second(interval: Interval(shard: 0, sequence: second, startS: startS, endS: startS + 1))
        events = 0
        for step in 1...10 {
            let nowS = startS + Double(step) * Self.stepS
            for index in accounts.indices where accounts[index].dueS <= nowS {
                advance(index, to: nowS, server, load, &random, &sum)
            }
        }
        eventsInSecond = events
        let byPhase = Dictionary(grouping: accounts, by: \.phase)
        for phase in Phase.allCases {
            let there = byPhase[phase] ?? []
            guard !there.isEmpty || sum.passed[phase] != nil else { continue }
            let ages = there.map { Int(1000 * max(0, startS + 1 - $0.sinceS)) }
            sum.interval.phase(
                phase, count: there.count, oldestMs: ages.max() ?? 0,
                stalled: ages.count { $0 >= load.stallAfterMs }, passed: sum.passed[phase] ?? 0)
        }
        sum.interval.timings = Dictionary(
            uniqueKeysWithValues: sum.times.map { ($0.key.name, Base64.encode(HistogramCodec.encode($0.value))) })
        sum.interval.generator.scheduleLagMaxUs = load.lagUs(second)
        sum.interval.generator.userCPUSeconds = 0.2
        var group = IntervalGroup(second: second)
        try group.add(sum.interval)
        return group
    }

    private mutating func advance(
        _ index: Int, to nowS: Double, _ server: SimulatedServer, _ load: SimulatedLoad,
        _ random: inout SeededRandom, _ sum: inout Second
    ) {
        while accounts[index].dueS <= nowS {
            let account = accounts[index]
            let isOurTurn = account.phase == .waiting || account.phase == .open
            if isOurTurn, !load.isActive(account.dueS) {
                accounts[index].dueS = nowS + Self.stepS
                return
            }
            if !isOurTurn, !server.isOpen(account.phase, account.dueS) {
                guard account.dueS - account.sinceS >= load.timeoutS else {
                    accounts[index].dueS = max(account.dueS, nowS) + Self.stepS / 2
                    if accounts[index].dueS <= nowS { continue }
                    return
                }
                giveUp(index, load, &random, &sum)
                continue
            }
            pass(index, server, load, &random, &sum)
        }
    }

    private mutating func pass(
        _ index: Int, _ server: SimulatedServer, _ load: SimulatedLoad, _ random: inout SeededRandom,
        _ sum: inout Second
    ) {
        let account = accounts[index]
        let nowS = account.dueS
        if account.dueS - account.sinceS > load.timeoutS, account.phase.isServers {
            giveUp(index, load, &random, &sum)
            return
        }
        events += 1
        sum.passed[account.phase, default: 0] += 1
        if load.recordsTimings, let timing = account.phase.timing {
            sum.times[timing, default: TimingHistogram()].record(ns: Int64(1e9 * max(1e-6, nowS - account.sinceS)))
        }
        var next = Phase.waiting
        switch account.phase {
        case .waiting:
            next = .connecting
            sum.interval.counters.asked += 1
        case .connecting: next = .handshaking
        case .handshaking:
            if let refuses = server.refuses, refuses(nowS, count { Phase.online.contains($0.phase) }) {
                sum.passed[.handshaking]? -= 1
                sum.interval.counters.refused += 1
                sum.interval.outcomes["handshake_rejected:503", default: 0] += 1
                move(index, to: .waiting, sinceS: nowS, forS: load.betweenS)
                return
            }
            next = .admitting
        case .admitting:
            next = .open
            sum.interval.counters.opened += 1
            accounts[index].messagesLeft = load.messagesPerSession
        case .open:
            next = account.messagesLeft > 0 ? .receiving : .closing
            sum.interval.counters.messagesSent += next == .receiving ? 1 : 0
        case .receiving, .sending:
            next = .open
            accounts[index].messagesLeft -= 1
            messages += 1
            sum.interval.counters.messagesReceived += 1
        case .closing, .securing:
            sum.interval.counters.closedClean += 1
            sum.interval.outcomes["ok", default: 0] += 1
            disconnects += 1
        }
        let takesS =
            switch next {
            case .waiting: random.exponential(mean: load.betweenS)
            case .open: random.exponential(mean: load.pauseS)
            default: server.serviceS(next, nowS, &random)
            }
        move(index, to: next, sinceS: nowS, forS: max(1e-4, takesS))
    }

    private mutating func giveUp(
        _ index: Int, _ load: SimulatedLoad, _ random: inout SeededRandom, _ sum: inout Second
    ) {
        let account = accounts[index]
        let slug: String
        switch account.phase {
        case .connecting: slug = "connect_timeout"
        case .handshaking: slug = "handshake_timeout"
        case .admitting: slug = "admission_timeout"
        case .closing: slug = "close_timeout"
        default: slug = "receive_timeout"
        }
        sum.interval.outcomes[slug, default: 0] += 1
        if Phase.inFlight.contains(account.phase) {
            sum.interval.counters.timedOut += 1
        } else {
            sum.interval.counters.lost += 1
        }
        abandoned += 1
        disconnects += 1
        move(index, to: .waiting, sinceS: account.sinceS + load.timeoutS, forS: random.exponential(mean: 0.3))
    }

    private mutating func move(_ index: Int, to phase: Phase, sinceS: Double, forS: Double) {
        accounts[index].phase = phase
        accounts[index].sinceS = sinceS
        accounts[index].dueS = sinceS + forS
    }
}

extension Phase {
    fileprivate var isServers: Bool { self != .waiting && self != .open }

    fileprivate var timing: Timing? {
        switch self {
        case .handshaking: .handshake
        case .admitting: .admission
        case .receiving: .reply
        case .closing: .close
        default: nil
        }
    }
}
