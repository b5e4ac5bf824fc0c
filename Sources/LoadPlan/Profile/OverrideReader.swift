/// What the command line's texts mean.
struct OverrideReader {
    private(set) var target: Target?
    private(set) var caFile: String?
    private(set) var insecure = false
    private(set) var serverName: String?
    private(set) var sources: [String] = []
    private(set) var accounts: Int?
    private(set) var duration: Duration?
    private(set) var iterations: Int?
    private(set) var ramp: Duration?
    private(set) var grace: Duration?
    private(set) var stallAfter: Duration?
    private(set) var thresholds: [PlacedThreshold] = []
    /// nil when the profile's stand; empty for `none`.
    private(set) var defects: [String]?
    private(set) var proxy = false
    /// nil when the profile's stand.
    private(set) var watched: WatchedOptions?
    private(set) var watchURLs: [String] = []
    private(set) var pprof: String?
    private(set) var openIMAPI: String?
    /// It is given, and may be unreadable.
    private(set) var hasOpenIMAPI = false
    private(set) var openIMVersion: OpenIMPlan.Version?
    private(set) var openIMSecret: String?
    private(set) var tokens: OpenIMPlan.Tokens?
    private(set) var openIMLoginPolicy: Int?

    /// The document's keys that need not be there because of options.
    var givenKeys: Set<String> {
        var keys: Set<String> = []
        if accounts != nil { keys.insert(RootKey.accounts.rawValue) }
        if duration != nil || iterations != nil { keys.insert(RootKey.load.rawValue) }
        return keys
    }

    static func read(_ overrides: PlanOverrides, problems: inout ProblemLog) -> OverrideReader {
        var reader = OverrideReader()
        reader.target = overrides.target.flatMap { readTarget($0, problems: &problems) }
        reader.caFile = overrides.caFile
        reader.insecure = overrides.insecure
        if overrides.caFile?.isEmpty == true { problems.add("expected the name of a file", option: "--ca") }
        if overrides.insecure, overrides.caFile != nil {
            problems.add("makes --ca pointless: any certificate is accepted", option: "--insecure")
        }
        if let name = overrides.serverName {
            if let fault = TargetCheck.serverNameFault(name) {
                problems.add("\(fault), found \(name.quoted)", option: "--server-name")
            } else {
                reader.serverName = name
            }
        }
        for source in overrides.sources {
            if NumericAddress.isIPv4(source) || NumericAddress.isIPv6(source) {
                reader.sources.append(source)
            } else {
                problems.add("expected an IP address of this machine, found \(source.quoted)", option: "--source")
            }
        }
        reader.accounts = number(overrides.accounts, in: PlanLimits.accounts, "--accounts", &problems)
        reader.iterations = number(overrides.iterations, in: PlanLimits.iterations, "--iterations", &problems)
        reader.duration = time(overrides.duration, mayBeZero: false, "--duration", &problems)
        reader.ramp = time(overrides.ramp, mayBeZero: true, "--ramp", &problems)
        reader.grace = time(overrides.grace, mayBeZero: true, "--grace", &problems)
        reader.stallAfter = time(overrides.stallAfter, mayBeZero: false, "--stall-after", &problems)
        for text in overrides.thresholds {
            do throws(TextProblem) {
                reader.thresholds.append(PlacedThreshold(threshold: try Threshold(parsing: text)))
            } catch {
                problems.add(error, option: "--threshold")
            }
        }
        reader.defects = readDefects(overrides.defects, problems: &problems)
        reader.proxy = overrides.proxy
        reader.watched = WatchedOptions.read(overrides.watch, problems: &problems)
        reader.watchURLs = overrides.watchURLs.filter { isURL($0, "--watch-url", problems: &problems) }
        reader.pprof = overrides.pprof.flatMap { isURL($0, "--pprof", problems: &problems) ? $0 : nil }
        reader.readOpenIM(overrides, problems: &problems)
        return reader
    }

    private mutating func readOpenIM(_ overrides: PlanOverrides, problems: inout ProblemLog) {
        hasOpenIMAPI = overrides.openIMAPI != nil
        if let text = overrides.openIMAPI {
            do throws(TextProblem) {
                openIMAPI = try APIAddress.parse(text)
            } catch {
                problems.add(error, option: "--openim-api")
            }
        }
        openIMVersion = overrides.openIMVersion
            .flatMap {
                Self.word($0, of: OpenIMPlan.Version.allCases.map(\.rawValue), "--openim-version", &problems)
            }
            .flatMap { .init(rawValue: $0) }
        openIMLoginPolicy = overrides.loginPolicy
            .flatMap {
                Self.word($0, of: PlanLimits.openIMLoginPolicies.map { "\($0)" }, "--login-policy", &problems)
            }
            .flatMap { Int($0) }
        openIMSecret = overrides.openIMSecret
        if overrides.openIMSecret?.isEmpty == true {
            problems.add("expected a secret, found nothing", option: "GATECRASH_OPENIM_SECRET")
        }
        tokens = overrides.tokens.map { TokensText.tokens($0) ?? .file($0) }
        if overrides.tokens?.isEmpty == true {
            problems.add("expected fetch, mint or the name of a file", option: "--tokens")
        }
    }

    private static func word(
        _ text: String, of words: [String], _ option: String, _ problems: inout ProblemLog
    ) -> String? {
        guard words.contains(text) else {
            problems.add(
                "expected one of \(words.joined(separator: ", ")); found \(text.quoted)", option: option,
                hint: NearestName.find(text, in: words).map { "did you mean \($0)?" })
            return nil
        }
        return text
    }

    private static func readDefects(_ texts: [String], problems: inout ProblemLog) -> [String]? {
        guard !texts.isEmpty else { return nil }
        guard texts != [DefectText.none] else { return [] }
        for text in texts {
            do throws(TextProblem) {
                try DefectText.check(text)
            } catch {
                problems.add(error, option: "--defect")
            }
        }
        return texts
    }

    private static func isURL(_ text: String, _ option: String, problems: inout ProblemLog) -> Bool {
        do throws(TextProblem) {
            try MonitorURL.check(text)
            return true
        } catch {
            problems.add(error, option: option)
            return false
        }
    }

    private static func readTarget(_ text: String, problems: inout ProblemLog) -> Target? {
        guard text != ProfileDecoder.bundled else { return .bundled }
        do throws(TextProblem) {
            return .url(try TargetURL(parsing: text))
        } catch {
            problems.add(error, option: "--target")
            return nil
        }
    }

    private static func number(
        _ number: Int?, in range: ClosedRange<Int>, _ option: String, _ problems: inout ProblemLog
    ) -> Int? {
        guard let number else { return nil }
        guard range.contains(number) else {
            problems.add(
                "expected a whole number from \(range.lowerBound) to \(range.upperBound), found \(number)",
                option: option)
            return nil
        }
        return number
    }

    private static func time(
        _ text: String?, mayBeZero: Bool, _ option: String, _ problems: inout ProblemLog
    ) -> Duration? {
        guard let text else { return nil }
        do throws(TextProblem) {
            let duration = try DurationText.parse(text)
            if mayBeZero || duration > .zero { return duration }
            problems.add("expected a duration longer than 0", option: option)
        } catch {
            problems.add(error, option: option)
        }
        return nil
    }
}
