internal import Dialects
internal import LoadMetrics
internal import WebSocketWire

/// Opening handshakes that are answered with something other than 101.
extension Shard {
    /// The body is collected when it decides about the outcome, or when the report has room for an example of this status.
    mutating func refused(
        _ index: Int, _ response: UnsafeRawBufferPointer, status: Int, headBytes: Int, bodyBytes: Int?, _ now: Int64
    ) {
        let isWanted = mayExplain(status: status) || examples.wantsRefusal(status: status)
        guard isWanted, !examples.refusalIsComplete(response, headBytes: headBytes, bodyBytes: bodyBytes),
            explanation(response, status: status, headBytes: headBytes) == nil
        else {
            return endRefusal(
                index, response, status: status, headBytes: headBytes, bodyBytes: bodyBytes, now)
        }
        accounts[index].isCollectingRefusal = true
        keepPartial(index, response)
    }

    /// The body of a refusal is complete, long enough, or will not come.
    mutating func refusalComplete(_ index: Int, _ now: Int64) {
        let account = accounts + index
        account.pointee.isCollectingRefusal = false
        let response = buffers[account.pointee.partial].bytes
        let connect = program.connects[Int(account.pointee.connectIndex)]
        guard
            case .rejected(let status, let headBytes, let bodyBytes) = UpgradeResponse.parse(
                response, key: account.pointee.key, offer: connect.request.offer)
        else { return fail(index, Outcome(.handshakeInvalid), .failure, now) }
        endRefusal(index, response, status: status, headBytes: headBytes, bodyBytes: bodyBytes, now)
    }

    private mutating func endRefusal(
        _ index: Int, _ response: UnsafeRawBufferPointer, status: Int, headBytes: Int, bodyBytes: Int?, _ now: Int64
    ) {
        examples.addRefusal(
            status: status, response: response, headBytes: headBytes, bodyBytes: bodyBytes,
            secret: openIM?.pointee.tokens[index])
        let reply = explanation(response, status: status, headBytes: headBytes)
        let outcome =
            reply.map { Outcome(.refused, code: $0.errorCode) } ?? Outcome(.handshakeRejected, code: status)
        fail(index, outcome, .refused, now)
    }

    /// OpenIM's gateway says no with HTTP 200 and an error in JSON.
    private func mayExplain(status: Int) -> Bool { openIM != nil && status == 200 }

    /// The error in the body, as soon as it is complete. In a chunked body the chunk sizes stand around it.
    private func explanation(
        _ response: UnsafeRawBufferPointer, status: Int, headBytes: Int
    ) -> OpenIMReply? {
        guard mayExplain(status: status), headBytes <= response.count else { return nil }
        let body = response[headBytes...]
        guard let first = body.firstIndex(of: UInt8(ascii: "{")), let last = body.lastIndex(of: UInt8(ascii: "}")),
            first < last, let reply = OpenIMReply(json: UnsafeRawBufferPointer(rebasing: body[first...last])),
            reply.errorCode != 0
        else { return nil }
        return reply
    }
}
