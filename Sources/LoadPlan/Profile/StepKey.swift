/// The kinds of step: the word itself, or the key of a mapping with one entry.
enum StepKey: String, ProfileKey {
    case connect, send, receive, wait, ping, close, abort, abandon, `repeat`, choose, roles
    case stopReading = "stop_reading"
    case takeover
    case newestSequence = "newest_sequence"
    case pull, background, subscribe, logout

    /// The only dialect that has the step; nil: all have it.
    var dialect: Dialect? {
        switch self {
        case .connect, .send, .receive, .wait, .ping, .close, .abort, .abandon, .repeat, .choose, .roles, .stopReading,
            .takeover:
            nil
        case .newestSequence, .pull, .background, .subscribe, .logout: .openim
        }
    }

    /// The names of a dialect's steps; nil: of all.
    static func names(in dialect: Dialect?) -> [String] {
        allCases.filter { dialect == nil || $0.dialect == nil || $0.dialect == dialect }.map(\.rawValue)
    }

    /// The word alone is a step.
    var standsAlone: Bool {
        switch self {
        case .connect, .receive, .ping, .close, .abort, .abandon, .stopReading, .takeover, .newestSequence, .logout:
            true
        case .send, .wait, .repeat, .choose, .roles, .pull, .background, .subscribe: false
        }
    }

    /// How the step may be written.
    var example: String {
        switch self {
        case .send: #"send: "hello""#
        case .wait: "wait: 20ms"
        case .repeat: "repeat: { times: 3, steps: [...] }"
        case .choose: "choose: [{ share: 1, steps: [...] }]"
        case .roles: "roles: [{ accounts: 1, steps: [...] }, { steps: [...] }]"
        case .pull: "pull: { with: pair }"
        case .background: "background: true"
        case .subscribe: "subscribe: { to: pair }"
        case .connect, .receive, .ping, .close, .abort, .abandon, .stopReading, .takeover, .newestSequence, .logout:
            rawValue
        }
    }

    var schema: SchemaValue {
        let nothing = SchemaValue.object([("type", .text("null"))])
        return switch self {
        case .connect:
            .anyOf(
                "Come online: TCP, TLS, opening handshake, admission.",
                [nothing, .mapping("How.", ConnectKey.self)])
        case .send:
            .anyOf(
                "Send a message.",
                [
                    .template("Its text."),
                    .mapping("text, binary or size, and to whom.", SendKey.self, minProperties: 1),
                ])
        case .receive:
            .anyOf(
                "Wait for messages.",
                [
                    nothing, .choice("Any message; with dialect: openim the answer to a send.", ["any", "ack"]),
                    .mapping("Which, and how many.", ReceiveKey.self),
                ])
        case .wait:
            .anyOf(
                "Think time. end: until the duration is over.",
                [
                    .duration("A fixed time."), .choice("Until the duration is over.", ["end"]),
                    .mapping("A random time.", WaitKey.self, minProperties: 1),
                ])
        case .ping: .schema("PING, and wait for the PONG.", [("type", .text("null"))])
        case .close:
            .anyOf("Go offline with the closing handshake.", [nothing, .mapping("How.", CloseKey.self)])
        case .abort: .schema("Go offline with a reset of the TCP connection.", [("type", .text("null"))])
        case .abandon:
            .anyOf(
                "Go offline without a word: the connection stays open and is forgotten.",
                [nothing, .mapping("For how long.", AbandonKey.self)])
        case .repeat: .mapping("Steps to play several times.", RepeatKey.self)
        case .choose:
            .list(
                "One of several ways on, drawn each time; the shares add up to 1.",
                of: .mapping("A way on.", ChoiceKey.self), minItems: 1)
        case .roles:
            .list(
                "One of several ways on, by the account's number: the first accounts have the first role.",
                of: .mapping("A role.", RoleKey.self), minItems: 1)
        case .stopReading:
            .schema("Read no more from the connection, which stays open.", [("type", .text("null"))])
        case .takeover:
            .anyOf(
                "Log in again on a new connection while the old one stays open and is forgotten.",
                [nothing, .mapping("How, and what becomes of the old one.", TakeoverKey.self)])
        case .newestSequence:
            .schema("OpenIM's 1001: the newest sequence numbers.", [("type", .text("null"))])
        case .pull: .mapping("OpenIM's 1002: the latest messages of a conversation.", PullKey.self)
        case .background: .schema("OpenIM's 2004: the app goes to the background.", [("type", .text("boolean"))])
        case .subscribe: .mapping("OpenIM's 2005, of 3.8: the online status of accounts.", SubscribeKey.self)
        case .logout:
            .schema("OpenIM's 2003, and wait until the server has ended the connection.", [("type", .text("null"))])
        }
    }
}

/// The keys of `connect`.
enum ConnectKey: String, ProfileKey {
    case admit, headers, subprotocols, heartbeat

    var schema: SchemaValue {
        switch self {
        case .admit:
            .choice(
                "What counts as served: the PONG to a PING sent at once, the server's first message, or the 101 alone.",
                Connect.Admit.allCases.map(\.rawValue), standard: "pong")
        case .headers:
            .schema(
                "More headers for the upgrade request.",
                [
                    ("type", .text("object")),
                    ("additionalProperties", .template("Its value.", identifiesLogin: true)),
                ])
        case .subprotocols: .list("Offered in this order.", of: .oneLine("A token."), minItems: 1)
        case .heartbeat: .duration("PING so often while the connection is open; with dialect: openim 25s unless said.")
        }
    }
}

