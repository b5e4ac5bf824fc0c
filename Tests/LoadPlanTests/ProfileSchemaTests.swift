import Foundation
import Testing

@testable import LoadPlan

@Suite struct ProfileSchemaTests {
    /// Every place of the schema where a mapping has a key: the path with which the decoder names it.
    private static func keys() throws -> Set<String> {
        let json = try JSONSerialization.jsonObject(with: Data(ProfileSchema.jsonText.utf8))
        let root = try #require(json as? [String: Any])
        var keys: Set<String> = []
        collect(root, path: "", into: &keys, depth: 0)
        let definitions = root["$defs"] as? [String: Any] ?? [:]
        collect(definitions["step"] as Any, path: "steps[]", into: &keys, depth: 0)
        return keys
    }

    private static func collect(_ schema: Any, path: String, into keys: inout Set<String>, depth: Int) {
        guard depth < 20, let schema = schema as? [String: Any] else { return }
        for choice in schema["anyOf"] as? [Any] ?? [] { collect(choice, path: path, into: &keys, depth: depth + 1) }
        collect(schema["items"] as Any, path: path + "[]", into: &keys, depth: depth + 1)
        for (key, value) in schema["properties"] as? [String: Any] ?? [:] {
            let keyPath = path.isEmpty ? key : "\(path).\(key)"
            keys.insert(keyPath)
            collect(value, path: keyPath, into: &keys, depth: depth + 1)
        }
    }

    /// For each key of the schema some value is a problem of that very key: so the decoder reads each of them.
    @Test func decoderReadsEveryKeyOfTheSchema() throws {
        for path in try Self.keys() {
            let wanted = " " + path.replacing("[]", with: "[0]") + ": "
            let problems = ["[[]]", "{}"].flatMap { ProfileText.problems(Self.document(path, value: $0)) }
            #expect(problems.contains { $0.contains(wanted) && !$0.contains("unknown key") }, "\(path): \(problems)")
        }
    }

    /// A document that has nothing but a value at a path.
    private static func document(_ path: String, value: String) -> String {
        path.split(separator: ".").reversed().reduce(value) { inner, key in
            key.hasSuffix("[]") ? "{ \(key.dropLast(2)): [ \(inner) ] }" : "{ \(key): \(inner) }"
        }
    }

    @Test func schemaHasEveryKeyOfTheDecoder() throws {
        let keys = try Self.keys()
        func names<Key: ProfileKey>(_ prefix: String, _: Key.Type) -> [String] {
            Key.allCases.map { prefix + $0.rawValue }
        }
        let known =
            names("", RootKey.self) + names("target.", TargetKey.self) + names("target.tls.", TLSKey.self)
            + names("accounts.", AccountsKey.self) + names("load.", LoadKey.self) + names("timeouts.", TimeoutsKey.self)
            + names("stall.", StallKey.self) + names("steps[].", StepKey.self)
            + names("steps[].connect.", ConnectKey.self)
            + names("steps[].send.", SendKey.self) + names("steps[].receive.", ReceiveKey.self)
            + names("steps[].wait.", WaitKey.self) + names("steps[].close.", CloseKey.self)
            + names("steps[].repeat.", RepeatKey.self) + names("steps[].abandon.", AbandonKey.self)
            + names("steps[].choose[].", ChoiceKey.self) + names("kick.", KickKey.self)
            + names("gateway.", GatewayKey.self) + names("watch.", WatchKey.self)
            + names("openim.", OpenIMKey.self) + names("openim.tokens.", TokensKey.self)
            + names("back_off.", BackOffKey.self) + names("steps[].send.to.", RecipientKey.self)
            + names("steps[].receive.push.", PushKey.self) + names("steps[].roles[].", RoleKey.self)
            + names("steps[].takeover.", TakeoverKey.self) + names("steps[].pull.", PullKey.self)
            + names("steps[].pull.with.", RecipientKey.self) + names("steps[].subscribe.", SubscribeKey.self)
            + names("steps[].subscribe.to.", RecipientKey.self)
        #expect(keys == Set(known))
    }

