/// Writes gob by hand: frames that no Go program would send.
struct GobWriter {
    static func unsigned(_ value: UInt64) -> [UInt8] {
        guard value >= 128 else { return [UInt8(value)] }
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * $0)) }.drop { $0 == 0 }
        return [UInt8(256 - bytes.count)] + bytes
    }

    static func signed(_ value: Int64) -> [UInt8] {
        let shifted = UInt64(bitPattern: value) << 1
        return unsigned(value < 0 ? ~shifted : shifted)
    }

    static func text(_ text: String) -> [UInt8] { unsigned(UInt64(text.utf8.count)) + text.utf8 }

    static func message(_ type: Int64, _ body: [UInt8]) -> [UInt8] {
        let content = signed(type) + body
        return unsigned(UInt64(content.count)) + content
    }

    /// The definition of a struct.
    static func structType(_ id: Int64, _ fields: [(String, Int64)]) -> [UInt8] {
        var body: [UInt8] = [3, 1, 1, 1, 0x54, 0, 1] + unsigned(UInt64(fields.count))
        for (name, type) in fields { body += [1] + text(name) + [1] + signed(type) + [0] }
        return message(-id, body + [0, 0])
    }

    /// The definition of a type of another kind (0 array, 1 slice, 3 map, 4… opaque), with the numbers that it takes.
    static func otherType(_ id: Int64, kind: UInt8, _ numbers: [Int64]) -> [UInt8] {
        message(-id, [kind + 1, 1, 0] + numbers.flatMap { [1] + signed($0) } + [0, 0])
    }

    /// `{ReqIdentifier, X}` as type 64 with X of `type`, whose definitions are given, and a value of it.
    static func frame(_ definitions: [UInt8], x type: Int64, _ value: [UInt8]) -> [UInt8] {
        structType(64, [("X", type), ("ReqIdentifier", 2)]) + definitions
            + message(64, [1] + value + [1] + signed(1003) + [0])
    }
}
