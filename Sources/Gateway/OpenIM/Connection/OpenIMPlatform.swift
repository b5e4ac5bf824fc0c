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
