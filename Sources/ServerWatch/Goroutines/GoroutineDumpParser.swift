/// Builds a dump line by line.
///
/// A goroutine is a header, pairs of lines (call, then place after a tab), at last a pair that says who started it, and
/// an empty line. The bytes given must outlive the parser: functions and files are compared where they lie.
struct GoroutineDumpParser {
    /// Beyond these a goroutine's frames and arguments are not kept; Go itself prints 100 frames at most.
    private static let maxFrames = 512
    private static let maxArguments = 64
    private static let maxNameLength = 400

    private struct Bytes: Hashable {
        var bytes: UnsafeRawBufferPointer

        static func == (left: Bytes, right: Bytes) -> Bool {
            left.bytes.count == right.bytes.count && left.bytes.elementsEqual(right.bytes)
        }

        func hash(into hasher: inout Hasher) { hasher.combine(bytes: bytes) }
    }

    private struct Place: Hashable {
        var function: Bytes
        var file: Bytes
        var line: Int
    }

    private enum Awaited {
        case call
        /// Of the frame whose function was read.
        case place(function: Bytes)
        case placeOfCreator(function: Bytes)
    }

    private var dump = GoroutineDump()
    private var current: Goroutine?
    private var awaited = Awaited.call
    private var known: [Place: Int32] = [:]

    mutating func read(_ line: UnsafeRawBufferPointer) {
        var line = line
        if line.last == UInt8(ascii: "\r") { line = UnsafeRawBufferPointer(rebasing: line.dropLast()) }
        if let goroutine = GoroutineHeader.goroutine(line) {
            close()
            current = goroutine
        } else if line.isEmpty {
            close()
        } else if current == nil {
            dump.strayLines += 1
        } else if line[0] == UInt8(ascii: "\t") || line[0] == UInt8(ascii: " ") {
            readPlace(line)
        } else {
            readCall(line)
        }
    }

    mutating func finish() -> GoroutineDump {
        close()
        return dump
    }

    private mutating func close() {
        settleCall()
        if let current { dump.goroutines.append(current) }
        current = nil
    }

    /// A call whose place does not follow counts without one.
    private mutating func settleCall() {
        settleCall(file: Bytes(bytes: UnsafeRawBufferPointer(start: nil, count: 0)), line: 0)
    }

    private mutating func settleCall(file: Bytes, line: Int) {
        switch awaited {
        case .call: break
        case .place(let function): addFrame(function, file: file, line: line)
        case .placeOfCreator(let function):
            let position = call(function, file: file, line: line)
            current?.createdBy = position
        }
        awaited = .call
    }

    private mutating func readCall(_ line: UnsafeRawBufferPointer) {
        settleCall()
        if line.starts(with: "...".utf8) {
            current?.isElided = true
            return
        }
        if line.starts(with: "created by ".utf8) {
            var function = line.dropFirst("created by ".utf8.count)
            if let found = Self.creator(in: function) {
                function = found.function
                current?.creator = found.id
            }
            awaited = .placeOfCreator(function: Bytes(bytes: UnsafeRawBufferPointer(rebasing: function)))
            return
        }
        guard let open = line.lastIndex(of: UInt8(ascii: "(")), open > 0 else {
            awaited = .place(function: Bytes(bytes: line))
            return
        }
        readArguments(UnsafeRawBufferPointer(rebasing: line[(open + 1)...]))
        awaited = .place(function: Bytes(bytes: UnsafeRawBufferPointer(rebasing: line[..<open])))
    }

    /// `main.main in goroutine 1`, since Go 1.21.
    private static func creator(
        in text: Slice<UnsafeRawBufferPointer>
    ) -> (function: Slice<UnsafeRawBufferPointer>, id: UInt64)? {
        let digits = text.suffix(while: { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        let infix = " in goroutine ".utf8
        let before = text[..<digits.startIndex]
        guard !digits.isEmpty, before.suffix(infix.count).elementsEqual(infix) else { return nil }
        guard let id = UInt64(String(decoding: digits, as: UTF8.self)) else { return nil }
        return (before.dropLast(infix.count), id)
    }

    /// `	/usr/src/hub.go:126 +0x25`
    private mutating func readPlace(_ line: UnsafeRawBufferPointer) {
        var text = line.drop { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
        if let blank = text.lastIndex(of: UInt8(ascii: " ")), text[(blank + 1)...].first == UInt8(ascii: "+") {
            text = text[..<blank]
        }
        var number = 0
        var file = text
        if let colon = text.lastIndex(of: UInt8(ascii: ":")),
            let parsed = Int(String(decoding: text[(colon + 1)...].prefix(20), as: UTF8.self))
        {
            number = parsed
            file = text[..<colon]
        }
        settleCall(file: Bytes(bytes: UnsafeRawBufferPointer(rebasing: file)), line: number)
    }

    private mutating func addFrame(_ function: Bytes, file: Bytes, line: Int) {
        guard let count = current?.frames.count, count < Self.maxFrames else {
            current?.isElided = true
            return
        }
        let position = call(function, file: file, line: line)
        current?.frames.append(position)
    }

    private mutating func call(_ function: Bytes, file: Bytes, line: Int) -> Int32 {
        let place = Place(function: function, file: file, line: line)
        if let position = known[place] { return position }
        let position = Int32(clamping: dump.calls.count)
        dump.calls.append(StackCall(function: Self.text(function), file: Self.text(file), line: line))
        known[place] = position
        return position
    }

    private static func text(_ bytes: Bytes) -> String {
        let text = Printable.text(String(decoding: bytes.bytes.prefix(maxNameLength), as: UTF8.self))
        return bytes.bytes.count > maxNameLength ? text + "…" : text
    }

    /// `0xc00015c000, {0x9c9c78?, 0xc000f5d0a0}, ...)`
    private mutating func readArguments(_ text: UnsafeRawBufferPointer) {
        guard let frame = current.map({ Int32(clamping: $0.frames.count) }) else { return }
        var depth = 0
        var isFirst = true
        var position = 0
        while position < text.count {
            let byte = text[position]
            position += 1
            switch byte {
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: ","): isFirst = false
            case UInt8(ascii: "0") where position < text.count && text[position] == UInt8(ascii: "x"):
                position += 1
                var value: UInt64 = 0
                while position < text.count, let digit = Self.hexDigit(text[position]) {
                    value = value &<< 4 | digit
                    position += 1
                }
                let isCertain = position >= text.count || text[position] != UInt8(ascii: "?")
                if current?.arguments.count ?? 0 < Self.maxArguments {
                    current?.arguments.append(
                        Goroutine.Argument(
                            frame: frame, isFirst: isFirst && depth == 0, isCertain: isCertain, value: value))
                }
            default: break
            }
        }
    }

    private static func hexDigit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        default: nil
        }
    }
}

extension BidirectionalCollection {
    /// The longest end of which all elements are as wanted.
    fileprivate func suffix(while isWanted: (Element) -> Bool) -> SubSequence {
        var start = endIndex
        while start > startIndex, isWanted(self[index(before: start)]) { formIndex(before: &start) }
        return self[start...]
    }
}
