/// Looks for the lone goroutines that keep crowds from going on.
///
/// What it goes by, since Go tells neither who receives from a channel nor who holds a lock:
/// - Goroutines in *chan receive* or *select* cannot be the receivers of a channel to which others wait to send, or the
///   send would have been done. So the receiver is somewhere else: running, or waiting for something else.
/// - A receiver is usually a loop of which there is one: nobody else runs its outermost function.
/// - It works on the object that the crowd works on (same receiver pointer), or waits at the very line of the crowd.
/// - A lock's holder is past the line at which the others wait for it, or in a method of the lock's object.
struct SuspectSearch {
    static let minCrowd = 2
    private static let maxCrowds = 16
    private static let maxCandidates = 4096
    private static let maxLockSearches = 64
    private static let maxSuspects = 3
    /// Started by one go statement in greater number than this, they are request handlers rather than loops.
    private static let maxStartedAlike = 4

    /// Goroutines that wait, in number, where somebody else would have to act.
    struct Crowd {
        var group: Int
        var kind: WaitKind
        /// Position of the blocking call.
        var site: Int32
        var module: Substring
        /// Objects that (nearly) all of them work on.
        var objects: Set<UInt64>
    }

    struct Evidence {
        var score = 0
        var sameLine: Crowd?
        var sameObject: (crowd: Crowd, object: UInt64)?
        var entry = 0
        var holder: LockSearch.Holder?
        /// The crowd that waits for the lock it seems to hold.
        var held: (crowd: Crowd, holder: LockSearch.Holder)?
    }

    let groups: GoroutineGroups
    let locks: LockSearch

    init(_ groups: GoroutineGroups) {
        self.groups = groups
        locks = LockSearch(groups: groups)
    }

    func suspects() -> [GoroutineSuspect] {
        let crowds = crowds()
        var found: [Int: Evidence] = [:]
        var lockSearches = 0
        for group in groups.groups.lazy.filter({ $0.count == 1 }).prefix(Self.maxCandidates) {
            let candidate = group.members[0]
            var evidence = evidence(against: candidate, crowds)
            if group.kind == .lock, lockSearches < Self.maxLockSearches, !crowds.isEmpty {
                lockSearches += 1
                addHolder(&evidence, candidate)
            }
            if evidence.score >= 2 { found[candidate] = evidence }
        }
        for crowd in crowds where crowd.kind == .lock { addHeldLock(crowd, &found) }
        let best = found.values.map(\.score).max() ?? 0
        return found.filter { $0.value.score >= best - 2 }
            .sorted { ($1.value.score, $0.key) < ($0.value.score, $1.key) }
            .prefix(Self.maxSuspects).map { suspect($0.key, $0.value) }
    }

    private func crowds() -> [Crowd] {
        let big = groups.groups.enumerated().lazy.filter { _, group in
            group.count >= Self.minCrowd && (group.kind == .send || group.kind == .lock)
        }
        return big.prefix(Self.maxCrowds).compactMap { index, group in
            let example = group.members[0]
            guard let frame = groups.blockingFrame(example) else { return nil }
            var seen: [UInt64: Int] = [:]
            for member in group.members { for object in groups.objects(member) { seen[object, default: 0] += 1 } }
            let most = max(Self.minCrowd, group.count * 4 / 5)
            return Crowd(
                group: index, kind: group.kind, site: groups.dump.goroutines[example].frames[frame],
                module: FunctionName(groups.call(example, frame: frame).function).module,
                objects: Set(seen.filter { $0.value >= most }.keys))
        }
    }

    private func evidence(against candidate: Int, _ crowds: [Crowd]) -> Evidence {
        var evidence = Evidence()
        guard let blocking = groups.blockingFrame(candidate) else { return evidence }
        let kind = groups.kinds[candidate]
        let site = groups.dump.goroutines[candidate].frames[blocking]
        let objects = groups.objects(candidate)
        for crowd in crowds {
            guard let entry = groups.entryFrame(candidate, of: crowd.module),
                isOnly(candidate, entry: entry, among: crowd.objects)
            else { continue }
            evidence.entry = entry
            if kind == .send, crowd.kind == .send, site == crowd.site, evidence.sameLine == nil {
                evidence.sameLine = crowd
                evidence.score += 3
            }
            guard evidence.sameObject == nil, let object = crowd.objects.intersection(objects).min() else { continue }
            switch kind {
            case .send, .lock, .waitGroup: evidence.score += 3
            case .network, .systemCall, .sleep, .condition: evidence.score += 1
            // In its own module these are how loops rest; in a library they are part of a call.
            case .select, .receive:
                guard FunctionName(groups.call(candidate, frame: blocking).function).module != crowd.module else {
                    continue
                }
                evidence.score += 1
            case .running, .other: continue
            }
            evidence.sameObject = (crowd, object)
        }
        if evidence.score > 0 {
            let alike = groups.dump.goroutines[candidate].createdBy.flatMap { groups.startedBy[$0] } ?? 1
            evidence.score += alike <= Self.maxStartedAlike ? 1 : -2
        }
        return evidence
    }

    /// Whether nobody else runs its outermost function, or nobody else on one of the objects.
    private func isOnly(_ candidate: Int, entry: Int, among objects: Set<UInt64>) -> Bool {
        let function = groups.function(candidate, frame: entry)
        if groups.runs[Int(function)] == 1 { return true }
        guard let object = groups.receiver(candidate, frame: entry), objects.contains(object) else {
            return false
        }
        return !groups.dump.goroutines.indices.contains { other in
            other != candidate
                && groups.dump.goroutines[other].frames.indices.contains {
                    groups.function(other, frame: $0) == function
                        && (groups.receiver(other, frame: $0) ?? object) == object
                }
        }
    }

    /// Of a candidate that waits for a lock: who seems to hold it, which is bad when that one waits to send.
    private func addHolder(_ evidence: inout Evidence, _ candidate: Int) {
        guard let holder = locks.holders(ofLockAwaitedBy: candidate).first,
            groups.kinds[holder.goroutine] == .send, let blocking = groups.blockingFrame(candidate),
            let entry = groups.entryFrame(
                candidate, of: FunctionName(groups.call(candidate, frame: blocking).function).module),
            isOnly(candidate, entry: entry, among: [])
        else { return }
        evidence.entry = entry
        evidence.holder = holder
        evidence.score += 4
    }

    /// Of a crowd that waits for one lock: who seems to hold it.
    private func addHeldLock(_ crowd: Crowd, _ found: inout [Int: Evidence]) {
        let members = groups.groups[crowd.group].members
        let waiters = members.filter { locks.lock($0) == locks.lock(members[0]) }
        guard waiters.count >= Self.minCrowd,
            let holder = locks.holders(ofLockAwaitedBy: members[0]).first,
            groups.groupOfGoroutine[holder.goroutine] != crowd.group
        else { return }
        var evidence = found[holder.goroutine] ?? Evidence()
        evidence.held = (crowd, holder)
        evidence.score +=
            (holder.isPastTheLine ? 3 : 1) + (holder.object != nil ? 1 : 0)
            + (groups.kinds[holder.goroutine] == .running ? 0 : 1)
        found[holder.goroutine] = evidence
    }
}
