package import Dialects
package import LoadPlan

/// Gets the accounts of a run registered and their tokens fetched, before anything connects.
package enum Enrollment {
    package struct Request: Sendable {
        /// `http://HOST:PORT`, without a slash at its end.
        package var api: String
        package var plan: OpenIMPlan
        /// Each account once.
        package var userIDs: [String]
        /// One token for each account and each of these.
        package var platforms: [Int]
        /// CSV of credentials: read first, so that what is there is not fetched again, and written while they come, 0600.
        package var cache: String
        /// Requests at once.
        package var parallel: Int

        package init(
            api: String, plan: OpenIMPlan, userIDs: [String], platforms: [Int], cache: String, parallel: Int = 16
        ) {
            self.api = api
            self.plan = plan
            self.userIDs = userIDs
            self.platforms = platforms
            self.cache = cache
            self.parallel = parallel
        }
    }

    /// How far it is.
    package struct Progress: Equatable, Sendable {
        package enum Part: String, Sendable {
            case probing, registering
            case fetchingTokens = "fetching tokens"
        }

        package var part: Part
        package var done: Int
        package var total: Int
    }

    package struct Result: Sendable {
        package var version: OpenIMPlan.Version
        package var credentials: [Credential]
        package var registered: Int
        /// Accounts that were there before.
        package var alreadyRegistered: Int
        package var tokensFetched: Int
        package var tokensCached: Int
        package var retries: Int
        package var registerS: Double
        package var tokensS: Double
    }
}
