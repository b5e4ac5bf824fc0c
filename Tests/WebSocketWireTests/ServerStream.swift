import WebSocketWire

/// One frame as a server writes it: unmasked.
///
/// Written apart from the module under test.
struct ServerFrame {
    private let isFinal: Bool
    private let opcode: UInt8
    private let payload: [UInt8]

    init(_ opcode: Opcode, _ payload: [UInt8] = [], isFinal: Bool = true) {
        self.opcode = opcode.rawValue
        self.payload = payload
        self.isFinal = isFinal
    }

    var bytes: [UInt8] {
        var bytes = [(isFinal ? 0x80 : 0) | opcode]
        if payload.count < 126 {
            bytes.append(UInt8(payload.count))
        } else if payload.count < 65_536 {
            bytes += [126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        } else {
            bytes.append(127)
            for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(payload.count >> shift & 0xFF)) }
        }
        return bytes + payload
    }
}

/// A valid stream of frames and what a reader must make of it.
struct ServerStream {
    private(set) var bytes: [UInt8] = []
    private(set) var expected: [Observed] = []

    static func random(messages: Int, longest: Int, using random: inout TestRandom) -> ServerStream {
        var stream = ServerStream()
        for _ in 0..<messages { stream.appendMessage(longest: longest, using: &random) }
        if random.oneIn(2) {
            let code = [1000, 1001, 1011, 3000, 4999].randomElement(using: &random)!
            if random.oneIn(4) {
                stream.append(ServerFrame(.close), .close(nil, []))
            } else {
                let reason = randomText(random.below(31), using: &random)
                stream.append(
                    ServerFrame(.close, [UInt8(code >> 8), UInt8(code & 0xFF)] + reason), .close(UInt16(code), reason))
            }
        }
        return stream
    }

    private mutating func append(_ frame: ServerFrame, _ event: Observed?) {
        bytes += frame.bytes
        if let event { expected.append(event) }
    }

    private mutating func appendMessage(longest: Int, using random: inout TestRandom) {
        let isText = random.oneIn(2)
        let length = random.below(longest + 1)
        let payload = isText ? Self.randomText(length, using: &random) : random.bytes(length)
        let opcode: Opcode = isText ? .text : .binary
        let fragments = random.oneIn(2) ? 1 : 1 + random.below(5)
        var start = 0
        for index in 0..<fragments {
            let isLast = index == fragments - 1
            let end = isLast ? payload.count : start + random.below(payload.count - start + 1)
            let frame = ServerFrame(index == 0 ? opcode : .continuation, Array(payload[start..<end]), isFinal: isLast)
            append(frame, isLast ? .message(opcode, payload) : nil)
            start = end
            if random.oneIn(4) {
                let control = random.bytes(random.below(126))
                if random.oneIn(2) {
                    append(ServerFrame(.ping, control), .ping(control))
                } else {
                    append(ServerFrame(.pong, control), .pong(control))
                }
            }
        }
    }

    /// About `length` bytes of UTF-8 with characters of each length.
    static func randomText(_ length: Int, using random: inout TestRandom) -> [UInt8] {
        let isMixed = random.oneIn(2)
        var text: [UInt8] = []
        while text.count < length {
            let highest: UInt32 = isMixed ? [0x7F, 0x7FF, 0xFFFF, 0x10FFFF].randomElement(using: &random)! : 0x7F
            guard let scalar = Unicode.Scalar(UInt32.random(in: 0...highest, using: &random)) else { continue }
            text += Array(String(scalar).utf8)
        }
        return text
    }
}
