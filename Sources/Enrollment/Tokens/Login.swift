/// What a token is for.
struct Login: Hashable, Sendable {
    var userID: String
    var platformID: Int
}
