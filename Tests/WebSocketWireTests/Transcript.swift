import WebSocketWire

/// What a reader of a whole stream sees, however the stream was cut.
enum Observed: Equatable {
    case message(Opcode, [UInt8])
    case ping([UInt8])
    case pong([UInt8])
    case close(UInt16?, [UInt8])
    case violation(ProtocolViolation)
}

/// Something `FrameReader` must never do, whatever the bytes.
struct BrokenInvariant: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Feeds a stream to a `FrameReader` in pieces, each in a heap block of exactly its size, and joins what comes out.
struct Transcript {
    private(set) var observed: [Observed] = []
    private(set) var reader: FrameReader
    private var message: [UInt8] = []
    private var opcode: Opcode?

    init(maxMessageBytes: Int = 1 << 20) {
        reader = FrameReader(maxMessageBytes: maxMessageBytes)
    }

    /// - Parameter cuts: Ascending places in `stream` between which the pieces lie.
    static func of(_ stream: [UInt8], cuts: [Int] = [], maxMessageBytes: Int = 1 << 20) throws -> [Observed] {
        var transcript = Transcript(maxMessageBytes: maxMessageBytes)
        var start = 0
        for end in cuts + [stream.count] {
            try transcript.feed(stream[start..<end])
            start = end
        }
        return transcript.observed
    }

    mutating func feed(_ piece: ArraySlice<UInt8>) throws {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 1)
        defer { block.deallocate() }
        block.copyBytes(from: piece)
        let input = UnsafeRawBufferPointer(block)
        var offset = 0
        while true {
            let before = offset
            let event = reader.next(input, at: &offset)
            guard offset >= before, offset <= input.count else {
                throw BrokenInvariant("offset went from \(before) to \(offset) of \(input.count)")
            }
            switch event {
            case .needMoreBytes:
                guard offset == input.count else { throw BrokenInvariant("asks for more with bytes left") }
                return
            case .violation(let violation):
                guard reader.next(input, at: &offset) == event else {
                    throw BrokenInvariant("a violation is not terminal")
                }
                if observed.last != .violation(violation) { observed.append(.violation(violation)) }
                return
            default:
                guard offset > before else { throw BrokenInvariant("event \(event) without progress") }
                try take(event, input)
            }
        }
    }

    private mutating func take(_ event: FrameReader.Event, _ input: UnsafeRawBufferPointer) throws {
        switch event {
        case .messagePart(let opcode, let range, let isFirst, let isLast):
            guard opcode == .text || opcode == .binary else { throw BrokenInvariant("message of type \(opcode)") }
            guard range.lowerBound >= 0, range.upperBound <= input.count else {
                throw BrokenInvariant("range \(range) outside \(input.count) bytes")
            }
            guard isFirst == (self.opcode == nil), isFirst || self.opcode == opcode else {
                throw BrokenInvariant("isFirst \(isFirst), \(opcode) after \(String(describing: self.opcode))")
            }
            self.opcode = opcode
            message += input[range]
            if isLast {
                observed.append(.message(opcode, message))
                message = []
                self.opcode = nil
            }
        case .ping(let length): observed.append(.ping(try controlPayload(length)))
        case .pong(let length): observed.append(.pong(try controlPayload(length)))
        case .close(let code, let reasonLength):
            let payload = try controlPayload(code == nil ? 0 : reasonLength + 2)
            observed.append(.close(code, Array(payload.dropFirst(2))))
        case .needMoreBytes, .violation: break
        }
    }

    private func controlPayload(_ length: Int) throws -> [UInt8] {
        let payload = reader.withControlPayload { Array($0) }
        var copy = [UInt8](repeating: 0, count: FrameWriter.maxControlPayloadBytes)
        let copied = copy.withUnsafeMutableBytes { reader.copyControlPayload(to: $0.baseAddress!) }
        guard payload.count == length, copied == length, Array(copy[..<copied]) == payload else {
            throw BrokenInvariant("control payload of \(payload.count), \(copied) bytes; announced \(length)")
        }
        return payload
    }
}
