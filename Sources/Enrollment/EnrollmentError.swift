/// Why accounts or tokens could not be had: what happened, and what to do about it. Holds no secret and no token.
package enum EnrollmentError: Error, Equatable, Sendable {
    /// The request itself makes no sense.
    case badRequest(String)
    /// A call has failed for good.
    case api(String, APICall, APIFailure)
    /// As `api`, for accounts that are named.
    case account(String, APICall, APIFailure)
    case cache(String, what: String)
    case tokenFile(String, what: String)
    /// The first few are named.
    case missingTokens(String, count: Int, of: Int, first: [String])
    case cancelled

    /// The API could not be reached at all, rather than answered something unwelcome.
    package var isUnreachable: Bool {
        switch self {
        case .api(_, _, let failure), .account(_, _, let failure):
            switch failure {
            case .unreachable, .timeout, .cutShort, .secureConnection: true
            case .badAddress, .notJSON, .unexpected, .refused, .cancelled: false
            }
        case .badRequest, .cache, .tokenFile, .missingTokens, .cancelled: false
        }
    }
}

extension EnrollmentError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badRequest(let what): what
        case .api(let api, let call, let failure):
            "\(call.rawValue) from \(api) failed: \(failure): \(failure.advice(for: call))"
        case .account(let account, let call, let failure):
            "\(call.rawValue) failed at account \(account): \(failure): \(failure.advice(for: call))"
        case .cache(let path, let what):
            "the cache of tokens \(path) cannot be used: \(what); delete it to fetch all tokens anew"
        case .tokenFile(let path, let what): "the token file \(path) cannot be used: \(what)"
        case .missingTokens(let path, let count, let total, let first):
            "the token file \(path) lacks \(count) of \(total) tokens: "
                + first.joined(separator: ", ") + (count > first.count ? ", …" : "")
        case .cancelled: "enrollment was interrupted; the tokens fetched so far are kept"
        }
    }
}
