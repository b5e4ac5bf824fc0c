/// The keys of one kind of mapping in a profile.
///
/// The decoder knows keys only through these tables, and the schema is made from them, so neither can know a key that
/// the other does not.
protocol ProfileKey: CaseIterable, Hashable, RawRepresentable, Sendable where RawValue == String {
    /// A mapping without it is a problem.
    var isRequired: Bool { get }
    /// The JSON Schema of its value.
    var schema: SchemaValue { get }
}

extension ProfileKey {
    var isRequired: Bool { false }
}

/// The keys of the document.
enum RootKey: String, ProfileKey {
    case name, about, target, dialect, openim, gateway, watch, accounts, kick, load, steps, timeouts, stall, thresholds
    case backOff = "back_off"
    case maxMessage = "max_message"

    var isRequired: Bool {
        switch self {
        case .name, .accounts, .load, .steps: true
        case .about, .target, .dialect, .openim, .gateway, .watch, .kick, .timeouts, .stall, .thresholds, .backOff,
            .maxMessage:
            false
        }
    }

    var schema: SchemaValue {
        switch self {
        case .name:
            .schema(
                "Names the run in reports and folders.",
                [("type", .text("string")), ("pattern", .text(#"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"#))])
        case .about: .oneLine("What the profile does, for people.")
        case .target:
            .anyOf(
                "What the load goes to: bundled (the default), or a ws:// or wss:// URL.",
                [.oneLine("bundled, or a URL."), .mapping("A URL and how to reach it.", TargetKey.self)])
        case .dialect: .choice("What messages mean.", ProfileDecoder.dialects, standard: "plain")
        case .openim:
            .mapping("How OpenIM is spoken, and where tokens come from; with dialect: openim only.", OpenIMKey.self)
        case .gateway: .mapping("How the bundled gateway is started; with target: bundled only.", GatewayKey.self)
        case .watch: .mapping("What is watched besides the target's own processes.", WatchKey.self)
        case .accounts: .mapping("Who comes online.", AccountsKey.self)
        case .kick: .mapping("What a login's end by a newer one of its account means.", KickKey.self)
        case .load:
            .mapping("How long or how often the steps are repeated. duration, iterations, or both.", LoadKey.self)
        case .steps: .schema("What each account does, again and again.", [("$ref", .text("#/$defs/steps"))])
        case .timeouts: .mapping("How long each kind of step may take before it has failed.", TimeoutsKey.self)
        case .stall: .mapping("When an account counts as stalled.", StallKey.self)
        case .thresholds:
            .list(
                "Conditions on the totals; one that does not hold fails the run.",
                of: .oneLine("e.g. handshake.p99 < 250ms, or outcomes.failed == 0"))
        case .backOff:
            .anyOf(
                "How long a client stays offline after a failed iteration; openim_sdk (1, 2, 4, 8, 16 s, again and again) "
                    + "with dialect: openim, otherwise standard.",
                [.choice("Ready ones.", BackOffKey.words), .mapping("One's own.", BackOffKey.self)])
        case .maxMessage:
            .byteSize("A larger message from the server is a fault.", PlanLimits.maxMessageBytes, standard: "16MiB")
        }
    }
}

/// Where a key belongs that was written elsewhere.
enum ProfileKeys {
    private static let homes: [(section: String, keys: [String])] = [
        ("accounts", AccountsKey.allCases.map(\.rawValue)), ("load", LoadKey.allCases.map(\.rawValue)),
        ("target", TargetKey.allCases.map(\.rawValue)), ("target.tls", TLSKey.allCases.map(\.rawValue)),
        ("kick", KickKey.allCases.map(\.rawValue)), ("openim", OpenIMKey.allCases.map(\.rawValue)),
        ("gateway", GatewayKey.allCases.map(\.rawValue)),
        ("watch", WatchKey.allCases.map(\.rawValue)),
        ("stall", StallKey.allCases.map(\.rawValue)), ("connect", ConnectKey.allCases.map(\.rawValue)),
        ("receive", ReceiveKey.allCases.map(\.rawValue)), ("send", SendKey.allCases.map(\.rawValue)),
        ("the document itself", RootKey.allCases.map(\.rawValue)), ("steps", StepKey.allCases.map(\.rawValue)),
        ("back_off", BackOffKey.allCases.map(\.rawValue)),
    ]

    /// The mapping that has the key (`load` for `duration`); nil for a key that is none.
    static func home(of key: String) -> String? {
        homes.first { $0.keys.contains(key) }?.section
    }
}
