/// The line that begins a goroutine: `goroutine 20 [chan send, 5 minutes, locked to thread]:`.
///
/// Newer versions of Go put more before the bracket (`gp=0xc000 m=nil`) and more into it.
enum GoroutineHeader {
    private static let maxReasonLength = 80

    static func goroutine(_ line: UnsafeRawBufferPointer) -> Goroutine? {
        guard line.starts(with: "goroutine ".utf8) else { return nil }
        let rest = line.dropFirst("goroutine ".utf8.count)
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard !digits.isEmpty, let id = UInt64(String(decoding: digits.prefix(21), as: UTF8.self)),
            let open = rest.firstIndex(of: UInt8(ascii: "[")),
            let close = rest[open...].firstIndex(of: UInt8(ascii: "]"))
        else { return nil }
        var goroutine = Goroutine(id: id, waitReason: "", waitMinutes: 0, isLockedToThread: false)
        for (index, part) in rest[(open + 1)..<close].split(separator: UInt8(ascii: ",")).enumerated() {
            let words = String(decoding: part.prefix(maxReasonLength), as: UTF8.self).split(separator: " ")
            if index == 0 {
                // The collector marks stacks that it is reading.
                let isMark = words.count > 1 && words.last == "(scan)"
                goroutine.waitReason = Printable.text((isMark ? words.dropLast() : words[...]).joined(separator: " "))
            } else if words.count == 2, words[1].hasPrefix("minute"), let minutes = Int(words[0]), minutes >= 0 {
                goroutine.waitMinutes = minutes
            } else if words.elementsEqual(["locked", "to", "thread"]) {
                goroutine.isLockedToThread = true
            }
        }
        return goroutine
    }
}
