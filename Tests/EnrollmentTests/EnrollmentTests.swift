import Dialects
import Foundation
import LoadPlan
import Testing

@testable import Enrollment

extension Enrollment.Request {
    init(_ api: String, _ folder: URL, users: Int = 5, platforms: [Int] = [2], plan: OpenIMPlan = OpenIMPlan()) {
        self.init(
            api: api, plan: plan, userIDs: (0..<users).map { "user_\($0)" }, platforms: platforms,
            cache: folder.appending(path: "tokens.csv").path)
    }

    /// With little patience, and nobody who watches.
    func run() throws -> Enrollment.Result {
        var limits = Enrollment.Limits(parallel: parallel)
        limits.api.backOff = .milliseconds(5)
        return try Enrollment.run(self, limits, progress: { _ in }, isCancelled: { false })
    }

    /// How it fails, which it must.
    func failure() throws -> EnrollmentError {
        try #require(throws: EnrollmentError.self) { try run() }
    }
}

@Suite struct EnrollmentTests {
    @Test(arguments: ["3.5.1", "3.8.3"])
    func registersAndFetches(version: String) throws {
        let api = try FakeAPI(["version": version])
        try withFolder { folder in
            let request = Enrollment.Request(api.address, folder, users: 250, platforms: [2, 5])
            let result = try request.run()
            #expect(result.version.rawValue == version)
            #expect(result.registered == 250 && result.alreadyRegistered == 0)
            #expect(result.tokensFetched == 500 && result.tokensCached == 0 && result.retries == 0)
            #expect(result.credentials.map(\.userID) == request.userIDs.flatMap { [$0, $0] })
            #expect(result.credentials.map(\.platformID) == request.userIDs.flatMap { _ in [2, 5] })
            #expect(Set(result.credentials.map(\.token)).count == 500)
            let state = try api.refresh()
            #expect(state.users == 250 && state.batches == 3)
            // 500 tokens, 3 registrations, and the admin's token; each under an operation ID of its own.
            #expect(state.operations == 504)
            #expect(state.distinctOperations == state.operations)
            #expect(state.maxBusy <= request.parallel && state.connections <= request.parallel)
        }
    }

    @Test(arguments: ["3.5.1", "3.8.3"])
    func doesNotProbeAVersionThatIsSaid(version: String) throws {
        let api = try FakeAPI(["version": version])
        try withFolder { folder in
            let plan = OpenIMPlan(version: OpenIMPlan.Version(rawValue: version))
            let result = try Enrollment.Request(api.address, folder, plan: plan).run()
            #expect(result.version == plan.version && result.credentials.count == 5)
            #expect(try api.refresh().calls["/auth/get_admin_token"] == (version == "3.8.3" ? 1 : nil))
        }
    }

    /// Only the router of 3.8.0 asks for a token before it looks for the path.
    @Test func takesAnAPIThatWantsATokenForAnUnknownCallForAnOlderOne() throws {
        let api = try FakeAPI(["version": "3.5.1"])
        try api.fail("/auth/get_admin_token", "code 1001", times: -1)
        try withFolder { folder in
            let result = try Enrollment.Request(api.address, folder).run()
            #expect(result.version == .v3_5_1 && result.registered == 5 && result.credentials.count == 5)
        }
    }

    @Test(arguments: ["html", "code 1001"])
    func takesAnAdminThatIsNoneForAFaultOfTheNewerVersion(older: String) throws {
        let api = try FakeAPI()
        try api.fail("/auth/user_token", older, times: -1)
        try withFolder { folder in
            var plan = OpenIMPlan()
            plan.adminID = "nobody"
            let error = try Enrollment.Request(api.address, folder, plan: plan).failure()
            #expect("\(error)".contains("none of the server's"), "\(error)")
        }
    }

    @Test func findsWhoExistsAlready() throws {
        for version in ["3.5.1", "3.8.3"] {
            let api = try FakeAPI(["version": version, "existing": ["user_3", "user_4", "user_120", "user_240"]])
            try withFolder { folder in
                let result = try Enrollment.Request(api.address, folder, users: 250).run()
                #expect(result.registered == 246 && result.alreadyRegistered == 4)
                #expect(result.credentials.count == 250)
                let state = try api.refresh()
                #expect(state.users == 250)
                // Each of three batches is refused, looked into, and made up for.
                #expect(state.calls["/user/account_check"] == 3 && state.batches == 6)
            }
        }
    }

