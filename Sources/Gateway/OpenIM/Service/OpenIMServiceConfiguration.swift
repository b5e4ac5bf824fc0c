/// What the message service needs to be the services behind OpenIM's gateways: API, auth, user, msg and push in one.
///
/// The defaults are those that open-im-server 3.5.1 and 3.8.3 ship with. Friends are not verified, as there: who is
/// registered may write to anybody who is.
package struct OpenIMServiceConfiguration: Equatable, Sendable {
    package var version = OpenIMVersion.v3_8_3
    /// Signs tokens, and is what registration and tokens are asked for with.
    package var secret = "openIM123"
    /// Accounts that exist from the start and may do what only administrators may; empty: those that the version has.
    package var adminUserIDs: [String] = []
    /// Where the REST API listens.
    package var restHost = "127.0.0.1"
    /// 0: the kernel chooses.
    package var restPort = 0
    /// What a new token does to the older ones (3.8.3 only), as what a new connection does to others.
    package var loginPolicy = OpenIMLoginPolicy.kickSamePlatform
    /// With the policy `keepAll`, how many tokens of a user and platform stay good (`maxNumOneEnd`, 3.8.3 only).
    package var tokensPerPlatform = 30
    package var tokenLife = Duration.seconds(90 * 86_400)
    /// What each call of a gateway or of the REST API waits for besides, as for a database.
    package var callTime = Duration.zero
    /// 3.8.3's push takes a user for offline until this long after the login: its gateways report logins in batches, once
    /// a second.
    package var onlineReportDelay = Duration.zero
    /// Messages are kept for pulling up to so many bytes; beyond, the oldest go first.
    package var keptMessageBytes = 8 << 20

    package init() {}

    /// Those configured, or what the version ships with (`manager.userID`, `imAdminUserID`).
    var admins: [String] {
        guard adminUserIDs.isEmpty else { return adminUserIDs }
        return switch version {
        case .v3_5_1: ["openIM123456", "openIM654321", "openIMAdmin"]
        case .v3_8_3: ["imAdmin"]
        }
    }

    func validate() throws(GatewayError) {
        func require(_ holds: Bool, _ field: String, _ expected: String) throws(GatewayError) {
            guard holds else { throw .configuration(field: "openIM.\(field)", expected: expected) }
        }
        let hour = Duration.seconds(3600)
        try require(!secret.isEmpty, "secret", "a secret that is not empty")
        try require(adminUserIDs.allSatisfy { !$0.isEmpty }, "adminUserIDs", "user IDs that are not empty")
        try require(!restHost.isEmpty, "restHost", "an address or a host name")
        try require((0...65535).contains(restPort), "restPort", "a port from 0 to 65535")
        try require((1...1_000_000).contains(tokensPerPlatform), "tokensPerPlatform", "1 to 1000000 tokens")
        try require(
            (.seconds(1)...hour * 24 * 3650).contains(tokenLife), "tokenLife", "a second to ten years")
        try require((.zero...hour).contains(callTime), "callTime", "0s to 1h")
        try require((.zero...hour).contains(onlineReportDelay), "onlineReportDelay", "0s to 1h")
        try require((0...1 << 40).contains(keptMessageBytes), "keptMessageBytes", "0 to \(1 << 40) bytes")
    }
}
