internal import LoadPlan

/// The calls of OpenIM's REST API that are made here.
package enum APICall: String, Sendable {
    case adminToken = "fetching an admin token"
    case register = "registering accounts"
    case userToken = "fetching a token"
    case accountCheck = "asking which accounts exist"
    case onlineStatus = "asking who is online"
}

extension APIFailure {
    /// What to check next when `call` has failed so.
    package func advice(for call: APICall) -> String {
        switch self {
        case .badAddress: "write http://HOST:PORT, usually port 10002"
        case .unreachable:
            "check host and port of the API (10002 unless configured otherwise; --openim-api says it) and that openim-api "
                + "runs"
        case .secureConnection: "check the certificate, or write http:// if the API has no TLS"
        case .timeout: "openim-api or a service behind it is stuck or overloaded: look at its log"
        case .cutShort: "openim-api may have crashed, or something else listens there"
        case .notJSON(let status, _):
            status == 404
                ? "nothing has this path: is it the API's address, not the gateway's or a web server's, and the right version?"
                : "a proxy or another server answers instead of openim-api: check the address and the proxy's upstream"
        case .unexpected: "is it OpenIM 3.5 to 3.8 that answers?"
        case .cancelled: "start it again: what was fetched is kept"
        case .refused(let code, _, _): Self.advice(code: code, call)
        }
    }

    private static func advice(code: Int, _ call: APICall) -> String {
        switch code {
        case 1001 where call == .adminToken:
            "the admin's user ID is none of the server's (imAdminUserID, manager.userID), or the secret is wrong"
        case 1001 where call == .register:
            "an account's ID is not allowed: no ':' in any version, and letters, digits and _ only in 3.8"
        case 1001: "the server finds an argument missing or wrong: does the version fit?"
        case 1002 where call == .adminToken:
            "the secret is wrong: it is `secret` in the server's config (share.yml in 3.8)"
        case 1002 where call == .userToken:
            "the secret is wrong, or the account is an admin's, or platform 10, which the server refuses"
        case 1002: "the secret is wrong, or the admin token is not accepted: it is `secret` in the server's config"
        case 1004, 1101: "the account does not exist on the server: was its database emptied?"
        case _ where APIFailure.isOfAGateway(code):
            "this is the gateway's address; the API has another port, 10002 by default"
        case 1501...1507:
            "the server does not accept the admin token: is the version right, and the clock of both machines?"
        case 4, 13, 14:
            "a service behind the API does not answer (auth, user, msg): see which of them runs, and its log"
        case 500:
            "a service behind the API fails: see the logs of openim-api, auth and user; Redis or the database may be down"
        case 90002, 90004, 90007: "the server's database or network fails: see its log"
        default: "see the log of openim-api"
        }
    }
}
