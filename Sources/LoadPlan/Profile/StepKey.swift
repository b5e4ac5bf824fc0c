/// The kinds of step: the word itself, or the key of a mapping with one entry.
enum StepKey: String, ProfileKey {
    case connect, send, receive, wait, ping, close, abort, abandon, `repeat`, choose

    /// The word alone is a step.
    var standsAlone: Bool {
        switch self {
        case .connect, .receive, .ping, .close, .abort, .abandon: true
        case .send, .wait, .repeat, .choose: false
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
                [.template("Its text."), .mapping("text, binary or size.", SendKey.self, minProperties: 1)])
        case .receive:
            .anyOf(
                "Wait for messages.",
                [nothing, .choice("Any message.", ["any"]), .mapping("Which, and how many.", ReceiveKey.self)])
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
                [("type", .text("object")), ("additionalProperties", .template("Its value."))])
        case .subprotocols: .list("Offered in this order.", of: .oneLine("A token."), minItems: 1)
        case .heartbeat: .duration("PING so often while the connection is open.")
        }
    }
}

/// The keys of `send`.
enum SendKey: String, ProfileKey {
    case text, binary, size, kind

    var schema: SchemaValue {
        switch self {
        case .text: .template("A text message.")
        case .binary:
            .schema(
                "A binary message in hexadecimal digits.",
                [("type", .list([.text("string"), .text("number")])), ("pattern", .text("^ *([0-9a-fA-F]{2} *)*$"))])
        case .size: .byteSize("Fill up to this size, or a message of nothing else.", PlanLimits.messageBytes)
        case .kind: .choice("Of a message that is size alone.", Message.Kind.allCases.map(\.rawValue), standard: "text")
        }
    }
}

/// The keys of `receive`.
enum ReceiveKey: String, ProfileKey {
    case any, equals, contains, count, timeout

    var schema: SchemaValue {
        switch self {
        case .any: .schema("Any message will do; the default.", [("const", .bool(true))])
        case .equals: .template("The whole message.")
        case .contains: .template("A part of the message.")
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
