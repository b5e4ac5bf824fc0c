/// Bodies of the calls; keys are OpenIM's. What is nil is left out.
struct AdminTokenRequest: Encodable {
    var secret: String
    var userID: String
}

struct TokenRequest: Encodable {
    /// 3.5.1 only.
    var secret: String?
    var platformID: Int
    var userID: String
}

struct TokenAnswer: Decodable {
    var token: String

    func checked() throws(APIFailure) -> String {
        let isUsable = !token.isEmpty && token.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard isUsable else { throw .unexpected(what: "the token in the answer is empty or no text for a URL") }
        return token
    }
}

struct RegisterRequest: Encodable {
    struct User: Encodable {
        var userID: String
        var nickname: String
    }

    /// 3.5.1 only.
    var secret: String?
    var users: [User]
}

struct AccountCheckRequest: Encodable {
    var checkUserIDs: [String]
}

struct AccountCheckAnswer: Decodable {
    struct Account: Decodable {
        var userID: String
        var accountStatus: OpenIMStatus

        var exists: Bool { accountStatus == .number(1) || accountStatus == .word("registered") }
    }

    var results: [Account]?
}

struct OnlineStatusRequest: Encodable {
    var userIDs: [String]
}

struct OnlineStatus: Decodable {
    var userID: String
    var status: OpenIMStatus?

    var isOnline: Bool { status == .number(1) || status == .word("online") }
}

/// What 3.5.1 says with a word, 3.8 says with a number.
enum OpenIMStatus: Decodable, Equatable {
    case word(String)
    case number(Int)

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {
            self = .number(number)
        } else {
            self = .word(try container.decode(String.self))
        }
    }
}
