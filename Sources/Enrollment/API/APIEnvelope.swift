internal import Foundation

/// What every answer of the API is wrapped in: `{"errCode":0,"errMsg":"","errDlt":"","data":…}`.
struct APIEnvelope: Decodable {
    var errCode: Int
    var errMsg: String?
    var errDlt: String?

    /// The answer's data, or why there is none.
    ///
    /// - Parameter status: of HTTP; the envelope counts whatever it is.
    static func open<Answer: Decodable>(
        _ body: [UInt8], status: Int, as type: Answer.Type, _ redaction: Redaction
    ) throws(APIFailure) -> Answer {
        let decoder = JSONDecoder()
        guard let envelope = try? decoder.decode(APIEnvelope.self, from: Data(body)) else {
            throw .notJSON(status: status, excerpt: redaction.excerpt(body))
        }
        guard envelope.errCode == 0 else {
            throw .refused(
                code: envelope.errCode, message: redaction.text(envelope.errMsg ?? ""),
                detail: redaction.text(envelope.errDlt ?? ""))
        }
        if let nothing = NoData() as? Answer { return nothing }
        guard let data = (try? decoder.decode(APIData<Answer>.self, from: Data(body)))?.data else {
            throw .unexpected(what: "the answer lacks what was asked for, or has it in another form")
        }
        return data
    }
}

/// The answer of calls that bring nothing.
struct NoData: Decodable {}

private struct APIData<Answer: Decodable>: Decodable {
    var data: Answer
}