    @Test func halvesBatchesWhereTheServerDoesNotSayWhoExists() throws {
        let api = try FakeAPI(["existing": ["user_0", "user_63", "user_99"]])
        try api.fail("/user/account_check", "code 1002", times: -1)
        try withFolder { folder in
            let result = try Enrollment.Request(api.address, folder, users: 200).run()
            #expect(result.registered == 197 && result.alreadyRegistered == 3)
            #expect(try api.refresh().users == 200)
            #expect(try api.refresh().batches < 50)
        }
    }

    @Test func asksForNothingThatIsCached() throws {
        let api = try FakeAPI()
        try withFolder { folder in
            let request = Enrollment.Request(api.address, folder, platforms: [1, 2])
            let first = try request.run()
            let issued = try api.refresh().issued
            var second = try request.run()
            #expect(second.credentials == first.credentials)
            #expect(second.tokensCached == 10 && second.tokensFetched == 0)
            #expect(second.registered == 0 && second.alreadyRegistered == 5)
            // The probe's admin token.
            #expect(try api.refresh().issued == issued + 1)
            var more = request
            more.userIDs.append("another")
            more.platforms.append(5)
            second = try more.run()
            #expect(second.tokensCached == 10 && second.tokensFetched == 8)
            #expect(second.registered == 1 && second.alreadyRegistered == 5)
        }
    }

    @Test func goesOnWhereItWasInterrupted() throws {
        let api = try FakeAPI()
        try withFolder { folder in
            let request = Enrollment.Request(api.address, folder, users: 40)
            try api.fail("/auth/get_user_token", "code 1001", times: 1, after: 25)
            _ = try request.failure()
            try api.heal()
            let kept = try Credential.parse(String(contentsOfFile: request.cache, encoding: .utf8)).count
            #expect((25...40).contains(kept))
            let second = try request.run()
            #expect(second.tokensCached == kept && second.tokensFetched == 40 - kept)
            #expect(second.alreadyRegistered == 40 && second.registered == 0)
        }
    }

    @Test func dropsATornLine() throws {
        let api = try FakeAPI()
        try withFolder { folder in
            let request = Enrollment.Request(api.address, folder)
            _ = try request.run()
            let whole = try String(contentsOfFile: request.cache, encoding: .utf8)
            for cut in [1, 30, whole.utf8.count - 12, whole.utf8.count - 3] {
                try whole.dropLast(cut).write(toFile: request.cache, atomically: false, encoding: .utf8)
                let result = try request.run()
                #expect(result.credentials.count == 5 && result.tokensFetched >= 1)
                let after = try String(contentsOfFile: request.cache, encoding: .utf8)
                #expect(try Credential.parse(after).count == 5, "after cutting \(cut) bytes")
                #expect(after.hasPrefix("userID,platformID,token\n"))
            }
        }
    }

    @Test func fetchesWhatEndsSoonAnew() throws {
        let api = try FakeAPI(["life": 600])
        try withFolder { folder in
            let request = Enrollment.Request(api.address, folder)
            _ = try request.run()
            try api.setTokenLife(seconds: 7200)
            let second = try request.run()
            #expect(second.tokensFetched == 5 && second.tokensCached == 0)
            let third = try request.run()
            #expect(third.tokensFetched == 0 && third.credentials == second.credentials)
        }
    }

    @Test func nobodyElseMayReadTheCache() throws {
        let api = try FakeAPI()
        try withFolder { folder in
            let request = Enrollment.Request(api.address, folder)
            let before = umask(0)
            defer { umask(before) }
            _ = try request.run()
            #expect(try mode(request.cache) == 0o600)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: request.cache)
            _ = try request.run()
            #expect(try mode(request.cache) == 0o600)
        }
    }

    @Test func saysWhatIsWrongWithACache() throws {
        try withFolder { folder in
            var request = Enrollment.Request("http://127.0.0.1:1", folder)
            try "userID,platformID,token\nu,2\nv,2,t\n".write(
                toFile: request.cache, atomically: false, encoding: .utf8)
            #expect { try request.run() } throws: { "\($0)".contains("line 2") && "\($0)".contains("delete it") }
            request.cache = folder.path
            #expect { try request.run() } throws: { "\($0)".contains("Is a directory") }
            request.cache = "/dev/null"
            #expect { try request.run() } throws: { "\($0)".contains("no regular file") }
            request.cache = folder.appending(path: "held.csv").path
            let held = try CredentialCache(path: request.cache)
            #expect { try request.run() } throws: { "\($0)".contains("another enrollment is writing it") }
            held.release()
            #expect { try request.run() } throws: { "\($0)".contains("no connection") }
        }
    }

    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }
}
