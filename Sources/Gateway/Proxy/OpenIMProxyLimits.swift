internal import NIOHTTP1

/// Where openim-msggateway-proxy ends a connection. Figures: its tag v3.5.0.
package struct OpenIMProxyLimits: Equatable, Sendable {
    /// Of more clients each gets its 101 and is closed.
    package var connectionLimit = 10_000
    /// Of a request's line and header fields: what is configured, and the slack that Go adds.
    package var maxHeaderBytes = 1024 + 4096
    package var maxMessageBytes = 5_000_000
    /// Messages of a client that wait for its gateway's connection.
    package var maxWaitingForUpstream = 10
    /// Messages on their way to the gateway: those that wait, and those of the writer.
    package var maxToUpstream = 10 + 100
    /// Messages on their way to the client.
    package var maxToClient = 1000

    package init() {}

    func validate() throws(GatewayError) {
        let figures = [
            connectionLimit, maxHeaderBytes, maxMessageBytes, maxWaitingForUpstream, maxToUpstream, maxToClient,
        ]
        guard figures.allSatisfy((1...Int(Int32.max)).contains) else {
            throw .configuration(field: "openIM", expected: "limits from 1 to 2147483647")
        }
    }

    /// What is answered instead of 101; nil: nothing.
    func refusal(of head: HTTPRequestHead) -> UpgradeRequest.Refusal? {
        guard head.method == .GET else {
            return UpgradeRequest.Refusal(status: .methodNotAllowed, hint: "only GET")
        }
        let bytes = head.headers.reduce(head.uri.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        guard bytes <= maxHeaderBytes else {
            return UpgradeRequest.Refusal(
                status: .requestHeaderFieldsTooLarge, hint: "the request's head is longer than \(maxHeaderBytes) bytes")
        }
        return nil
    }

    /// Whose gateway is chosen: `sendID`.
    static func account(of head: HTTPRequestHead) -> AccountQuery {
        guard let user = OpenIMQuery.fields(of: head.uri)["sendID"], !user.isEmpty else { return .absent }
        return .account(user)
    }
}
