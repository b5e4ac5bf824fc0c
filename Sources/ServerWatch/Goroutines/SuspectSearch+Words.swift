extension SuspectSearch {
    func suspect(_ goroutine: Int, _ evidence: Evidence) -> GoroutineSuspect {
        GoroutineSuspect(
            goroutine: goroutine, confidence: evidence.score >= 4 ? .likely : .possible,
            effect: effect(goroutine, evidence), why: why(goroutine, evidence))
    }

    private func effect(_ goroutine: Int, _ evidence: Evidence) -> String {
        if let held = evidence.held {
            return "it seems to hold the lock that \(size(held.crowd)) goroutines wait for, "
                + "and \(groups.kinds[goroutine].words)"
        }
        if let crowd = evidence.sameLine {
            return "it waits for the same channel as \(size(crowd)) others, by all signs is the one that should "
                + "receive from it, and nobody receives from it"
        }
        if let holder = evidence.holder {
            return "it waits for a lock that goroutine \(id(holder.goroutine)) seems to hold, "
                + "which itself waits in \(groups.path(holder.goroutine))"
        }
        guard let (crowd, _) = evidence.sameObject else { return "it \(groups.kinds[goroutine].words)" }
        return "it should serve the \(size(crowd)) goroutines in \(groups.path(member(crowd))), by all signs, "
            + "and \(groups.kinds[goroutine].words)"
    }

    private func why(_ goroutine: Int, _ evidence: Evidence) -> [String] {
        var why: [String] = []
        if let crowd = evidence.sameLine {
            let call = groups.dump.calls[Int(crowd.site)]
            why.append(
                "It waits at the same line, \(place(call)), as \(size(crowd)) other goroutines, but came there another "
                    + "way than they did (\(groups.path(member(crowd)))).")
        }
        if evidence.sameLine != nil || evidence.sameObject != nil || evidence.holder != nil {
            let entry = FunctionName(groups.call(goroutine, frame: evidence.entry).function)
            why.append("It is the only goroutine that runs \(entry.symbol): a loop of its own, not one of many alike.")
        }
        if let (crowd, object) = evidence.sameObject {
            why.append(
                "It works on the object at 0x\(String(object, radix: 16)), as do the \(size(crowd)) goroutines in "
                    + "\(groups.path(member(crowd))).")
        }
        if evidence.sameLine != nil || evidence.sameObject?.crowd.kind == .send || evidence.holder != nil {
            let resting = groups.kinds.count { $0 == .receive || $0 == .select }
            why.append(
                "None of the \(resting) goroutines that rest in chan receive or select can be the receiver: a send "
                    + "does not wait while a receiver does.")
        }
        if let holder = evidence.holder {
            why.append(
                "Goroutine \(id(holder.goroutine)) seems to hold the lock that it waits for (\(sign(holder))), and "
                    + "itself waits in \(groups.path(holder.goroutine)): a circular wait, if this one should receive "
                    + "there.")
        }
        if let held = evidence.held {
            why.append(
                "\(size(held.crowd)) goroutines wait for one lock (\(groups.path(member(held.crowd)))); this one is "
                    + "not among them, and \(sign(held.holder)).")
        }
        let minutes = groups.dump.goroutines[goroutine].waitMinutes
        if minutes > 0 { why.append("It has waited for \(minutes) minute\(minutes == 1 ? "" : "s").") }
        return why
    }

    private func sign(_ holder: LockSearch.Holder) -> String {
        var signs: [String] = []
        if holder.isPastTheLine { signs.append("it is past the line at which the lock is taken") }
        if let object = holder.object {
            signs.append("it is in a method of the lock's object at 0x\(String(object, radix: 16))")
        }
        return signs.joined(separator: " and ")
    }

    private func size(_ crowd: Crowd) -> Int { groups.groups[crowd.group].count }
    private func member(_ crowd: Crowd) -> Int { groups.groups[crowd.group].members[0] }
    private func id(_ goroutine: Int) -> UInt64 { groups.dump.goroutines[goroutine].id }

    private func place(_ call: StackCall) -> String {
        let file = call.file.split(separator: "/").last.map(String.init) ?? "unknown file"
        return "\(file):\(call.line)"
    }
}
