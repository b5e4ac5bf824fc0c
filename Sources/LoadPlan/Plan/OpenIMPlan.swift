/// How a run speaks OpenIM, and where its accounts come from.
package struct OpenIMPlan: Codable, Equatable, Sendable {
    /// Whose behaviour is expected; what lies between them behaves like one or the other.
    package enum Version: String, Codable, CaseIterable, Sendable {
        // swift-format-ignore: AlwaysUseLowerCamelCase
        case v3_5_1 = "3.5.1"
        // swift-format-ignore: AlwaysUseLowerCamelCase
        case v3_8_3 = "3.8.3"
    }

    /// How requests and answers are written (query parameter `sdkType`).
    package enum Encoding: String, Codable, CaseIterable, Sendable {
        case gob
        /// Understood by 3.8 only.
        case json
    }

    /// How a client pings.
    package enum Ping: String, Codable, CaseIterable, Sendable {
        /// A PING frame.
        case frame
        /// A text message `{"type":"ping"}`, as browsers must; understood by 3.8 only.
        case text
    }

    /// Where the accounts' tokens come from.
    package enum Tokens: Codable, Equatable, Sendable {
        /// From the API, once for each account and platform; accounts that are not there yet are registered.
        case fetch
        /// From a file: CSV `userID,platformID,token` or NDJSON with these keys.
        case file(String)
        /// Made from the secret, for deployments that accept tokens that they have not issued.
        case mint
    }

    /// `http://HOST:PORT` or `https://…`, without a slash at its end; nil: the bundled gateway's.
    package var api: String?
    /// nil: asked of the API; of the bundled gateway 3.8.3.
    package var version: Version?
    package var secret: String
    /// Who may register accounts and, in 3.8, fetch their tokens; nil: the version's own.
    package var adminID: String?
    /// The platforms of login 0, 1, … of each account, in turn; never empty.
    ///
    /// 1 to 9 (1 iOS, 2 Android, 3 Windows, 4 OSX, 5 Web, 6 MiniWeb, 7 Linux, 8 Android pad, 9 iPad).
    package var platforms: [Int]
    package var encoding: Encoding
    /// gzip of whole frames in both directions.
    package var compression: Bool
    /// The server says in a first text message whether the login was accepted (query parameter `isMsgResp`).
    package var firstResponse: Bool
    package var ping: Ping
    package var tokens: Tokens

    package init(
        api: String? = nil, version: Version? = nil, secret: String = OpenIMPlan.defaultSecret,
        adminID: String? = nil, platforms: [Int] = [2], encoding: Encoding = .gob, compression: Bool = false,
        firstResponse: Bool = false, ping: Ping = .frame, tokens: Tokens = .fetch
    ) {
        self.api = api
        self.version = version
        self.secret = secret
        self.adminID = adminID
        self.platforms = platforms
        self.encoding = encoding
        self.compression = compression
        self.firstResponse = firstResponse
        self.ping = ping
        self.tokens = tokens
    }

    /// That of OpenIM's own configuration files.
    package static let defaultSecret = "openIM123"

    /// The platform of an account's login.
    package func platform(ofLogin login: Int) -> Int { platforms[login % platforms.count] }
}
