internal import Enrollment
internal import LoadPlan

extension Examination {
    mutating func findAPI(_ client: APIClient) -> Result {
        var unknown = plan
        unknown.version = nil
        let asked = unknown
        switch wait({ () async throws(APIFailure) in try await OpenIMAPI.find(asked, client) }) {
        case .success(let found):
            openIM = found
            let words = "\(api) speaks like OpenIM \(found.version.rawValue)"
            guard let version = plan.version, version != found.version else { return .ok(words) }
            return .failed(
                words + ", not like \(version.rawValue) as said", advice: "leave the version out, or correct it")
        case .failure(let failure):
            switch failure {
            case .unreachable, .timeout, .cutShort, .secureConnection, .badAddress: isUnreachable = true
            case .notJSON, .unexpected, .refused, .cancelled: break
            }
            return .failed("\(api): \(failure)", advice: failure.advice(for: .adminToken))
        }
    }

    mutating func fetchAdminToken() -> Result {
        guard let openIM else { return .skipped("the API did not answer") }
        switch wait({ () async throws(APIFailure) in try await openIM.adminToken() }) {
        case .success:
            hasAdminToken = true
            return .ok("given for \(plan.adminID ?? "the version's own admin"): the secret is right")
        case .failure(let failure): return .failed("\(failure)", advice: failure.advice(for: .adminToken))
        }
    }

    mutating func registerAccounts() -> Result {
        guard let openIM else { return .skipped("the API did not answer") }
        guard hasAdminToken || openIM.version == .v3_5_1 else { return .skipped("it takes an admin token") }
        switch wait({ () async throws(APIFailure) in try await openIM.registerMissing(OpenIMDoctor.accounts) }) {
        case .success(let registered):
            hasAccounts = true
            let names = OpenIMDoctor.accounts.joined(separator: ", ")
            return .ok(registered == 0 ? "\(names) are there from before" : "\(names): \(registered) registered")
        case .failure(let failure): return .failed("\(failure)", advice: failure.advice(for: .register))
        }
    }

    mutating func fetchTokens() -> Result {
        guard let openIM, hasAccounts else { return .skipped("there are no accounts") }
        let platform = platform
        for account in OpenIMDoctor.accounts {
            switch wait({ () async throws(APIFailure) in
                try await openIM.userToken(account, platformID: platform)
            }) {
            case .success(let token): tokens.append(token)
            case .failure(let failure):
                tokens = []
                return .failed("for \(account): \(failure)", advice: failure.advice(for: .userToken))
            }
        }
        return .ok("one for each account, platform \(platform)")
    }

    mutating func askWhoIsOnline() -> Result {
        guard let openIM, let gateway, isAdmitted else { return .skipped("nobody is connected") }
        guard hasAdminToken else { return .skipped("it takes an admin token") }
        let wanted = OpenIMDoctor.accounts
        let deadline = ContinuousClock.now + patience.answer
        while true {
            let missing: [String]
            switch wait({ () async throws(APIFailure) in try await openIM.online(of: wanted) }) {
            case .success(let online): missing = wanted.filter { !online.contains($0) }
            case .failure(let failure): return .failed("\(failure)", advice: failure.advice(for: .onlineStatus))
            }
            if missing.isEmpty { return .ok("the gateways report both accounts as connected") }
            guard ContinuousClock.now < deadline else {
                return .failed(
                    "connected and answered, but after \(patience.answer / .seconds(1)) s the gateways still report "
                        + "\(missing.joined(separator: ", ")) as offline: they will get no pushes",
                    advice:
                        "the gateway's registration loop is stuck or far behind (go_goroutines rising, online_user_num "
                        + "constant), or the API asks other gateways than the one connected to (service discovery)")
            }
            gateway.rest(.milliseconds(200))
        }
    }

    private func wait<Value: Sendable>(
        _ work: @escaping @Sendable () async throws(APIFailure) -> Value
    ) -> Swift.Result<Value, APIFailure> {
        BlockingWork.run {
            do throws(APIFailure) {
                return .success(try await work())
            } catch {
                return .failure(error)
            }
        }
    }
}
