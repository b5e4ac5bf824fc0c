/// The lines of an HTTP/1.1 message head (RFC 9112 §2.2), found in bytes that may not be complete yet.
///
/// What is wrong with a line shows at the first byte that makes it so; more bytes never change a verdict.
struct HTTPLineReader {
    enum Line {
        /// The range without its CR LF.
        case complete(Range<Int>)
        case incomplete
        case violation(HandshakeViolation)
    }

    private let base: UnsafeRawPointer
    private let limit: Int
    private let isCut: Bool
    /// Where the next line begins.
    private(set) var offset = 0

    /// - Parameters:
    ///   - base: Start of the head.
    ///   - count: Bytes received so far.
    ///   - maxBytes: How many of them may belong to the head.
    init(_ base: UnsafeRawPointer, count: Int, maxBytes: Int) {
        self.base = base
        limit = min(count, maxBytes)
        isCut = count >= maxBytes
    }

    mutating func next() -> Line {
        var index = offset
        while index < limit {
            let byte = base.load(fromByteOffset: index, as: UInt8.self)
            if byte > UInt8(ascii: "\r") {
                index += 1
                continue
            }
            switch byte {
            case 0: return .violation(.nulByte)
            case UInt8(ascii: "\n"): return .violation(.bareLineFeed)
            case UInt8(ascii: "\r"):
                guard index + 1 < limit else { return incomplete }
                guard base.load(fromByteOffset: index + 1, as: UInt8.self) == UInt8(ascii: "\n") else {
                    return .violation(.bareCarriageReturn)
                }
                let line = offset..<index
                offset = index + 2
                return .complete(line)
            default: index += 1
            }
        }
        return incomplete
    }

    /// Whether the bytes from `offset` on, as far as they have come, begin with `text`.
    func mayBegin(with text: StaticString) -> Bool {
        let compared = min(limit - offset, text.utf8CodeUnitCount)
        for index in 0..<compared {
            guard base.load(fromByteOffset: offset + index, as: UInt8.self) == text.utf8Start[index] else {
                return false
            }
        }
        return true
    }

    private var incomplete: Line { isCut ? .violation(.headTooLarge) : .incomplete }
}
