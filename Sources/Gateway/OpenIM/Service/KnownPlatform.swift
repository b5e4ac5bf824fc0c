/// The platforms that OpenIM numbers (`constant`, openimsdk/protocol).
enum KnownPlatform: Int32, CaseIterable {
    case iOS = 1
    case android
    case windows
    case osx
    case web
    case miniWeb
    case linux
    case androidPad
    case iPad
    case admin

    var name: String {
        switch self {
        case .iOS: "IOS"
        case .android: "Android"
        case .windows: "Windows"
        case .osx: "OSX"
        case .web: "Web"
        case .miniWeb: "MiniWeb"
        case .linux: "Linux"
        case .androidPad: "APad"
        case .iPad: "IPad"
        case .admin: "Admin"
        }
    }

    /// Of the class PC.
    var isComputer: Bool {
        switch self {
        case .windows, .osx, .linux: true
        default: false
        }
    }

    /// Of a number; an unknown one has no name.
    static func name(_ number: Int32) -> String {
        KnownPlatform(rawValue: number)?.name ?? ""
    }
}
