extension ProfileDecoder {
    mutating func decodeSend(_ value: DocumentValue) -> Message? {
        if case .scalar = value.content {
            guard let payload = template(value, expected: "what to send") else { return nil }
            checkSize(of: payload, at: value)
            return Message(payload: payload, recipient: standardRecipient)
        }
        guard let fields = fields(of: value, as: SendKey.self) else { return nil }
        let size = fields[.size].flatMap { byteSize($0, in: messageBytes, reason: sizeReason) }
        let recipient = decodeRecipient(in: fields)
        checkKind(fields)
        if let second = fields[.binary], fields[.text] != nil {
            problems.add("a message is either text or binary", at: second)
        }
        let kind = fields[.kind].flatMap { word($0, of: Message.Kind.allCases.map(\.rawValue)) }
        if let kind = fields[.kind], fields[.text] != nil || fields[.binary] != nil {
            problems.add("kind goes with size alone; text and binary say it themselves", at: kind, hint: "leave it out")
        }
        let message: Message?
        if let text = fields[.text] {
            message = template(text, expected: "a text to send").map { Message(payload: $0) }
            if let message { checkSize(of: message.payload, at: text) }
        } else if let binary = fields[.binary] {
            message = decodeHexadecimal(binary).map { Message(kind: .binary, payload: Template(bytes: $0)) }
        } else if fields[.size] != nil {
            message = Message(kind: kind.flatMap { .init(rawValue: $0) } ?? .text, payload: Template(segments: []))
        } else {
            let expected = dialect == .openim ? "text or size" : "text, binary or size"
            problems.add("expected \(expected)", at: value, hint: #"e.g. send: { text: "hello" }"#)
            return nil
        }
        guard var message else { return nil }
        if let size, let given = fields[.size], message.payload.literalByteCount > size {
            problems.add(
                "the message has \(message.payload.literalByteCount) bytes already, more than \(size)", at: given)
        }
        message.paddedToBytes = size
        message.recipient = recipient
        return message
    }

    private var standardRecipient: Recipient? { dialect == .openim ? .ring : nil }

    private var messageBytes: ClosedRange<Int> {
        openIM.map { PlanLimits.contentBytes($0.encoding) } ?? PlanLimits.messageBytes
    }

    private var sizeReason: String? {
        openIM == nil ? nil : "OpenIM ends a connection that sends a frame above 51,200 bytes"
    }

    private mutating func decodeRecipient(in fields: Fields<SendKey>) -> Recipient? {
        guard let value = fields[.to] else { return standardRecipient }
        require(.openim, for: "to", at: value)
        return decodeRecipient(value)
    }

    private mutating func checkKind(_ fields: Fields<SendKey>) {
        guard dialect == .openim else { return }
        if let binary = fields[.binary] { problems.add("OpenIM's messages are texts", at: binary, hint: "write text") }
        if let kind = fields[.kind], case .scalar(Message.Kind.binary.rawValue, _) = kind.content {
            problems.add("OpenIM's messages are texts", at: kind, hint: "leave kind out")
        }
    }

    private mutating func checkSize(of payload: Template, at value: DocumentValue) {
        let (most, reason) = (messageBytes.upperBound, sizeReason)
        guard openIM != nil, payload.literalByteCount > most else { return }
        problems.add(
            "expected at most \(ByteSizeText.format(most)) bytes, the text has \(payload.literalByteCount)", at: value,
            hint: reason)
    }

    /// Bytes written as pairs of hexadecimal digits, with spaces between pairs as one likes.
    private mutating func decodeHexadecimal(_ value: DocumentValue) -> [UInt8]? {
        let expected = "bytes in hexadecimal digits, e.g. 00ff17"
        guard let text = text(value, expected: expected) else { return nil }
        var bytes: [UInt8] = []
        var scanner = TextScanner(text)
        while !scanner.isAtEnd {
            let blank = scanner.take { $0 == " " || $0 == "\n" }
            if !blank.isEmpty { continue }
            let start = scanner.offset
            var pair = ""
            while pair.count < 2, let next = scanner.next, next.isASCII, next.properties.isASCIIHexDigit,
                scanner.take(next)
            {
                pair.unicodeScalars.append(next)
            }
            guard pair.count == 2, let byte = UInt8(pair, radix: 16) else {
                let found = scanner.isAtEnd ? pair.quoted : scanner.text(start..<scanner.offset + 1).quoted
                problems.add(scanner.problem("expected \(expected), found \(found)", at: start), in: value)
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }
}
