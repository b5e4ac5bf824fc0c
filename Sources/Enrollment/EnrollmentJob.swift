internal import Dialects
internal import Glibc
internal import LoadPlan
internal import Synchronization

/// One enrollment against an API: finds the version, registers who is not known, fetches what is not cached.
final class EnrollmentJob: Sendable {
    private let request: Enrollment.Request
    private let limits: Enrollment.Limits
    private let cache: CredentialCache
    private let client: APIClient
    private let state: Mutex<State>

    private struct State {
        var progress = Enrollment.Progress(part: .probing, done: 0, total: 1)
        var credentials: [Login: Credential]
        var tally = Registration.Tally()
        var tokensFetched = 0
    }

    init(_ request: Enrollment.Request, _ limits: Enrollment.Limits) throws(EnrollmentError) {
        self.request = request
        self.limits = limits
        let cache = try CredentialCache(path: request.cache)
        let nowS = Double(time(nil))
        let usable = cache.found.filter {
            TokenExpiry.isUsable($0.value.token, nowS: nowS, margin: limits.expiryMargin)
        }
        self.cache = cache
        state = Mutex(State(credentials: usable))
        do {
            client = try APIClient(api: request.api, secrets: [request.plan.secret], limits: limits.api)
        } catch {
            throw .api(request.api, .adminToken, error)
        }
    }

    var progress: Enrollment.Progress { state.withLock { $0.progress } }

    func run() async -> Result<Enrollment.Result, EnrollmentError> {
        let outcome: Result<Enrollment.Result, EnrollmentError>
        do throws(EnrollmentError) {
            outcome = .success(try await enroll())
        } catch {
            outcome = .failure(error)
        }
        await client.shutdown()
        cache.release()
        return outcome
    }

    private func enroll() async throws(EnrollmentError) -> Enrollment.Result {
        let cached = state.withLock { $0.credentials }
        let missing = request.userIDs.compactMap { userID -> AccountLogins? in
            let platforms = request.platforms.filter { cached[Login(userID: userID, platformID: $0)] == nil }
            return platforms.isEmpty ? nil : AccountLogins(userID: userID, platforms: platforms)
        }
        let api = try await find()
        let clock = ContinuousClock()
        let begin = clock.now
        try await register(missing.map(\.userID), api)
        let registered = clock.now
        try await fetch(missing, api)
        let end = clock.now
        return state.withLock { state in
            let credentials = request.userIDs.flatMap { userID in
                request.platforms.compactMap { state.credentials[Login(userID: userID, platformID: $0)] }
            }
            return Enrollment.Result(
                version: api.version, credentials: credentials, registered: state.tally.registered,
                alreadyRegistered: state.tally.alreadyRegistered + request.userIDs.count - missing.count,
                tokensFetched: state.tokensFetched, tokensCached: credentials.count - state.tokensFetched,
                retries: client.retries, registerS: (registered - begin) / .seconds(1),
                tokensS: (end - registered) / .seconds(1))
        }
    }

    private func find() async throws(EnrollmentError) -> OpenIMAPI {
        do throws(APIFailure) {
            return try await OpenIMAPI.find(request.plan, client)
        } catch {
            throw failed(.adminToken, error)
        }
    }

    private func register(_ userIDs: [String], _ api: OpenIMAPI) async throws(EnrollmentError) {
        begin(.registering, total: userIDs.count)
        let batches = stride(from: 0, to: userIDs.count, by: max(limits.batch, 1)).map {
            Array(userIDs[$0..<min($0 + max(limits.batch, 1), userIDs.count)])
        }
        if api.version == .v3_8_3, !batches.isEmpty {
            // A wrong secret shows here, once, and under its name.
            do throws(APIFailure) { _ = try await api.adminToken() } catch { throw failed(.adminToken, error) }
        }
        let registration = Registration(api)
        try await ConcurrentWork.forEach(batches, limit: limits.api.connections) {
            [self] batch -> Result<Void, EnrollmentError> in
            do throws(APIFailure) {
                let tally = try await registration.register(batch)
                state.withLock { state in
                    state.tally = state.tally + tally
                    state.progress.done += batch.count
                }
                return .success(())
            } catch {
                return .failure(failed(.register, error, account: batch.first { !Self.isPlain($0) }))
            }
        }
    }

    private func fetch(_ missing: [AccountLogins], _ api: OpenIMAPI) async throws(EnrollmentError) {
        begin(.fetchingTokens, total: missing.reduce(0) { $0 + $1.platforms.count })
        try await ConcurrentWork.forEach(missing, limit: limits.api.connections) {
            [self] account -> Result<Void, EnrollmentError> in
            do throws(EnrollmentError) {
                // One after the other: what 3.8 does to an account's other tokens it must not do twice at once.
                for platform in account.platforms { try await fetch(account.userID, platform, api) }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
    }

    private func fetch(_ userID: String, _ platform: Int, _ api: OpenIMAPI) async throws(EnrollmentError) {
        let token: String
        do throws(APIFailure) {
            token = try await api.userToken(userID, platformID: platform)
        } catch {
            throw failed(.userToken, error, account: userID)
        }
        let credential = Credential(userID: userID, platformID: platform, token: token)
        try cache.append(credential)
        state.withLock { state in
            state.credentials[Login(userID: userID, platformID: platform)] = credential
            state.tokensFetched += 1
            state.progress.done += 1
        }
    }

    private func begin(_ part: Enrollment.Progress.Part, total: Int) {
        state.withLock { $0.progress = Enrollment.Progress(part: part, done: 0, total: total) }
    }

    private func failed(_ call: APICall, _ failure: APIFailure, account: String? = nil) -> EnrollmentError {
        if failure == .cancelled { return .cancelled }
        if let account, case .refused = failure { return .account(account, call, failure) }
        return .api(request.api, call, failure)
    }

    /// What all versions allow as an account's ID.
    private static func isPlain(_ userID: String) -> Bool {
        userID.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}

/// The platforms of an account whose tokens are not there yet.
private struct AccountLogins: Sendable {
    var userID: String
    var platforms: [Int]
}
