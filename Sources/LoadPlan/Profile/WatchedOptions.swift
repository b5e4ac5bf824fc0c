/// What `--watch` says, all of them together.
struct WatchedOptions {
    private(set) var pids: [Int] = []
    private(set) var ports: [Int] = []
    /// `none`: no process of this machine is watched.
    private(set) var isNone = false

    private static let option = "--watch"
    private static let none = "none"

    /// nil when the option was not given.
    static func read(_ texts: [String], problems: inout ProblemLog) -> WatchedOptions? {
        guard !texts.isEmpty else { return nil }
        var options = WatchedOptions()
        for text in texts {
            if text == none {
                options.isNone = true
            } else if let pid = number(text, behind: "pid:", in: PlanLimits.pids, &problems) {
                if !options.pids.contains(pid) { options.pids.append(pid) }
            } else if let port = number(text, behind: "port:", in: PlanLimits.ports, &problems) {
                if !options.ports.contains(port) { options.ports.append(port) }
            } else if !text.hasPrefix("pid:"), !text.hasPrefix("port:") {
                problems.add(
                    "expected pid:N, port:N or none, found \(text.quoted)", option: option,
                    hint: Int(text).map { "did you mean pid:\($0) or port:\($0)?" })
            }
        }
        if options.isNone, texts.count > 1 { problems.add("none goes alone", option: option) }
        return options
    }

    /// nil when the text begins otherwise, or its number is reported as a problem.
    private static func number(
        _ text: String, behind prefix: String, in range: ClosedRange<Int>, _ problems: inout ProblemLog
    ) -> Int? {
        guard text.hasPrefix(prefix) else { return nil }
        let digits = text.dropFirst(prefix.count)
        if digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits), range.contains(number) {
            return number
        }
        problems.add(
            "expected a whole number from \(range.lowerBound) to \(range.upperBound) behind \(prefix), found \(text.quoted)",
            option: option)
        return nil
    }
}
