import Dialects
import Foundation
import LoadPlan
import Testing

@testable import Enrollment

/// What an enrollment makes of an API that fails.
@Suite struct FaultTests {
    @Test(arguments: ["reset", "html", "code 14", "code 13", "code 500", "lose"])
    func asksAgainWhatMayPass(kind: String) throws {
        let api = try FakeAPI()
        try api.fail("/auth/get_admin_token", kind)
        try api.fail("/user/user_register", kind)
        try api.fail("/auth/get_user_token", kind, times: 3)
        try withFolder { folder in
            let result = try Enrollment.Request(api.address, folder).run()
            #expect(result.credentials.count == 5)
            #expect(result.retries == 5)
            // An answer that was lost had done its work: on the second call the accounts exist.
            #expect(result.registered == (kind == "lose" ? 0 : 5))
            #expect(result.registered + result.alreadyRegistered == 5)
        }
    }

    @Test(arguments: ["code 1001", "code 1002", "code 3", "list", "no data"])
    func doesNotAskAgainWhatWillNotPass(kind: String) throws {
        let api = try FakeAPI()
        try api.fail("/auth/get_user_token", kind, times: -1)
        try withFolder { folder in
            var request = Enrollment.Request(api.address, folder, users: 1)
            request.parallel = 1
            _ = try request.failure()
            #expect(try api.refresh().calls["/auth/get_user_token"] == 1)
        }
    }

    @Test func givesUpAfterSoManyAttempts() throws {
        let api = try FakeAPI()
        try api.fail("/user/user_register", "code 14", times: -1)
        try withFolder { folder in
            let error = try Enrollment.Request(api.address, folder).failure()
            #expect("\(error)".contains("a service behind the API does not answer"))
            #expect(try api.refresh().calls["/user/user_register"] == 5)
        }
    }

    @Test(arguments: ["3.5.1", "3.8.3"])
    func namesAWrongSecret(version: String) throws {
        let api = try FakeAPI(["version": version])
        try withFolder { folder in
            let request = Enrollment.Request(api.address, folder, plan: OpenIMPlan(secret: "not-the-\"secret\""))
            let error = try request.failure()
            let text = "\(error)"
            #expect(text.contains("errCode 1002") && text.contains("the secret is wrong"))
            #expect(!text.contains("not-the"))
            #expect(!request.description(of: error).contains("not-the"))
        }
    }

    @Test func namesTheAccountThatIsNotAllowed() throws {
        let api = try FakeAPI()
        try withFolder { folder in
            var request = Enrollment.Request(api.address, folder)
            request.userIDs.append("bad-name")
            let error = try request.failure()
            let text = "\(error)"
            #expect(text.contains("bad-name") && text.contains("letters, digits and _"))
        }
    }

    @Test func showsNoSecretAndNoTokenThatAnAnswerRepeats() throws {
        for path in ["/auth/get_admin_token", "/user/user_register", "/auth/get_user_token"] {
            let api = try FakeAPI(["secret": "s3cr\"et"])
            try api.fail(path, "echo", times: -1)
            try withFolder { folder in
                let request = Enrollment.Request(api.address, folder, plan: OpenIMPlan(secret: "s3cr\"et"))
                let error = try request.failure()
                let text = request.description(of: error)
                #expect(text.contains("you sent"), "\(text)")
                #expect(!text.contains("s3cr") && !text.contains("eyJ"), "\(text)")
            }
        }
    }

    @Test func showsHowAnAnswerOfSomethingElseBegins() throws {
        let api = try FakeAPI()
        try api.fail("/auth/get_admin_token", "html", times: -1)
        try withFolder { folder in
            let error = try Enrollment.Request(api.address, folder).failure()
            let text = "\(error)"
            #expect(text.contains("HTTP 502") && text.contains("<title>502 Bad Gateway</title>"))
            #expect(text.contains("a proxy or another server answers"))
            #expect(!text.contains("\u{1B}") && !text.contains("\n") && text.utf8.count < 500)
        }
    }

    @Test func saysThatNothingListens() throws {
        try withFolder { folder in
            let error = try Enrollment.Request("http://127.0.0.1:1", folder).failure()
            #expect("\(error)".contains("Connection refused"))
            #expect(error.isUnreachable)
        }
    }

    @Test func saysThatTheAPIIsAWebServer() throws {
        let api = try FakeAPI(["version": "3.5.1"])
        try withFolder { folder in
            let request = Enrollment.Request(api.address + "/elsewhere", folder)
            let error = try request.failure()
            #expect("\(error)".contains("nothing has this path"))
            #expect("\(error)".contains("fetching an admin token"), "a web server's 404 is no version: \(error)")
        }
    }

    @Test func doesNotWaitForASlowAPI() throws {
        let api = try FakeAPI()
        try api.fail("/auth/get_user_token", "hang")
        try withFolder { folder in
            let request = Enrollment.Request(api.address, folder, users: 2)
            var limits = Enrollment.Limits(parallel: 4)
            limits.api.timeout = .milliseconds(700)
            let result = try Enrollment.run(request, limits, progress: { _ in }, isCancelled: { false })
            #expect(result.retries >= 1 && result.credentials.count == 2)
        }
    }

    @Test func endsWhenItIsCancelled() throws {
        let api = try FakeAPI(["delay": 0.05])
        try withFolder { folder in
            let request = Enrollment.Request(api.address, folder, users: 5000)
            var seen: [Enrollment.Progress] = []
            let outcome = Result {
                try Enrollment.run(
                    request, Enrollment.Limits(parallel: 4), progress: { seen.append($0) },
                    isCancelled: { seen.contains { $0.part == .fetchingTokens && $0.done > 0 } })
            }
            #expect(throws: EnrollmentError.cancelled) { try outcome.get() }
            let last = try #require(seen.last)
            #expect(last.total == 5000 && last.done > 0 && last.done < 5000)
            let kept = try Credential.parse(String(contentsOfFile: request.cache, encoding: .utf8)).count
            #expect(kept == last.done)
        }
    }

    @Test(arguments: [
        "", "127.0.0.1:80", "ftp://h", "http://", "http://h:0", "http://h:65536", "http://h:99999999999999999999",
        "http://h/", "http://u:p@h", "http://h?x",
    ])
    func refusesAddressesThatAreNone(api: String) throws {
        try withFolder { folder in
            _ = try Enrollment.Request(api, folder).failure()
        }
    }

    @Test func refusesRequestsThatMakeNoSense() throws {
        try withFolder { folder in
            let good = Enrollment.Request("http://127.0.0.1:1", folder)
            var requests = Array(repeating: good, count: 5)
            requests[0].platforms = []
            requests[1].platforms = [11]
            requests[2].userIDs = ["a", "a"]
            requests[3].userIDs = ["a:b"]
            requests[4].userIDs = [""]
            for request in requests {
                let error = try request.failure()
                if case .badRequest = error { continue }
                Issue.record("\(error)")
            }
        }
    }
}

extension Enrollment.Request {
    /// All that could be shown of an error.
    fileprivate func description(of error: EnrollmentError) -> String {
        "\(error) \(String(reflecting: error))"
    }
}
