import WebSocketWire

/// RFC 6455 §5 read naively, frame by frame from a whole stream: the oracle for `FrameReader` on inputs of any kind.
enum ReferenceReader {
    static func read(_ stream: [UInt8], maxMessageBytes: Int) -> [Observed] {
        var events: [Observed] = []
        var rest = stream[...]
        var message: (opcode: Opcode, payload: [UInt8], announced: Int)?
        while let first = rest.popFirst() {
            if first & 0x70 != 0 { return events + [.violation(.reservedBits)] }
            guard let opcode = Opcode(rawValue: first & 15) else { return events + [.violation(.reservedOpcode)] }
            let isFinal = first >= 128
            let isControl = [.close, .ping, .pong].contains(opcode)
            if isControl, !isFinal { return events + [.violation(.fragmentedControlFrame)] }
            if opcode == .continuation, message == nil { return events + [.violation(.unexpectedContinuation)] }
            if opcode == .text || opcode == .binary {
                if message != nil { return events + [.violation(.interleavedMessage)] }
                message = (opcode, [], 0)
            }
            guard let second = rest.popFirst() else { break }
            if second >= 128 { return events + [.violation(.maskedFrame)] }
            if isControl, second > 125 { return events + [.violation(.controlFrameTooLong)] }
            if opcode == .close, second == 1 { return events + [.violation(.closePayloadTooShort)] }
            var length = Int(second)
            if second > 125 {
                let field = rest.prefix(second == 126 ? 2 : 8)
                if second == 127, let top = field.first, top >= 128 { return events + [.violation(.lengthTopBit)] }
                guard field.count == (second == 126 ? 2 : 8) else { break }
                length = field.reduce(0) { $0 << 8 | Int($1) }
                if length < (second == 126 ? 126 : 65_536) { return events + [.violation(.lengthNotMinimal)] }
                rest = rest.dropFirst(field.count)
            }
            if !isControl {
                guard length <= maxMessageBytes - message!.announced else {
                    return events + [.violation(.messageTooBig)]
                }
                message!.announced += length
            }
            let payload = rest.prefix(length)
            rest = rest.dropFirst(payload.count)
            let isWhole = payload.count == length
            if isControl {
                guard isWhole else { break }
                if opcode == .close { return events + [close(Array(payload))] }
                events.append(opcode == .ping ? .ping(Array(payload)) : .pong(Array(payload)))
                continue
            }
            message!.payload += payload
            let isEnd = isFinal && isWhole
            if message!.opcode == .text {
                let isValid = isEnd ? isUTF8(message!.payload[...]) : mayBecomeUTF8(message!.payload)
                if !isValid { return events + [.violation(.invalidText)] }
            }
            if isEnd {
                events.append(.message(message!.opcode, message!.payload))
                message = nil
            }
        }
        return events
    }

    static func isUTF8(_ bytes: ArraySlice<UInt8>) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

    /// Whether some text begins with these bytes.
    static func mayBecomeUTF8(_ bytes: [UInt8]) -> Bool {
        for cut in 0...min(3, bytes.count) where isUTF8(bytes.dropLast(cut)) {
            return cut == 0 || properPrefixes.contains(Array(bytes.suffix(cut)))
        }
        return false
    }

    /// The first one, two or three bytes of every longer character, taken from the standard library's encoder.
    static let properPrefixes: Set<[UInt8]> = {
        var prefixes: Set<[UInt8]> = []
        // Characters that differ in the last byte alone have the same proper prefixes.
        for value in stride(from: UInt32(0x80), through: 0x10FFFF, by: 64) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let encoded = Array(String(scalar).utf8)
            for length in 1..<encoded.count { prefixes.insert(Array(encoded.prefix(length))) }
        }
        return prefixes
    }()

    private static func close(_ payload: [UInt8]) -> Observed {
        guard !payload.isEmpty else { return .close(nil, []) }
        let code = UInt16(payload[0]) * 256 + UInt16(payload[1])
        let registered: Set<UInt16> = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]
        guard registered.contains(code) || (code >= 3000 && code < 5000) else {
            return .violation(.closeCodeNotAllowed)
        }
        guard isUTF8(payload.dropFirst(2)) else { return .violation(.invalidCloseReason) }
        return .close(code, Array(payload.dropFirst(2)))
    }
}
