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
