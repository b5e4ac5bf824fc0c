internal import Dialects
internal import LoadPlan
internal import Reactor
internal import WebSocketWire

/// One WebSocket connection of a `GatewayClient`: what has come, and what is half read.
final class GatewayConnection {
    /// A handshake's answer that is longer is not read on.
    private static let maxAnswerBytes = 64 * 1024
    private static let maxMessageBytes = 16 * 1024 * 1024

    struct Arrival {
        /// CLOCK_MONOTONIC.
        var atNs: Int64
        var event: GatewayEvent
    }

    let key: HandshakeKey
    let request: [UInt8]
    let isSecure: Bool
    var id = ConnectionID.none
    /// nil while the handshake is under way.
    private(set) var opening: Opening?
    /// What is waited for until there is an `opening`.
    private(set) var stage = Opening.Stage.tcp
    private(set) var isOver = false
    /// Not taken yet, in order.
    var arrivals: [Arrival] = []
    /// PINGs that want their PONGs.
    private(set) var pings: [[UInt8]] = []
    private var answer: [UInt8] = []
    private var reader = FrameReader(maxMessageBytes: maxMessageBytes)
    private var message: [UInt8] = []
    private var codec: OpenIMCodec

    init(request: UpgradeRequest, isSecure: Bool, plan: OpenIMPlan) {
        key = HandshakeKey(random: (.random(in: 0 ... .max), .random(in: 0 ... .max)))
        let text = withUnsafeTemporaryAllocation(byteCount: HandshakeKey.encodedBytes, alignment: 1) { [key] buffer in
            if let base = buffer.baseAddress { key.write(to: base) }
            return String(decoding: buffer, as: UTF8.self)
        }
        self.request = Array(request.text(key: text).utf8)
        self.isSecure = isSecure
        codec = OpenIMCodec(
            encoding: plan.encoding == .json ? .json : .gob, compresses: plan.compression,
            maxInflatedBytes: Self.maxMessageBytes)
    }

    func encode(_ request: OpenIMRequest) -> [UInt8] { Array(codec.encode(request)) }

    func takePings() -> [[UInt8]] {
        defer { pings = [] }
        return pings
    }

    func fail(_ opening: Opening) {
        if self.opening == nil { self.opening = opening }
        isOver = true
    }

    /// TCP stands; true when the request is to be sent now.
    func connected(isSecured: Bool) -> Bool {
        stage = isSecured || !isSecure ? .answer : .tls
        return stage == .answer
    }

    func received(_ bytes: UnsafeRawBufferPointer, atNs: Int64) {
        guard !isOver else { return }
        if opening != nil {
            readFrames(bytes, atNs)
        } else {
            answer += bytes
            readAnswer(isComplete: false, atNs)
        }
    }

    func ended(_ how: String, atNs: Int64) {
        guard !isOver else { return }
        if opening == nil { readAnswer(isComplete: true, atNs) }
        if opening == nil { opening = .ended(how) }
        isOver = true
        arrivals.append(Arrival(atNs: atNs, event: .ended(how)))
    }

    private func readAnswer(isComplete: Bool, _ atNs: Int64) {
        let bytes = answer
        bytes.withUnsafeBytes { bytes in
            switch UpgradeResponse.parse(bytes, key: key, offer: HandshakeOffer(subprotocols: [])) {
            case .incomplete: break
            case .accepted(let headBytes, _):
                opening = .accepted
                readFrames(UnsafeRawBufferPointer(rebasing: bytes[headBytes...]), atNs)
            case .rejected(let status, let headBytes, let bodyBytes):
                let body = UnsafeRawBufferPointer(rebasing: bytes[headBytes...])
                let reply = OpenIMReply(json: body)
                let isWhole = isComplete || reply != nil || body.count >= min(bodyBytes ?? .max, Self.maxAnswerBytes)
                guard isWhole else { return }
                opening =
                    reply.flatMap { status == 200 ? .refused($0) : nil }
                    ?? .rejected(
                        status: status, body: PrintableText.excerpt(body))
            case .invalid(let violation): opening = .invalid("\(violation)")
            }
        }
    }

    private func readFrames(_ bytes: UnsafeRawBufferPointer, _ atNs: Int64) {
        var offset = 0
        while !isOver {
            switch reader.next(bytes, at: &offset) {
            case .needMoreBytes: return
            case .messagePart(let opcode, let range, _, let isLast):
                message += bytes[range]
                guard isLast else { continue }
                readMessage(isText: opcode == .text, atNs)
                message = []
            case .ping: pings.append(reader.withControlPayload { [UInt8]($0) })
            case .pong: arrivals.append(Arrival(atNs: atNs, event: .pong))
            case .close(let code, _):
                end("the gateway sent a close frame" + (code.map { " with code \($0)" } ?? " without a code"), atNs)
            case .violation(let violation): end("the gateway broke the WebSocket protocol: \(violation)", atNs)
            }
        }
    }

    private func readMessage(isText: Bool, _ atNs: Int64) {
        if isText {
            arrivals.append(Arrival(atNs: atNs, event: .text(String(decoding: message, as: UTF8.self))))
            return
        }
        let bytes = message
        bytes.withUnsafeBytes { bytes in
            do throws(OpenIMFault) {
                let response = try codec.decode(bytes)
                let frame = ServerFrame(
                    identifier: response.identifier, msgIncr: String(decoding: response.msgIncr, as: UTF8.self),
                    errorCode: response.errorCode, errorMessage: PrintableText.excerpt(response.errorMessage),
                    data: Array(response.data))
                arrivals.append(Arrival(atNs: atNs, event: .frame(frame)))
            } catch {
                end("the gateway sent a frame that is none of OpenIM's: \(error)", atNs)
            }
        }
    }

    private func end(_ how: String, _ atNs: Int64) {
        isOver = true
        arrivals.append(Arrival(atNs: atNs, event: .ended(how)))
    }
}
