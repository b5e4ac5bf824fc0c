/// The keys of `gateway`.
enum GatewayKey: String, ProfileKey {
    case processes, proxy, messages, defects, threads, descriptors
    case loginPolicy = "login_policy"
    case queueCapacity = "queue_capacity"
    case registrationDelay = "registration_delay"
    case connectionLimit = "connection_limit"

    var schema: SchemaValue {
        switch self {
        case .processes:
            .wholeNumber(
                "Gateway processes on one port; as many as the accounts need, unless said.", PlanLimits.gatewayProcesses
            )
        case .proxy: .flag("A load balancer in front of them, as a process of its own.")
        case .messages: .flag("A message service behind them, as a process of its own.")
        case .defects:
            .list(
                "What is broken; see gatecrash gateway --help.",
                of: .schema(
                    "NAME or NAME:k=v,…", [("type", .text("string")), ("pattern", .text(DefectText.schemaPattern))]))
        case .threads: .wholeNumber("Event-loop threads of each gateway process.", PlanLimits.gatewayThreads)
        case .descriptors:
            .wholeNumber("Descriptors that each bundled process may have.", PlanLimits.gatewayDescriptors)
        case .loginPolicy:
            .anyOf(
                "What happens to the older login of an account: a word, or with dialect: openim a number.",
                [
                    .choice("kickOlder unless said.", GatewayPlan.LoginPolicy.allCases.map(\.rawValue)),
                    .schema(
                        "OpenIM's multiLoginPolicy; 1 unless said.",
                        [("enum", .list(PlanLimits.openIMLoginPolicies.map { .number($0) }))]),
                ])
        case .queueCapacity:
            .wholeNumber("Places in each of the registry's queues.", PlanLimits.queueCapacity, standard: 1000)
        case .connectionLimit:
            .wholeNumber(
                "Connections of each gateway process, with dialect: openim; more are refused with 1601.",
                PlanLimits.connectionLimit)
        case .registrationDelay: .duration("Time that registering one login takes.", standard: "0")
        }
    }
}

/// The keys of `watch`.
enum WatchKey: String, ProfileKey {
    case ports, pids, urls, pprof, series

    var schema: SchemaValue {
        switch self {
        case .ports:
            .list("The processes that listen on these TCP ports.", of: .wholeNumber("A port.", PlanLimits.ports))
        case .pids: .list("Processes of this machine.", of: .wholeNumber("A process id.", PlanLimits.pids))
        case .urls: .list("Metrics in the Prometheus text format.", of: .oneLine("An http:// or https:// URL."))
        case .pprof: .oneLine("A Go server's net/http/pprof, e.g. http://127.0.0.1:6060/debug/pprof.")
        case .series: .list("Series to keep from the urls, besides the usual ones.", of: .oneLine("A series' name."))
        }
    }
}

/// The keys of `kick`.
enum KickKey: String, ProfileKey {
    case codes, expected

    var schema: SchemaValue {
        switch self {
        case .codes:
            .list(
                "Close codes by which the server says that a newer login has replaced this one; [4001] unless said. OpenIM "
                    + "has none.",
                of: .wholeNumber("A close code.", PlanLimits.kickCodes), minItems: 1)
        case .expected:
            .flag("Kicks are what the load is for: they are no failures, and the client comes back at once.")
        }
    }
}
