/// Tokens: given, checked, taken away.
extension OpenIMService {
    private var tokenLifeSeconds: Int64 { configuration.tokenLife.components.seconds }

    /// A token of a user, as the version's policy has it.
    func giveToken(_ userID: String, platform: Int32) throws(OpenIMError) -> String {
        guard users.isRegistered(userID) else { throw .userNotFound(userID) }
        let text = newToken(userID, platform)
        tokens.add(text, .init(userID: userID, platform: platform), keeping: tokensKept(platform))
        return text
    }

    /// 3.8.3's administrator's token needs no record.
    func giveAdminToken(_ userID: String) -> String {
        newToken(userID, KnownPlatform.admin.rawValue)
    }

    private func newToken(_ userID: String, _ platform: Int32) -> String {
        let now = WallClock.seconds
        return AccessToken(userID: userID, platform: platform, expires: now + tokenLifeSeconds, issued: now)
            .text(version, signedBy: key)
    }

    /// How many of the user's older tokens of the same platform stay good.
    ///
    /// 3.8.3 means to take tokens of other platforms too, but marks them under the new token's platform, where no check
    /// looks (`CreateToken`, pkg/common/storage/controller).
    private func tokensKept(_ platform: Int32) -> Int {
        guard version == .v3_8_3 else { return .max }
        return switch configuration.loginPolicy {
        case .keepAll: configuration.tokensPerPlatform - 1
        case .kickSamePlatform, .kickSameClass: 0
        case .computerAndOther: KnownPlatform(rawValue: platform)?.isComputer == true ? .max : 0
        }
    }

    /// Whose token it is.
    func check(token text: String) throws(OpenIMError) -> AccessToken {
        let token = try AccessToken(text, version, signedBy: key, now: WallClock.seconds)
        if version == .v3_8_3, users.isAdmin(token.userID) { return token }
        switch tokens.status(of: text, .init(userID: token.userID, platform: token.platform)) {
        case .normal: return token
        case .kicked: throw .tokenKicked
        case nil: throw .tokenNotExist
        }
    }

    /// Ends the user's connections of a platform at all gateways; with 3.8.3 its tokens too.
    func forceLogout(_ userID: String, platform: Int32) async {
        if version == .v3_8_3 { tokens.kick(.init(userID: userID, platform: platform)) }
        _ = await gateways.ask(.kick(user: userID, platform: platform))
    }
}
