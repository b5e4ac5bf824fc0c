package import LoadPlan

/// OpenIM's REST API as accounts and tokens need it, in both versions (open-im-server 3.5.1 and 3.8.3, internal/api).
package struct OpenIMAPI: Sendable {
    package let version: OpenIMPlan.Version
    private let client: APIClient
    private let secret: String
    private let admin: AdminToken

    /// Finds out which version answers at `client`'s address, unless `plan` says it.
    ///
    /// `/auth/get_admin_token` came with 3.8.1. Routers before it answer 404, as any web server does; that of 3.8.0 misses
    /// a token first (1001). So whatever does not know the call must know the older one to count as an API: versions up to
    /// 3.8.0 register and issue tokens as 3.5.1 does (open-im-server, internal/api, internal/rpc/auth and user).
    package static func find(_ plan: OpenIMPlan, _ client: APIClient) async throws(APIFailure) -> OpenIMAPI {
        if let version = plan.version { return OpenIMAPI(version, plan, client, token: nil) }
        let failure: APIFailure
        do throws(APIFailure) {
            let token = try await AdminToken.fetchFromNewer(plan, client)
            return OpenIMAPI(.v3_8_3, plan, client, token: token)
        } catch {
            failure = error
        }
        if failure.isNotFound { return try await findOlder(plan, client) }
        guard case .refused(let code, _, _) = failure, !APIFailure.isOfAGateway(code) else { throw failure }
        if code == APIFailure.badArguments, let older = try? await findOlder(plan, client) { return older }
        // It knows the call, although it did not like ours: that is told when the token is needed.
        return OpenIMAPI(.v3_8_3, plan, client, token: nil)
    }

    private static func findOlder(_ plan: OpenIMPlan, _ client: APIClient) async throws(APIFailure) -> OpenIMAPI {
        do throws(APIFailure) {
            return OpenIMAPI(.v3_5_1, plan, client, token: try await AdminToken.fetchFromOlder(plan, client))
        } catch {
            // Of a refusal the same holds; but 1001 is also what 3.8.3 says to the older call, for it comes without a token.
            guard case .refused(let code, _, _) = error, code != APIFailure.badArguments, !APIFailure.isOfAGateway(code)
            else { throw error }
            return OpenIMAPI(.v3_5_1, plan, client, token: nil)
        }
    }

    private init(_ version: OpenIMPlan.Version, _ plan: OpenIMPlan, _ client: APIClient, token: String?) {
        self.version = version
        self.client = client
        secret = plan.secret
        admin = AdminToken(version, plan, client, token: token)
    }

    /// What 3.8 wants for nearly every call, and 3.5.1 for a few.
    package func adminToken() async throws(APIFailure) -> String {
        try await admin.value()
    }

    /// Registers accounts, all or none; 1102: one of them exists.
    package func register(_ userIDs: [String]) async throws(APIFailure) {
        let users = userIDs.map { RegisterRequest.User(userID: $0, nickname: $0) }
        switch version {
        case .v3_5_1:
            _ = try await client.call(
                "/user/user_register", RegisterRequest(secret: secret, users: users), as: NoData.self)
        case .v3_8_3:
            _ = try await client.call(
                "/user/user_register", RegisterRequest(secret: nil, users: users), token: try await adminToken(),
                as: NoData.self)
        }
    }

    /// Those of `userIDs` that exist.
    package func existing(of userIDs: [String]) async throws(APIFailure) -> Set<String> {
        let answer = try await client.call(
            "/user/account_check", AccountCheckRequest(checkUserIDs: userIDs), token: try await adminToken(),
            as: AccountCheckAnswer.self)
        return Set((answer.results ?? []).filter(\.exists).map(\.userID))
    }

    /// A token for one login; in 3.8 the earlier ones of this account and platform are worth nothing from then on.
    package func userToken(_ userID: String, platformID: Int) async throws(APIFailure) -> String {
        switch version {
        case .v3_5_1:
            try await client.call(
                "/auth/user_token", TokenRequest(secret: secret, platformID: platformID, userID: userID),
                as: TokenAnswer.self
            ).checked()
        case .v3_8_3:
            try await client.call(
                "/auth/get_user_token", TokenRequest(secret: nil, platformID: platformID, userID: userID),
                token: try await adminToken(), as: TokenAnswer.self
            ).checked()
        }
    }

    /// Those of `userIDs` that some gateway has registered as connected: asks the gateways themselves.
    package func online(of userIDs: [String]) async throws(APIFailure) -> Set<String> {
        let answer = try await client.call(
            "/user/get_users_online_status", OnlineStatusRequest(userIDs: userIDs), token: try await adminToken(),
            as: [OnlineStatus].self)
        return Set(answer.filter(\.isOnline).map(\.userID))
    }
}
