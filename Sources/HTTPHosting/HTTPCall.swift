/// A request to an HTTP server.
package struct HTTPCall: Equatable, Sendable {
    /// `GET`, `POST`.
    package var method: String
    /// Without the query.
    package var path: String
    /// By name in lower case; of several of a name, the last.
    package var headers: [String: String]
    package var body: [UInt8]

    package init(method: String, path: String, headers: [String: String] = [:], body: [UInt8] = []) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
    }
}

package struct HTTPReply: Equatable, Sendable {
    package var status: Int
    package var contentType: String
    package var body: [UInt8]

    package init(status: Int = 200, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}
