extension Enrollment {
    /// How an enrollment goes about it.
    struct Limits: Sendable {
        var api: APILimits
        /// Accounts registered with one call; the server has no limit of its own.
        var batch = 100
        /// A cached token that ends sooner is fetched anew.
        var expiryMargin = Duration.seconds(3600)

        init(parallel: Int) {
            api = APILimits(connections: min(max(parallel, 1), 256))
        }
    }
}
