/// Turns a document into a plan, and collects every problem on the way instead of stopping at the first.
///
/// Each `decode…` method returns nil, or a value that stands in, where it has reported a problem; the plan is made only when there
/// is none.
struct ProfileDecoder {
    static let dialects = Dialect.allCases.map(\.rawValue)
    static let models = ["closed"]

    var problems: ProblemLog
    /// nil when it cannot be told.
    var dialect: Dialect? = .plain
    /// Of the dialect `openim`, as soon as it is known.
    var openIM: OpenIMPlan?
    /// Where a version of OpenIM is said.
    var versions: (written: OpenIMPlan.Version?, option: OpenIMPlan.Version?)

    init(source: SourceText) {
        versions = (nil, nil)
        problems = ProblemLog(source: source)
    }

    /// The plan; nil when there are problems.
    mutating func decode(overrides: PlanOverrides) -> Plan? {
        let options = OverrideReader.read(overrides, problems: &problems)
        var reader = DocumentReader(problems: problems)
        let root = reader.read()
        problems = reader.problems
        guard let root, let fields = fields(of: root, as: RootKey.self, given: options.givenKeys) else { return nil }
        let name = fields[.name].flatMap { decodeName($0) }
        let about = fields[.about].flatMap { text($0) } ?? ""
        dialect = decodeDialect(fields[.dialect])
        let target = decodeTarget(fields[.target], options: options)
        openIM = decodeOpenIM(fields[.openim], target: fields[.target], resolved: target, options: options)
        let gateway = decodeGateway(fields[.gateway], target: fields[.target], resolved: target, options: options)
        let watch = decodeWatch(fields[.watch], options: options)
        let kick = decodeKick(fields[.kick])
        let accounts = decodeAccounts(fields[.accounts], options: options)
        let load = decodeLoad(fields[.load], options: options)
        let steps = fields[.steps].map { decodeSteps($0) } ?? []
        let timeouts = decodeTimeouts(fields[.timeouts])
        let stallAfter = options.stallAfter ?? decodeStall(fields[.stall]) ?? .seconds(5)
        let thresholds = decodeThresholds(fields[.thresholds])
        let backOff = decodeBackOff(fields[.backOff])
        let maxMessageBytes = fields[.maxMessage].flatMap { byteSize($0, in: PlanLimits.maxMessageBytes) } ?? 16 << 20

        if let value = fields[.steps] {
            check(steps, of: value, load: load, accounts: accounts, target: target, options: options)
        }
        checkLoad(load, of: fields[.load] ?? root, options: options)
        check(thresholds + options.thresholds, steps: steps, target: target)

        guard problems.isEmpty, let name, let dialect, let target, let accounts = accounts?.accounts, let load else {
            return nil
        }
        return Plan(
            name: name, about: about, target: identifyingLogins(target), dialect: dialect, openIM: openIM,
            accounts: accounts, load: load, steps: steps.compactMap(\.step), timeouts: timeouts,
            stallAfter: stallAfter, thresholds: (thresholds + options.thresholds).map(\.threshold),
            maxMessageBytes: maxMessageBytes, kick: kick, backOff: backOff, gateway: gateway, watch: watch)
    }

    /// The target as the opening handshake names it.
    private func identifyingLogins(_ target: Target) -> Target {
        guard case .url(var url) = target, let openIM else { return target }
        url.resource = openIM.resource(behind: url.resource)
        return .url(url)
    }

    /// A word that is safe in the name of a folder and as a label.
    private mutating func decodeName(_ value: DocumentValue) -> String? {
        guard let name = text(value) else { return nil }
        let isAllowed = name.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_.".unicodeScalars.contains($0))
        }
        guard isAllowed, let first = name.first, first.isLetter || first.isNumber, name.count <= PlanLimits.nameLength
        else {
            problems.add(
                "expected up to \(PlanLimits.nameLength) letters, digits, '-', '_' and '.', found \(name.quoted)",
                at: value,
                hint: "what the profile does is said in about:")
            return nil
        }
        return name
    }

    private mutating func decodeStall(_ value: DocumentValue?) -> Duration? {
        guard let value, let fields = fields(of: value, as: StallKey.self) else { return nil }
        return fields[.after].flatMap { duration($0, mayBeZero: false) }
    }

    private mutating func decodeTimeouts(_ value: DocumentValue?) -> Timeouts {
        var timeouts = Timeouts()
        guard let value, let fields = fields(of: value, as: TimeoutsKey.self) else { return timeouts }
        for key in TimeoutsKey.allCases {
            guard let given = fields[key], let limit = duration(given, mayBeZero: false) else { continue }
            timeouts[keyPath: key.timeout] = limit
        }
        return timeouts
    }

    private mutating func decodeThresholds(_ value: DocumentValue?) -> [PlacedThreshold] {
        guard let value, let items = list(value, of: "thresholds") else { return [] }
        var thresholds: [PlacedThreshold] = []
        for item in items {
            guard let text = text(item) else { continue }
            do throws(TextProblem) {
                thresholds.append(PlacedThreshold(threshold: try Threshold(parsing: text), value: item))
            } catch {
                problems.add(error, in: item)
            }
        }
        return thresholds
    }
}

/// A threshold and where it was written: in the document, or with `--threshold`.
struct PlacedThreshold {
    var threshold: Threshold
    var value: DocumentValue?
}
