/// Kinds of devices, by the numbers that clients give (`platformID`).
enum OpenIMPlatform {
    static let iOS: Int32 = 1
    static let web: Int32 = 5

    enum Class: String {
        case mobile = "Mobile"
        case computer = "PC"
        case web = "Web"
        case miniWeb = "MiniWeb"
        case tablet = "Pad"
        case admin = "Admin"
        /// Of numbers that nobody has given out.
        case none = ""
    }

    /// As 3.8 sorts them; policies that ask for another class than `computer` are its own.
    static func kind(of platform: Int32) -> Class {
        switch platform {
        case 1, 2: .mobile
        case 3, 4, 7: .computer
        case 5: .web
        case 6: .miniWeb
        case 8, 9: .tablet
        case 10: .admin
        default: .none
        }
    }
}

/// Whose place a login takes: that of sessions with the same `account`, if `policy` kicks.
struct OpenIMLoginRule: Equatable {
    var account: String
    var policy: LoginPolicy

    init(user: String, platform: Int32, _ configuration: OpenIMConfiguration) {
        account = "\(user)/\(platform)"
        switch configuration.loginPolicy {
        case .keepAll:
            policy = .allowAll
        case .kickSamePlatform:
            policy = .kickOlder
        case .kickSameClass:
            // 3.5.1 has the number, but does nothing.
            guard configuration.version == .v3_8_3 else {
                policy = .allowAll
                return
            }
            account = "\(user)/\(OpenIMPlatform.kind(of: platform).rawValue)"
            policy = .kickOlder
        case .computerAndOther:
            policy = OpenIMPlatform.kind(of: platform) == .computer ? .allowAll : .kickOlder
        }
    }
}
