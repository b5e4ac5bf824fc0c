internal import HTTPHosting

/// How OpenIM's API answers.
extension HTTPReply {
    private static let json = "application/json; charset=utf-8"

    /// gin's answer where nothing is.
    static let notFound = HTTPReply(status: 404, contentType: "text/plain", body: Array("404 page not found".utf8))

    /// The envelope, with `data` where there is some.
    static func success(_ data: JSONText?) -> HTTPReply {
        HTTPReply(contentType: json, body: envelope(code: 0, name: "", detail: "", data: data))
    }

    /// Errors come with 200 too.
    static func failure(_ error: OpenIMError, _ version: OpenIMVersion) -> HTTPReply {
        HTTPReply(
            contentType: json,
            body: envelope(code: error.code, name: error.name, detail: error.answeredDetail(version), data: nil))
    }

    /// gin's strict binding has sent 400 before the envelope is written, whose type Go then guesses.
    static func badBody(_ error: OpenIMError, _ version: OpenIMVersion) -> HTTPReply {
        var reply = failure(error, version)
        reply.status = 400
        reply.contentType = "text/plain; charset=utf-8"
        return reply
    }

    private static func envelope(code: Int32, name: String, detail: String, data: JSONText?) -> [UInt8] {
        var members: [(String, JSONText)] = [
            ("errCode", .number(Int64(code))), ("errMsg", .string(name)), ("errDlt", .string(detail)),
        ]
        if let data { members.append(("data", data)) }
        return JSONText.object(members).bytes
    }
}
