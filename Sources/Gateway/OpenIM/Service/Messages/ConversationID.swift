/// What OpenIM calls the places where messages are numbered (pkg/msgprocessor of open-im-server).
enum ConversationID {
    /// `si_` and both users, in order; `sn_` of the server's notifications likewise.
    static func ofTwo(_ left: String, _ right: String, isNotification: Bool = false) -> String {
        let users = [left, right].sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return (isNotification ? "sn_" : "si_") + users.joined(separator: "_")
    }

    static func isNotification(_ conversation: String) -> Bool {
        conversation.hasPrefix("n_")
    }
}