    /// Good documents are valid, bad ones are not, in the eyes of somebody else's validator.
    @Test(
        .enabled(
            if: Python.has(modules: ["jsonschema", "yaml"]),
            "needs Python with jsonschema and PyYAML; GATECRASH_PYTHON names it"))
    func validatorAgrees() throws {
        var documents = try Repository.profiles().map { (name: $0.key, text: $0.value, isGood: true) }
        let good = [
            "connect: { headers: { A: b }, subprotocols: [x], heartbeat: 1s }", "connect:", "send: x", "send: 5",
            "send: { size: 4KiB, kind: binary }",
            "send: { binary: 00ff }", "receive: any", "receive: { contains: a, count: 2 }", "wait: 1m30s", "wait: end",
            "wait: { uniform: [0, 1s] }",
            "wait: { exponential: 5ms }", "ping", "abort", "abandon", "abandon: { for: 5s, keep: 2 }",
            "choose: [{ share: 0.4, steps: [ping] }, { share: 0.6, steps: [] }]", "close: { code: none }",
            "close: { code: 1000, reason: x }",
        ]
        let bad = [
            "conect", "connect: { admit: maybe }", "connect: { x: 1 }", "send", "send: {}", "send: { size: x }",
            "receive: some", "receive: { any: false }",
            "receive: { count: 0 }", "wait: 5", "wait: 5 sec", "wait: { uniform: [1s] }", "ping: 1",
            "close: { code: 99 }",
            "abandon: { for: 5 }", "abandon: { keep: 0 }", "choose", "choose: []", "choose: [{ steps: [ping] }]",
            "choose: [{ share: 0, steps: [] }]", "choose: [{ share: 1.5, steps: [] }]",
            "repeat: { times: 0, steps: [ping] }", "repeat: { times: 1, steps: [] }", "{ ping: , abort: }",
        ]
        for step in good + ["repeat: { times: 2, steps: [\(good.map { "{\($0)}" }.first ?? "")] }"] {
            documents.append((name: step, text: ProfileText.with(steps: "  - \(step)"), isGood: true))
        }
        for step in bad { documents.append((name: step, text: ProfileText.with(steps: "  - \(step)"), isGood: false)) }
        for line in [
            "x: 1", "accounts: { count: 0 }", "name: a b", "timeouts: { ping: 5 }", "max_message: 1.5", "target: [a]",
            "stall: {}", "kick: { codes: [] }", "kick: { codes: [999] }", "kick: { expected: 1 }",
            "gateway: { processes: 0 }", "gateway: { defects: [Slow] }", "gateway: { defects: [\"slow:cpu\"] }",
            "gateway: { login_policy: kick }", "gateway: { descriptors: 1 }", "watch: { ports: [0] }",
            "watch: { pids: [a] }", "watch: { urls: x }",
        ] {
            documents.append((name: line, text: ProfileText.with(lines: line), isGood: false))
        }
        for line in [
            "kick: { codes: [4001, 4002], expected: true }", "gateway: {}",
            "gateway: { processes: 2, proxy: true, messages: true, defects: [slow, \"never-close:share=0.5\"], threads: 1 }",
            "gateway: { login_policy: allowAll, queue_capacity: 10, registration_delay: 1ms, descriptors: 256 }",
            "watch: { ports: [80], pids: [1], urls: [\"http://h/m\"], pprof: \"http://h/p\", series: [a_b] }",
        ] {
            documents.append((name: line, text: ProfileText.with(lines: line), isGood: true))
        }
        documents += Self.openIMDocuments
        let input = documents.map { ["name": $0.name, "text": $0.text, "good": $0.isGood ? "yes" : ""] }
        let output = try Python.run(
            """
            import json, sys, yaml, jsonschema
            schema, documents = json.load(sys.stdin)
            jsonschema.Draft202012Validator.check_schema(schema)
            validator = jsonschema.Draft202012Validator(schema)
            for d in documents:
                errors = [e.message for e in validator.iter_errors(yaml.safe_load(d["text"]))]
                if bool(errors) == bool(d["good"]):
                    print(d["name"], "->", errors)
            print("checked", len(documents))
            """,
            input:
                "[\(ProfileSchema.jsonText), \(String(decoding: JSONSerialization.data(withJSONObject: input), as: UTF8.self))]"
        )
        #expect(output == "checked \(documents.count)\n")
    }

    private static var openIMDocuments: [(name: String, text: String, isGood: Bool)] {
        let steps: [(String, Bool)] = [
            ("send: { to: ring, text: a }", true), ("send: { to: { hot: 3 }, size: 1KiB }", true),
            ("send: { to: { user: a }, text: a }", true), ("send: { to: rng, text: a }", false),
            ("send: { to: { hot: 0 }, text: a }", false), ("receive: ack", true),
            ("receive: { ack: true, count: 2 }", true),
            ("receive: { push: own }", true), ("receive: { push: { from: \"a{index}\" }, timeout: 1s }", true),
            ("receive: { ack: false }", false), ("receive: { push: mine }", false), ("receive: { push: {} }", false),
            ("newest_sequence", true), ("newest_sequence: 1", false), ("pull: { with: pair, count: 5 }", true),
            ("pull: { count: 5 }", false), ("pull", false), ("background: true", true), ("background: 1", false),
            ("subscribe: { to: random }", true), ("subscribe: ring", false), ("takeover", true),
            ("takeover: { for: 1s, keep: 2, heartbeat: 5s, headers: { A: b } }", true), ("takeover: { to: a }", false),
            ("roles: [{ accounts: 10, steps: [ping] }, { steps: [] }]", true), ("roles: [{ accounts: 1 }]", false),
            ("roles: []", false), ("stop_reading: 1", false),
        ]
        let lines: [(String, Bool)] = [
            ("back_off: standard", true), ("back_off: { first: 1s, last: 2s, cycles: true, jitter: false }", true),
            ("back_off: slow", false), ("back_off: { first: 1 }", false),
            ("gateway: { login_policy: 5, connection_limit: 10 }", true), ("gateway: { login_policy: 2 }", false),
            ("gateway: { connection_limit: 0 }", false), ("kick: { expected: true }", true),
        ]
        let sections: [(String, Bool)] = [
            (
                "{ version: 3.8.3, secret: 1, admin: a, platforms: [web, 9], encoding: json, compression: true, ping: text }",
                true
            ),
            ("{ first_response: true, tokens: mint }", true), ("{ tokens: { file: a.csv } }", true),
            ("{ version: 3.8 }", false), ("{ platforms: [] }", false), ("{ platforms: [10] }", false),
            ("{ tokens: {} }", false), ("{ compression: gzip }", false), ("{ ping: pong }", false), ("{ x: 1 }", false),
        ]
        return steps.map {
            ($0.0, ProfileText.openIM(steps: "connect, \($0.0.contains(":") ? "{\($0.0)}" : $0.0), close"), $0.1)
        }
            + lines.map { ($0.0, ProfileText.openIM(lines: $0.0), $0.1) }
            + sections.map { ($0.0, ProfileText.openIM(section: $0.0), $0.1) }
    }

    /// The decoder is of the same mind as the schema about documents that are made for it.
    @Test func decoderAgrees() {
        for document in Self.openIMDocuments {
            #expect(ProfileText.problems(document.text).isEmpty == document.isGood, "\(document.name)")
        }
    }
}
