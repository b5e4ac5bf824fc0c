/// What the REST API answers to POST.
enum RESTRoute: String, CaseIterable {
    case userToken = "/auth/user_token"
    case adminToken = "/auth/get_admin_token"
    case userTokenByAdmin = "/auth/get_user_token"
    case parseToken = "/auth/parse_token"
    case forceLogout = "/auth/force_logout"
    case register = "/user/user_register"
    case checkAccounts = "/user/account_check"
    case onlineStatus = "/user/get_users_online_status"
    case userStatus = "/user/get_users_status"
    case sendMessage = "/msg/send_msg"
    case newestSeq = "/msg/newest_seq"
    case pullMessages = "/msg/pull_msg_by_seq"

    func exists(in version: OpenIMVersion) -> Bool {
        switch self {
        case .userToken: version == .v3_5_1
        case .adminToken, .userTokenByAdmin: version == .v3_8_3
        default: true
        }
    }

    /// Answered without the header `token`.
    func isOpen(in version: OpenIMVersion) -> Bool {
        switch version {
        case .v3_5_1: [.register, .userToken, .parseToken].contains(self)
        case .v3_8_3: [.adminToken, .parseToken].contains(self)
        }
    }

    /// Only an administrator's token is good for it.
    func needsAdmin(in version: OpenIMVersion) -> Bool {
        switch self {
        case .forceLogout, .checkAccounts, .onlineStatus, .sendMessage, .userTokenByAdmin: true
        case .register: version == .v3_8_3
        case .userToken, .adminToken, .parseToken, .userStatus, .newestSeq, .pullMessages: false
        }
    }

    /// A body that is no such JSON is answered with 400.
    func bindsStrictly(in version: OpenIMVersion) -> Bool {
        version == .v3_5_1 || self == .sendMessage || self == .onlineStatus
    }
}
