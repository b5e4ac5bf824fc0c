/// What a dump says, for readers: the groups, the goroutines that seem to block them, and the lines worth showing first.
package struct GoroutineReport: Sendable {
    static let suspectWeight = 100
    static let obstructedWeight = 95
    static let otherWeight = 20
    private static let maxLines = 3
    private static let maxGroups = 200
    private static let maxIDs = 8

    package let groups: GoroutineGroups
    /// The strongest first.
    package let suspects: [GoroutineSuspect]
    private let source: String

    /// - Parameter source: where the dump comes from, for the title.
    package init(of dump: GoroutineDump, source: String) {
        groups = GoroutineGroups(of: dump)
        suspects = SuspectSearch(groups).suspects()
        self.source = source
    }

    /// Suspects, then the biggest groups whose members others keep waiting, then whatever is big.
    package var tellingLines: [TellingLine] {
        var lines = suspects.enumerated().map { rank, suspect in
            TellingLine(weight: Self.suspectWeight - rank, text: sentence(suspect))
        }
        let obstructed = groups.groups.filter { $0.kind.isObstructed && $0.count >= SuspectSearch.minCrowd }
        lines += obstructed.prefix(Self.maxLines).enumerated().map { rank, group in
            TellingLine(weight: Self.obstructedWeight - rank, text: line(group))
        }
        let others = groups.groups.filter { !$0.kind.isObstructed && $0.count >= SuspectSearch.minCrowd }
        lines += others.prefix(Self.maxLines).map { TellingLine(weight: Self.otherWeight, text: line($0)) }
        if groups.dump.goroutines.isEmpty {
            lines.append(TellingLine(weight: Self.otherWeight, text: "the goroutine dump has no goroutines"))
        }
        return lines
    }

    /// `goroutine 20, alone: chan send ← UnRegister ← … : it waits for …`
    private func sentence(_ suspect: GoroutineSuspect) -> String {
        let goroutine = groups.dump.goroutines[suspect.goroutine]
        return "goroutine \(goroutine.id), alone: \(groups.path(suspect.goroutine)): \(suspect.effect)"
    }

    /// `98 goroutines: chan send ← UnRegister ← close ← readMessage.func1`
    private func line(_ group: GoroutineGroup) -> String {
        let minutes = group.longestWaitMinutes > 0 ? " (for up to \(group.longestWaitMinutes) minutes)" : ""
        return "\(group.count) goroutine\(group.count == 1 ? "" : "s"): \(groups.path(group.members[0]))\(minutes)"
    }

    /// The whole report, for a file.
    package var text: String {
        var text = "\(groups.dump.goroutines.count) goroutines in \(groups.groups.count) groups, from \(source)\n"
        text += "Grouped by what they wait for and the functions that led there; arguments do not count.\n"
        if groups.dump.strayLines > 0 {
            text += "\(groups.dump.strayLines) lines belong to no goroutine and were skipped.\n"
        }
        text += "\nGoroutines that seem to keep others waiting (inferred, not told by Go)\n"
        if suspects.isEmpty { text += "  none found\n" }
        for suspect in suspects {
            text += "\n  \(sentence(suspect))\n    \(suspect.confidence.rawValue), because:\n"
            for reason in suspect.why { text += "    - \(reason)\n" }
            text += stack(suspect.goroutine, indent: "    ", withObjects: true)
        }
        text += "\nGroups, biggest first\n"
        for group in groups.groups.prefix(Self.maxGroups) {
            text += "\n  \(line(group))\n"
            let ids = group.members.prefix(Self.maxIDs).map { "\(groups.dump.goroutines[$0].id)" }
            let more = group.count > ids.count ? ", …" : ""
            text += "    \(ids.count == 1 ? "goroutine" : "goroutines") \(ids.joined(separator: ", "))\(more)\n"
            text += stack(group.members[0], indent: "    ", withObjects: false)
        }
        if groups.groups.count > Self.maxGroups {
            text += "\n  and \(groups.groups.count - Self.maxGroups) smaller groups\n"
        }
        return text
    }

    private func stack(_ position: Int, indent: String, withObjects: Bool) -> String {
        let goroutine = groups.dump.goroutines[position]
        var text = ""
        for frame in goroutine.frames.indices {
            let call = groups.call(position, frame: frame)
            let receiver = withObjects ? groups.receiver(position, frame: frame) : nil
            let object = receiver.map { " on 0x\(String($0, radix: 16))" } ?? ""
            text += "\(indent)\(call.function)\(object)\n\(indent)    \(call.file):\(call.line)\n"
        }
        if goroutine.isElided { text += "\(indent)… (frames left out by Go)\n" }
        if let start = goroutine.createdBy {
            let call = groups.dump.calls[Int(start)]
            let creator = goroutine.creator.map { " in goroutine \($0)" } ?? ""
            text += "\(indent)started by \(call.function)\(creator)\n\(indent)    \(call.file):\(call.line)\n"
        }
        return text
    }
}
