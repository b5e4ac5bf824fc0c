/// What to check when a gateway refuses a handshake.
enum RefusalWords {
    /// - Parameter code: `errCode` in the JSON that came with HTTP 200.
    static func advice(_ code: Int) -> String {
        switch code {
        case 1501: "the token has expired: are the clocks of API and gateway right?"
        case 1502: "the token is of another user or platform than the query says: does something rewrite the query?"
        case 1503: "the token arrived mangled: does a proxy cut or re-encode the query?"
        case 1504: "the token is not valid yet: the clocks of API and gateway differ"
        case 1505: "the token's signature is wrong: gateway and API have different secrets"
        case 1506:
            "the token was kicked: somebody else logged in with this account and platform, or fetched a token for it"
        case 1507:
            "the gateway does not know the token: API and gateway use different Redis databases, or Redis was emptied"
        case 1601: "the gateway has as many connections as it is allowed (websocketMaxConnNum), or counts dead ones"
        case 1602: "an argument of the query is missing: does a proxy drop the query? does the version fit (sdkType)?"
        case 500: "the gateway fails: see its log; Redis may be down"
        case 4, 13, 14:
            "the auth service behind the gateway does not answer: see whether openim-rpc-auth runs, and its log"
        default: "see the gateway's log"
        }
    }

    /// - Parameter status: of HTTP, where a 101 was expected.
    static func advice(status: Int) -> String {
        switch status {
        case 200: "a web server answers, not the gateway: check host, port and path"
        case 301, 302, 307, 308:
            "the address redirects, which WebSocket clients do not follow: use the address it leads to"
        case 400:
            "the upgrade did not arrive: does the proxy pass Upgrade and Connection on (nginx: proxy_http_version 1.1, "
                + "proxy_set_header Upgrade $http_upgrade)? is it the API's port?"
        case 401, 403: "a proxy before the gateway wants credentials"
        case 404: "nothing has this path: is it the API's port, or a proxy without a route for it (/msg_gateway)?"
        case 429: "a proxy before the gateway limits connections"
        case 502, 504: "a proxy cannot reach the gateway: does it run, and is its upstream address right?"
        case 503: "a proxy has no gateway to pass it on to, or the gateway is overloaded"
        default: "see the logs of the gateway and of what stands before it"
        }
    }
}

/// What to check when a request on an open connection is answered with an error.
enum MessageErrorWords {
    /// - Parameter code: `errCode` of the answer, or a gRPC code (1 to 16).
    static func advice(_ code: Int64) -> String {
        switch code {
        case 3: "an argument is refused: does a proxy change the operationID?"
        case 4: "a backend service answers too slowly (DEADLINE_EXCEEDED): see openim-rpc-msg and its database"
        case 13, 500: "a backend service fails: see the log of openim-rpc-msg"
        case 14:
            "a backend service is down or not to be found (UNAVAILABLE): see which of openim-rpc-* run, and etcd or ZooKeeper"
        case 1001: "an argument is refused: does the version fit?"
        case 1002: "the account may not do this"
        case 1004: "the receiver is unknown to the server: was its database emptied, or is the user cache stale?"
        case 1302: "the receiver has blocked the sender"
        case 1303: "only friends may write to each other (friendVerify is on): switch it off, or test with friends"
        case 80000: "a webhook of the server refuses it"
        case 90002, 90004, 90007: "the server's database or network fails: see the log of openim-rpc-msg"
        default: "see the log of openim-rpc-msg"
        }
    }
}
