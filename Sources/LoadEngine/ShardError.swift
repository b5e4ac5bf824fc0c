package import Dialects
internal import Glibc

/// Why a shard cannot begin.
package enum ShardError: Error, CustomStringConvertible {
    case noPlan
    /// Not a numeric address, where the controller should have resolved one.
    case invalidAddress(String)
    case credentialsUnreadable(path: String, errno: Int32)
    case credentialsInvalid(path: String, CredentialProblem)
    /// The accounts log in with tokens, and no file with them was named.
    case noCredentials
    /// The file with the tokens has none for this login.
    case noToken(userID: String, platform: Int)

    package var description: String {
        switch self {
        case .noPlan:
            "a shard is started by `gatecrash run`: it expects its plan as one line of JSON on standard input"
        case .invalidAddress(let text): "'\(text)' is no numeric address"
        case .credentialsUnreadable(let path, let errno):
            "the accounts' tokens cannot be read from \(path): \(String(cString: strerror(errno)))"
        case .credentialsInvalid(let path, let problem): "\(path): \(problem)"
        case .noCredentials: "the accounts log in with tokens, and no file with them was named"
        case .noToken(let userID, let platform): "there is no token for user '\(userID)' on platform \(platform)"
        }
    }
}
