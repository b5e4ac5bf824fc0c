import LoadPlan

/// Documents for tests, and what loading them comes to.
enum ProfileText {
    /// A whole profile with these steps.
    static func with(steps: String, load: String = "{ duration: 1s, ramp: 0 }") -> String {
        "name: t\naccounts: { count: 1 }\nload: \(load)\nsteps:\n\(steps)\n"
    }

    /// A whole profile with further lines.
    static func with(lines: String) -> String {
        "name: t\naccounts: { count: 1 }\nload: { duration: 1s, ramp: 0 }\nsteps: [connect, close]\n\(lines)\n"
    }

    /// A whole profile of the dialect `openim` with ten accounts, whose steps are in line 6.
    static func openIM(
        section: String = "{}", steps: String = "connect, close", lines: String = "", accounts: String = "{ count: 10 }"
    ) -> String {
        "name: t\ndialect: openim\nopenim: \(section)\naccounts: \(accounts)\nload: { duration: 1s, ramp: 0 }\n"
            + "steps: [ \(steps) ]\n\(lines)\n"
    }

    static func load(_ text: String, _ overrides: PlanOverrides = PlanOverrides()) throws -> Plan {
        try Profile.load(text: text, file: "t.yaml", overrides: overrides)
    }

    /// Each problem as `line:column path: message (hint)`; none when the profile is good.
    static func problems(_ text: String, _ overrides: PlanOverrides = PlanOverrides()) -> [String] {
        do throws(ProfileError) {
            _ = try Profile.load(text: text, file: "t.yaml", overrides: overrides)
            return []
        } catch {
            return error.problems.map { problem in
                let place = problem.line.map { line in "\(line):\(problem.column ?? 0) " } ?? ""
                let path = problem.path.isEmpty ? "" : "\(problem.path): "
                return place + path + problem.message + (problem.hint.map { " (\($0))" } ?? "")
            }
        }
    }
}
