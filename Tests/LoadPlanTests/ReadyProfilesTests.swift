import Foundation
import LoadPlan
import Testing

@Suite struct ReadyProfilesTests {
    /// The program carries the texts of `Profiles/`.
    ///
    /// After a change there: GATECRASH_WRITE_READY_PROFILES=1.
    @Test func sourceHoldsTheTextsOfTheFolder() throws {
        let profiles = try Repository.profiles().sorted { $0.key < $1.key }
        let openIM = profiles.filter { $0.key.hasPrefix("openim-") }
        let plain = profiles.filter { !$0.key.hasPrefix("openim-") }
        for (name, file, profiles) in [
            ("plainProfiles", "ReadyProfiles.swift", plain), ("openIMProfiles", "ReadyProfiles+OpenIM.swift", openIM),
        ] {
            let source = Self.source(of: profiles, named: name)
            let file = Repository.root.appending(path: "Sources/LoadPlan/Profile/\(file)")
            if ProcessInfo.processInfo.environment["GATECRASH_WRITE_READY_PROFILES"] == "1" {
                try source.write(to: file, atomically: true, encoding: .utf8)
            }
            #expect(
                try String(contentsOf: file, encoding: .utf8) == source,
                "Profiles/ has changed: run this test with GATECRASH_WRITE_READY_PROFILES=1 and build again")
        }
    }

    @Test func libraryHoldsTheTextsOfTheFolder() throws {
        let profiles = try Repository.profiles()
        #expect(profiles.count >= 5)
        #expect(ProfileLibrary.entries.map(\.name) == profiles.keys.sorted())
        for entry in ProfileLibrary.entries { #expect(entry.text == profiles[entry.name]) }
    }

    @Test(arguments: ProfileLibrary.entries.map(\.name))
    func isGood(name: String) throws {
        let entry = try #require(ProfileLibrary.entries.first { $0.name == name })
        let plan = try Profile.load(text: entry.text, file: entry.file)
        #expect(plan.target == .bundled)
        #expect(!plan.about.isEmpty)
        #expect(entry.about == plan.about)
        #expect(!plan.thresholds.isEmpty)
    }

    @Test func churnIsTheMainJob() throws {
        let entry = try #require(ProfileLibrary.entries.first { $0.name == "churn" })
        let plan = try Profile.load(text: entry.text, file: entry.file)
        #expect(plan.name == "online-offline-churn")
        #expect(plan.accounts == Accounts(count: 100))
        #expect(plan.load == Load(duration: .seconds(20), ramp: .seconds(1), grace: .seconds(10)))
        let text = try Template(parsing: "hello {account} {iteration}")
        #expect(
            plan.steps == [
                .connect(Connect()), .send(Message(payload: text, paddedToBytes: 64)), .receive(Receive()),
                .close(Close()),
            ])
        #expect(plan.timeouts == Timeouts())
        #expect(plan.thresholds.map(\.expression) == ["handshake.p99 < 250ms", "outcomes.failed == 0"])
    }

    private static func plan(_ name: String) throws -> Plan {
        let entry = try #require(ProfileLibrary.entries.first { $0.name == name })
        return try Profile.load(text: entry.text, file: entry.file)
    }

    @Test func freezeIsTheKickStormAgainstABrokenGateway() throws {
        let storm = try Self.plan("kick-storm")
        let freeze = try Self.plan("freeze")
        #expect(storm.accounts.clients == 200 && storm.accounts == freeze.accounts && storm.steps == freeze.steps)
        // One connection of its own and four left behind for each client.
        #expect(storm.connectionsAtMost == 1000 && freeze.connectionsAtMost == 1000)
        #expect(storm.kick == Kick(codes: [4001], expected: true) && storm.kick == freeze.kick)
        #expect(storm.gateway == GatewayPlan())
        #expect(
            freeze.gateway.defects == ["register-unregister-deadlock:order=A,queue=1000,register=1ms,unregister=1ms"])
        #expect(freeze.stallAfter == .seconds(3) && freeze.load.duration == .seconds(30))
    }

    @Test func aLeakNeedsAMessageServiceAndExhaustionALimit() throws {
        let (leak, exhaustion) = (try Self.plan("leak"), try Self.plan("exhaustion"))
        #expect(leak.gateway.messages && exhaustion.gateway.messages)
        #expect(leak.gateway.descriptors == nil && exhaustion.gateway.descriptors == 256)
        #expect(leak.gateway.defects == ["address-lookup-per-log-line:leak=0.01"])
        #expect(leak.connectionsAtMost == 50 && exhaustion.connectionsAtMost == 50)
    }

    @Test func aSoakLastsHoursOrAsLongAsOneLikes() throws {
        #expect(try Self.plan("soak").load.duration == .seconds(7200))
        var overrides = PlanOverrides()
        overrides.duration = "20m"
        let entry = try #require(ProfileLibrary.entries.first { $0.name == "soak" })
        #expect(
            try Profile.load(text: entry.text, file: entry.file, overrides: overrides).load.duration == .seconds(1200))
    }

    @Test(arguments: ProfileLibrary.entries.map(\.name).filter { $0.hasPrefix("openim-") })
    func speaksOpenIM(name: String) throws {
        let plan = try Self.plan(name)
        #expect(plan.name == name && plan.dialect == .openim && plan.kick.codes.isEmpty)
        #expect(plan.accounts.id == OpenIMPlan.defaultAccountID && plan.backOff == .openIMSDK)
        // Against another server it needs its address and no more, and takes its version from there.
        var overrides = PlanOverrides()
        overrides.target = "ws://h:10001/"
        overrides.openIMAPI = "http://h:10002"
        let entry = try #require(ProfileLibrary.entries.first { $0.name == name })
        let elsewhere = try Profile.load(text: entry.text, file: entry.file, overrides: overrides)
        #expect(elsewhere.openIM?.version == nil && elsewhere.openIM?.api == "http://h:10002")
        #expect(elsewhere.gateway == GatewayPlan() && elsewhere.steps == plan.steps)
        // With few accounts too; openim-slow-reader has five roles and more.
        overrides.accounts = 6
        #expect(throws: Never.self) { try Profile.load(text: entry.text, file: entry.file, overrides: overrides) }
    }

    @Test func openIMFreezesByTidyClientsAndByASlowReader() throws {
        let freeze = try Self.plan("openim-freeze")
        let connect = Connect(heartbeat: .seconds(25))
        let text = try Template(parsing: "{account} says {sequence}")
        #expect(
            freeze.steps == [
                .connect(connect), .send(Message(payload: text, recipient: .ring)), .receive(Receive(match: .ack)),
                .wait(.uniform(from: .milliseconds(10), to: .milliseconds(30))), .close(Close()),
            ])
        #expect(freeze.accounts.count == 100 && freeze.stallAfter == .seconds(3))
        #expect(freeze.openIM?.version == .v3_5_1 && freeze.gateway.openIMLoginPolicy == 1)
        // 3.8 makes no call for a login, only for a kick: every account has a second device.
        let storm = try Self.plan("openim-kick-storm")
        #expect(storm.accounts.count == 100 && storm.accounts.logins == 2 && storm.openIM?.version == .v3_8_3)
        #expect(storm.gateway == freeze.gateway && storm.load == freeze.load && storm.kick == freeze.kick)
        let slow = try Self.plan("openim-slow-reader")
        #expect(slow.gateway == freeze.gateway && slow.stallAfter == freeze.stallAfter)
        guard case .roles(let roles)? = slow.steps.first else { return #expect(Bool(false), "\(slow.steps)") }
        #expect(roles.map(\.accounts) == [1, 4, nil] && slow.accounts.count == 100)
        let reader = try #require(roles.first).steps
        #expect(reader.contains(.stopReading))
        #expect(reader.contains(.takeover(Takeover(abandon: Abandon(lifetime: .seconds(30)), connect: connect))))
        // The others are the load that fills the queue, and four of them fill the slow reader's socket.
        let writer = roles[1].steps
        guard case .repeat(_, let steps) = writer[2] else { return #expect(Bool(false), "\(writer)") }
        let message = Message(
            payload: Template(segments: []), paddedToBytes: 40 << 10, recipient: .hot(accounts: 1))
        #expect(steps.first == .send(message))
    }

    @Test func nameOrPath() throws {
        #expect(
            ProfileLibrary.source(of: "churn")
                == .ready(try #require(ProfileLibrary.entries.first { $0.name == "churn" })))
        #expect(ProfileLibrary.source(of: "./churn") == .file(path: "./churn"))
        #expect(ProfileLibrary.source(of: "churn.yaml") == .file(path: "churn.yaml"))
        #expect(ProfileLibrary.nearest(to: "chrun")?.name == "churn")
        #expect(ProfileLibrary.nearest(to: "something")?.name == nil)
    }

    private static func source(of profiles: [(key: String, value: String)], named name: String) -> String {
        let entries = profiles.map { name, text in
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.isEmpty ? "" : "                \($0)" }.joined(separator: "\n")
            return """
                        Entry(
                            name: "\(name)",
                            text: ##\"\"\"
                \(lines)
                                \"\"\"##),

                """
        }
        return """
            // The texts of Profiles/. ReadyProfilesTests writes this file and keeps it in step.

            extension ProfileLibrary {
                static let \(name): [Entry] = [
            \(entries.joined())    ]
            }

            """
    }
}
