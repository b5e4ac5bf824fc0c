extension ProfileDecoder {
    /// How the bundled gateway is started.
    ///
    /// With `--target` and a URL what the profile says of the bundled gateway goes with its own target and is dropped.
    mutating func decodeGateway(
        _ value: DocumentValue?, target written: DocumentValue?, resolved target: Target?, options: OverrideReader
    ) -> GatewayPlan {
        var plan = value.flatMap { decodeGateway($0) } ?? GatewayPlan()
        if let value, !Self.isBundled(written) {
            problems.add(
                "the gateway is started for target: bundled only", at: value, hint: "leave gateway out, or the target")
        }
        guard case .bundled? = target else {
            if target != nil { reportOptionsWithoutGateway(options) }
            return GatewayPlan()
        }
        if let defects = options.defects { plan.defects = defects }
        if options.proxy { plan.proxy = true }
        if dialect == .openim { plan.openIMLoginPolicy = options.openIMLoginPolicy ?? plan.openIMLoginPolicy }
        return plan
    }

    /// Whether the profile's own target is the bundled gateway.
    static func isBundled(_ value: DocumentValue?) -> Bool {
        guard let value else { return true }
        switch value.content {
        case .scalar(let text, _): return text == bundled || value.isNull
        // What cannot be read is reported as that.
        case .unreadable: return true
        case .sequence, .mapping: return false
        }
    }

    private mutating func reportOptionsWithoutGateway(_ options: OverrideReader) {
        let given: [(option: String, isGiven: Bool)] = [
            ("--defect", options.defects != nil), ("--proxy", options.proxy),
            ("--login-policy", options.openIMLoginPolicy != nil && dialect == .openim),
        ]
        for case (let option, true) in given {
            problems.add("has a meaning with the bundled gateway only", option: option)
        }
    }

    private mutating func decodeGateway(_ value: DocumentValue) -> GatewayPlan? {
        guard let fields = fields(of: value, as: GatewayKey.self) else { return nil }
        var plan = GatewayPlan()
        plan.processes = fields[.processes].flatMap { wholeNumber($0, in: PlanLimits.gatewayProcesses) }
        plan.proxy = fields[.proxy].flatMap { flag($0) } ?? false
        plan.messages = fields[.messages].flatMap { flag($0) } ?? false
        plan.defects = fields[.defects].map { decodeDefects($0) } ?? []
        if let given = fields[.loginPolicy] { decodeLoginPolicy(given, into: &plan) }
        if let given = fields[.connectionLimit] {
            require(.openim, for: "connection_limit", at: given)
            plan.connectionLimit = wholeNumber(given, in: PlanLimits.connectionLimit)
        }
        plan.threads = fields[.threads].flatMap { wholeNumber($0, in: PlanLimits.gatewayThreads) }
        plan.queueCapacity = fields[.queueCapacity].flatMap { wholeNumber($0, in: PlanLimits.queueCapacity) }
        plan.descriptors = fields[.descriptors].flatMap { wholeNumber($0, in: PlanLimits.gatewayDescriptors) }
        if let given = fields[.registrationDelay], let delay = duration(given, mayBeZero: true) {
            if delay > PlanLimits.longestRegistration {
                problems.add(
                    "expected at most \(DurationText.format(PlanLimits.longestRegistration)), found "
                        + DurationText.format(delay), at: given)
            }
            plan.registrationDelay = delay
        }
        return plan
    }

    private mutating func decodeLoginPolicy(_ value: DocumentValue, into plan: inout GatewayPlan) {
        let words = GatewayPlan.LoginPolicy.allCases.map(\.rawValue)
        let numbers = PlanLimits.openIMLoginPolicies.map { "\($0)" }
        guard let text = text(value, expected: "a login policy") else { return }
        let known = dialect == .openim ? numbers : words
        guard dialect == nil || known.contains(text) else {
            let nearest = NearestName.find(text, in: known).map { "did you mean \($0)?" }
            let other =
                if words.contains(text) {
                    "\(text) belongs to dialect: plain"
                } else if numbers.contains(text) {
                    "\(text) belongs to dialect: openim"
                } else {
                    nearest
                }
            problems.add(
                "expected one of \(known.joined(separator: ", ")); found \(value.found)", at: value, hint: other)
            return
        }
        plan.loginPolicy = GatewayPlan.LoginPolicy(rawValue: text)
        plan.openIMLoginPolicy = dialect == .openim ? Int(text) : nil
    }

    private mutating func decodeDefects(_ value: DocumentValue) -> [String] {
        guard let items = list(value, of: "defects") else { return [] }
        var defects: [String] = []
        for item in items {
            guard let text = line(item, expected: "a defect, e.g. slow:cpu=1ms") else { continue }
            do throws(TextProblem) {
                try DefectText.check(text)
            } catch {
                problems.add(error, in: item)
            }
            defects.append(text)
        }
        return defects
    }

    /// What is watched, after the command line's say.
    mutating func decodeWatch(_ value: DocumentValue?, options: OverrideReader) -> WatchPlan {
        var plan = value.map { decodeWatch($0) } ?? WatchPlan()
        if let watched = options.watched {
            (plan.targetProcesses, plan.pids, plan.ports) = (!watched.isNone, watched.pids, watched.ports)
        }
        if !options.watchURLs.isEmpty { plan.urls = options.watchURLs }
        if let pprof = options.pprof { plan.pprof = pprof }
        return plan
    }

    private mutating func decodeWatch(_ value: DocumentValue) -> WatchPlan {
        var plan = WatchPlan()
        guard let fields = fields(of: value, as: WatchKey.self) else { return plan }
        plan.ports = fields[.ports].map { numbers($0, of: "ports", in: PlanLimits.ports) } ?? []
        plan.pids = fields[.pids].map { numbers($0, of: "process ids", in: PlanLimits.pids) } ?? []
        plan.urls = fields[.urls].map { lines($0, of: "URLs", check: MonitorURL.check) } ?? []
        plan.series = fields[.series].map { lines($0, of: "series' names", check: nil) } ?? []
        if let given = fields[.pprof], let text = line(given, expected: "a URL") {
            do throws(TextProblem) {
                try MonitorURL.check(text)
            } catch {
                problems.add(error, in: given)
            }
            plan.pprof = text
        }
        return plan
    }

    private mutating func numbers(_ value: DocumentValue, of what: String, in range: ClosedRange<Int>) -> [Int] {
        guard let items = list(value, of: what) else { return [] }
        var numbers: [Int] = []
        for item in items {
            guard let number = wholeNumber(item, in: range) else { continue }
            if numbers.contains(number) { problems.add("\(number) is listed twice", at: item) }
            numbers.append(number)
        }
        return numbers
    }

    private mutating func lines(
        _ value: DocumentValue, of what: String, check: ((String) throws(TextProblem) -> Void)?
    ) -> [String] {
        guard let items = list(value, of: what) else { return [] }
        var texts: [String] = []
        for item in items {
            guard let text = line(item, expected: "a text") else { continue }
            do throws(TextProblem) {
                try check?(text)
            } catch {
                problems.add(error, in: item)
            }
            if texts.contains(text) { problems.add("\(text.quoted) is listed twice", at: item) }
            texts.append(text)
        }
        return texts
    }
}