/// The keys of `send`.
enum SendKey: String, ProfileKey {
    case text, binary, size, kind, to

    var schema: SchemaValue {
        switch self {
        case .text: .template("A text message.")
        case .binary:
            .schema(
                "A binary message in hexadecimal digits.",
                [("type", .list([.text("string"), .text("number")])), ("pattern", .text("^ *([0-9a-fA-F]{2} *)*$"))])
        case .size: .byteSize("Fill up to this size, or a message of nothing else.", PlanLimits.messageBytes)
        case .to:
            .anyOf(
                "Which account or group, with dialect: openim; a send without it goes to the ring.",
                [.choice("A rule.", RecipientKey.words), .mapping("One of these.", RecipientKey.self)])
        case .kind: .choice("Of a message that is size alone.", Message.Kind.allCases.map(\.rawValue), standard: "text")
        }
    }
}

/// The keys of `receive`.
enum ReceiveKey: String, ProfileKey {
    case any, equals, contains, ack, push, count, timeout

    var schema: SchemaValue {
        switch self {
        case .any: .schema("Any message will do; the default.", [("const", .bool(true))])
        case .equals: .template("The whole message; with dialect: plain.")
        case .contains: .template("A part of the message; with dialect: plain.")
        case .ack: .schema("The answer to a send; with dialect: openim.", [("const", .bool(true))])
        case .push:
            .anyOf(
                "A message that the server has pushed; with dialect: openim.",
                [
                    .choice("The account's own, another's, or any.", PushKey.words),
                    .mapping("Of one sender.", PushKey.self),
                ])
        case .count: .wholeNumber("How many that match.", PlanLimits.receiveCount, standard: 1)
        case .timeout: .duration("For all of them together, instead of timeouts.receive.")
        }
    }
}

/// The keys of `wait`.
enum WaitKey: String, ProfileKey {
    case uniform, exponential

    var schema: SchemaValue {
        switch self {
        case .uniform:
            .schema(
                "Each time between the two is as likely.",
                [
                    ("type", .text("array")), ("items", .duration("From, to.")), ("minItems", .number(2)),
                    ("maxItems", .number(2)),
                ])
        case .exponential: .duration("Exponential with this mean, cut at ten times the mean.")
        }
    }
}

/// The keys of `close`.
enum CloseKey: String, ProfileKey {
    case code, reason

    var schema: SchemaValue {
        switch self {
        case .code:
            .anyOf(
                "1000–1003, 1007–1011, 3000–4999, or none for an empty close frame.",
                [
                    .object([("type", .text("integer")), ("minimum", .number(1000)), ("maximum", .number(4999))]),
                    .object([("const", .text("none"))]),
                ])
        case .reason: .oneLine("At most \(Close.maxReasonBytes) bytes.")
        }
    }
}

/// The keys of `repeat`.
enum RepeatKey: String, ProfileKey {
    case times, steps

    var isRequired: Bool { true }

    var schema: SchemaValue {
        switch self {
        case .times: .wholeNumber("How often.", PlanLimits.repeatTimes)
        case .steps: .schema("What.", [("$ref", .text("#/$defs/steps"))])
        }
    }
}

/// The keys of `abandon`.
enum AbandonKey: String, ProfileKey {
    case `for`, keep

    var schema: SchemaValue {
        switch self {
        case .for: .duration("Then it is reset; unless said, at the run's end.")
        case .keep:
            .wholeNumber(
                "Abandoned connections of a client at once; of more the oldest is reset.",
                PlanLimits.abandonedConnections, standard: 1)
        }
    }
}

/// The keys of one way on in `choose`.
enum ChoiceKey: String, ProfileKey {
    case share, steps

    var isRequired: Bool { true }

    var schema: SchemaValue {
        switch self {
        case .share: .share("Its probability, above 0.")
        case .steps:
            .list("What; empty: nothing.", of: .object([("$ref", .text("#/$defs/step"))]))
        }
    }
}

/// The keys of one role in `roles`.
enum RoleKey: String, ProfileKey {
    case accounts, steps

    var isRequired: Bool { self == .steps }

    var schema: SchemaValue {
        switch self {
        case .accounts: .wholeNumber("For so many; the last role has all that are left.", PlanLimits.accounts)
        case .steps: ChoiceKey.steps.schema
        }
    }
}

/// The keys of `takeover`: those of `connect` for the new connection, and those of `abandon` for the old one.
enum TakeoverKey: String, ProfileKey {
    case admit, headers, subprotocols, heartbeat, `for`, keep

    var schema: SchemaValue {
        switch self {
        case .admit: ConnectKey.admit.schema
        case .headers: ConnectKey.headers.schema
        case .subprotocols: ConnectKey.subprotocols.schema
        case .heartbeat: ConnectKey.heartbeat.schema
        case .for: AbandonKey.for.schema
        case .keep: AbandonKey.keep.schema
        }
    }
}
