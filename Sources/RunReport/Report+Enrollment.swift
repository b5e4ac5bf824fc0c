extension Report {
    /// How the accounts were got ready before the run: registered, and their tokens fetched.
    package struct Enrollment: Codable, Equatable, Sendable {
        /// Without user info, query and fragment; absent when no API was asked.
        package var api: String?
        /// Whose API it is: as the profile says, or as it was found.
        package var version: String
        /// One for each account and platform.
        package var tokens: Int
        package var tokensFetched: Int
        package var accountsRegistered: Int
        /// They were there before.
        package var accountsKnown: Int
        /// Requests that were made again.
        package var retries: Int
        package var registerS: Double
        package var fetchTokensS: Double

        package init(
            api: String?, version: String, tokens: Int, tokensFetched: Int, accountsRegistered: Int,
            accountsKnown: Int, retries: Int, registerS: Double, fetchTokensS: Double
        ) {
            self.api = api
            self.version = version
            self.tokens = tokens
            self.tokensFetched = tokensFetched
            self.accountsRegistered = accountsRegistered
            self.accountsKnown = accountsKnown
            self.retries = retries
            self.registerS = registerS
            self.fetchTokensS = fetchTokensS
        }

        private enum CodingKeys: String, CodingKey {
            case api, version, tokens, tokensFetched = "tokens_fetched", accountsRegistered = "accounts_registered"
            case accountsKnown = "accounts_known", retries, registerS = "register_s", fetchTokensS = "fetch_tokens_s"
        }
    }
}
