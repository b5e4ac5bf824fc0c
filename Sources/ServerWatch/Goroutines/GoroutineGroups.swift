/// The goroutines of a dump, grouped by wait reason, functions of the stack and line of the wait: arguments and offsets
/// do not count. Biggest group first.
package struct GoroutineGroups: Sendable {
    package let dump: GoroutineDump
    package let groups: [GoroutineGroup]
    /// Position of its group by position of a goroutine.
    let groupOfGoroutine: [Int]
    let kinds: [WaitKind]
    /// By position of a call in the dump: equal for the same function at another line.
    let functionOfCall: [Int32]
    /// How many goroutines have the function on their stack, by number in `functionOfCall`.
    let runs: [Int]
    /// How many goroutines were started by the same go statement, by position of the call.
    let startedBy: [Int32: Int]

    private struct Key: Hashable {
        var waitReason: String
        var functions: [Int32]
        var blockingCall: Int32?
    }

    package init(of dump: GoroutineDump) {
        self.dump = dump
        var numbers: [String: Int32] = [:]
        var functionOfCall: [Int32] = []
        for call in dump.calls {
            let number = numbers[call.function] ?? Int32(clamping: numbers.count)
            numbers[call.function] = number
            functionOfCall.append(number)
        }
        var runs = Array(repeating: 0, count: numbers.count)
        var startedBy: [Int32: Int] = [:]
        var positions: [Key: Int] = [:]
        var groups: [GoroutineGroup] = []
        var kinds: [WaitKind] = []
        for (position, goroutine) in dump.goroutines.enumerated() {
            let functions = goroutine.frames.map { functionOfCall[Int($0)] }
            for function in Set(functions) { runs[Int(function)] += 1 }
            if let start = goroutine.createdBy { startedBy[start, default: 0] += 1 }
            let kind = WaitKind(reason: goroutine.waitReason) { frame in
                frame < goroutine.frames.count ? dump.calls[Int(goroutine.frames[frame])].function : nil
            }
            kinds.append(kind)
            let blocking = Self.blockingFrame(goroutine, kind, dump).map { goroutine.frames[$0] }
            let key = Key(waitReason: goroutine.waitReason, functions: functions, blockingCall: blocking)
            if let group = positions[key] {
                groups[group].members.append(position)
                groups[group].longestWaitMinutes = max(groups[group].longestWaitMinutes, goroutine.waitMinutes)
            } else {
                positions[key] = groups.count
                groups.append(
                    GoroutineGroup(
                        waitReason: goroutine.waitReason, kind: kind, members: [position],
                        longestWaitMinutes: goroutine.waitMinutes, exampleID: goroutine.id))
            }
        }
        self.functionOfCall = functionOfCall
        self.runs = runs
        self.startedBy = startedBy
        self.kinds = kinds
        // Equal sizes stay in the order of the dump.
        self.groups = groups.enumerated().sorted { left, right in
            (right.element.count, left.offset) < (left.element.count, right.offset)
        }.map(\.element)
        var groupOfGoroutine = Array(repeating: 0, count: dump.goroutines.count)
        for (index, group) in self.groups.enumerated() {
            for member in group.members { groupOfGoroutine[member] = index }
        }
        self.groupOfGoroutine = groupOfGoroutine
    }

    /// The frame that a person would say blocks: the caller of Go's own locks and sockets; for channels, which are part
    /// of the language, the innermost.
    static func blockingFrame(_ goroutine: Goroutine, _ kind: WaitKind, _ dump: GoroutineDump) -> Int? {
        let isInside: (FunctionName) -> Bool =
            switch kind {
            case .lock, .waitGroup, .condition:
                { $0.package == "sync" || $0.package == "runtime" || $0.package.hasPrefix("internal/") }
            case .network, .systemCall: \.isStandard
            default: { $0.package == "runtime" }
            }
        let outside = goroutine.frames.firstIndex { !isInside(FunctionName(dump.calls[Int($0)].function)) }
        return outside ?? (goroutine.frames.isEmpty ? nil : 0)
    }
}
