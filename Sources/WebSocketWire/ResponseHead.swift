/// What matters of one HTTP response head to a client that asked for an upgrade.
struct ResponseHead {
    enum Reading {
        case incomplete
        case complete(ResponseHead)
        case violation(HandshakeViolation)
    }

    let statusLine: HTTPStatusLine
    private var upgradeElements = 0
    private var upgradeMatches = 0
    private var saysConnectionUpgrade = false
    private var acceptCount = 0
    private var accept = UnsafeRawBufferPointer(start: nil, count: 0)
    private var hasExtension = false
    private var subprotocolCount = 0
    private var subprotocol = UnsafeRawBufferPointer(start: nil, count: 0)
    private var contentLength: Int?
    /// The length is not told, or in a way that contradicts itself.
    private var isLengthUnknown = false

    /// Reads the head that begins at `lines.offset`, up to and with its empty last line.
    static func read(_ lines: inout HTTPLineReader, in input: UnsafeRawBufferPointer) -> Reading {
        guard lines.mayBegin(with: HTTPStatusLine.prefix) else { return .violation(.notHTTP) }
        var head: ResponseHead
        switch lines.next() {
        case .incomplete: return .incomplete
        case .violation(let violation): return .violation(violation)
        case .complete(let range):
            guard let statusLine = HTTPStatusLine(UnsafeRawBufferPointer(rebasing: input[range])) else {
                return .violation(.malformedStatusLine)
            }
            head = ResponseHead(statusLine: statusLine)
        }
        while true {
            switch lines.next() {
            case .incomplete: return .incomplete
            case .violation(let violation): return .violation(violation)
            case .complete(let range):
                if range.isEmpty { return .complete(head) }
                let line = UnsafeRawBufferPointer(rebasing: input[range])
                guard line[0] != UInt8(ascii: " "), line[0] != UInt8(ascii: "\t") else {
                    return .violation(.foldedHeader)
                }
                guard let field = HTTPField(line) else { return .violation(.malformedHeader) }
                head.take(field)
            }
        }
    }

    private init(statusLine: HTTPStatusLine) {
        self.statusLine = statusLine
    }

    /// 100 to 199 without 101: another head follows (RFC 9110 §15.2).
    var isInterim: Bool { statusLine.status < 200 && statusLine.status != 101 }

    /// Length of the body where the head tells it.
    var bodyBytes: Int? {
        if statusLine.status == 204 || statusLine.status == 304 { return 0 }
        return isLengthUnknown ? nil : contentLength
    }

    /// The chosen sub-protocol's place in the offer, -1 when there is none, or the first rule of RFC 6455 §4.1 that a 101 breaks.
    func subprotocol(key: HandshakeKey, offer: HandshakeOffer) -> (index: Int, violation: HandshakeViolation?) {
        if let violation = violation(key: key) { return (-1, violation) }
        guard subprotocolCount > 0 else { return (-1, nil) }
        guard let index = offer.index(of: subprotocol) else { return (-1, .subprotocolNotOffered) }
        return (index, nil)
    }

    private func violation(key: HandshakeKey) -> HandshakeViolation? {
        if statusLine.minorVersion == 0 { return .versionNotSupported }
        if upgradeElements == 0 { return .upgradeMissing }
        if upgradeElements > 1 || upgradeMatches != 1 { return .upgradeNotWebSocket }
        if !saysConnectionUpgrade { return .connectionNotUpgrade }
        if acceptCount == 0 { return .acceptMissing }
        if acceptCount > 1 { return .acceptRepeated }
        if !key.accepts(accept) { return .acceptWrong }
        if hasExtension { return .unrequestedExtension }
        if subprotocolCount > 1 { return .subprotocolRepeated }
        return nil
    }

    /// The names told apart here all differ in length.
    private mutating func take(_ field: HTTPField) {
        switch field.name.count {
        case 7 where HTTPField.isEqual(field.name, "upgrade"):
            let (elements, matches) = field.countElements(equalTo: "websocket")
            upgradeElements += elements
            upgradeMatches += matches
        case 10 where HTTPField.isEqual(field.name, "connection"):
            if field.countElements(equalTo: "upgrade").matches > 0 { saysConnectionUpgrade = true }
        case 14 where HTTPField.isEqual(field.name, "content-length"):
            let number = field.number
            if number == nil || (contentLength != nil && contentLength != number) { isLengthUnknown = true }
            contentLength = number
        case 17 where HTTPField.isEqual(field.name, "transfer-encoding"):
            isLengthUnknown = true
        case 20 where HTTPField.isEqual(field.name, "sec-websocket-accept"):
            acceptCount += 1
            accept = field.value
        case 22 where HTTPField.isEqual(field.name, "sec-websocket-protocol"):
            subprotocolCount += 1
            subprotocol = field.value
        case 24 where HTTPField.isEqual(field.name, "sec-websocket-extensions"):
            if !field.value.isEmpty { hasExtension = true }
        default: break
        }
    }
}
