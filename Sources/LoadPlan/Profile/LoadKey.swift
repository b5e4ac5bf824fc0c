/// The keys of `accounts`.
enum AccountsKey: String, ProfileKey {
    case count, logins, id

    var isRequired: Bool { self == .count }

    var schema: SchemaValue {
        switch self {
        case .count: .wholeNumber("How many.", PlanLimits.accounts)
        case .logins:
            .wholeNumber("Clients that play each account at once.", PlanLimits.logins, standard: 1)
        case .id:
            .schema(
                "What {account} stands for; may hold {index}. With dialect: openim gatecrash_{index} unless said.",
                [("type", .list([.text("string"), .text("number")])), ("default", .text("user-{index}"))])
        }
    }
}

/// The keys of `load`.
enum LoadKey: String, ProfileKey {
    case model, duration, iterations, ramp, grace

    var schema: SchemaValue {
        switch self {
        case .model:
            .choice(
                "closed: each account starts again when its last iteration has ended.", ProfileDecoder.models,
                standard: "closed")
        case .duration: .duration("When the run is over.")
        case .iterations: .wholeNumber("How often each account plays the steps.", PlanLimits.iterations)
        case .ramp: .duration("The accounts' first starts are spread over this time.", standard: "1s")
        case .grace: .duration("How long iterations may finish when the duration is over.", standard: "10s")
        }
    }
}

/// The keys of `timeouts`.
enum TimeoutsKey: String, ProfileKey {
    case connect, tls, handshake, admission, send, receive, ping, close

    var schema: SchemaValue { .duration(about, standard: "10s") }

    private var about: String {
        switch self {
        case .connect: "TCP connect."
        case .tls: "TLS handshake."
        case .handshake: "From the upgrade request to the server's answer."
        case .admission: "From the upgrade to the server's first sign that it serves the connection."
        case .send: "Until a message is in the kernel's hands."
        case .receive: "A receive step without a timeout of its own."
        case .ping: "From a PING to its PONG."
        case .close: "From the close frame to the end of the connection."
        }
    }

    var timeout: WritableKeyPath<Timeouts, Duration> {
        switch self {
        case .connect: \.connect
        case .tls: \.tls
        case .handshake: \.handshake
        case .admission: \.admission
        case .send: \.send
        case .receive: \.receive
        case .ping: \.ping
        case .close: \.close
        }
    }
}

/// The keys of `stall`.
enum StallKey: String, ProfileKey {
    case after

    var isRequired: Bool { true }

    var schema: SchemaValue { .duration("An account that stands in one phase for so long is stalled.", standard: "5s") }
}
