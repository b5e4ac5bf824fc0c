internal import LoadPlan

/// The admin's token: fetched when it is first needed, once, however many calls wait for it.
actor AdminToken {
    private let version: OpenIMPlan.Version
    private let plan: OpenIMPlan
    private let client: APIClient
    private let known: String?
    private var fetching: Task<Result<String, APIFailure>, Never>?

    /// Admin accounts of the configuration files as they are shipped.
    static func defaultID(_ version: OpenIMPlan.Version) -> String {
        version == .v3_5_1 ? "openIMAdmin" : "imAdmin"
    }

    init(_ version: OpenIMPlan.Version, _ plan: OpenIMPlan, _ client: APIClient, token: String?) {
        self.version = version
        self.plan = plan
        self.client = client
        known = token
    }

    func value() async throws(APIFailure) -> String {
        if let known { return known }
        if let fetching { return try await fetching.value.get() }
        let (version, plan, client) = (version, plan, client)
        let task = Task(executorPreference: WorkExecutor.shared) { () async -> Result<String, APIFailure> in
            do throws(APIFailure) {
                return .success(
                    version == .v3_5_1
                        ? try await Self.fetchFromOlder(plan, client) : try await Self.fetchFromNewer(plan, client))
            } catch {
                return .failure(error)
            }
        }
        fetching = task
        return try await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }.get()
    }

    /// From 3.8.1 and later.
    static func fetchFromNewer(_ plan: OpenIMPlan, _ client: APIClient) async throws(APIFailure) -> String {
        let request = AdminTokenRequest(secret: plan.secret, userID: plan.adminID ?? defaultID(.v3_8_3))
        return try await client.call("/auth/get_admin_token", request, as: TokenAnswer.self).checked()
    }

    /// From 3.5 to 3.8.0; platform 10 is the admin's.
    static func fetchFromOlder(_ plan: OpenIMPlan, _ client: APIClient) async throws(APIFailure) -> String {
        let request = TokenRequest(secret: plan.secret, platformID: 10, userID: plan.adminID ?? defaultID(.v3_5_1))
        return try await client.call("/auth/user_token", request, as: TokenAnswer.self).checked()
    }
}
