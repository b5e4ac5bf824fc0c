internal import Glibc

extension GoroutineDump {
    /// Reads any bytes: what is no goroutine is counted and skipped, a last one that is cut short is kept as far as it
    /// goes.
    package init(parsing bytes: [UInt8]) {
        self.init()
        bytes.withUnsafeBytes { all in
            var parser = GoroutineDumpParser()
            var rest = all[...]
            while let end = Self.newline(in: rest) {
                parser.read(UnsafeRawBufferPointer(rebasing: rest[..<end]))
                rest = rest[(end + 1)...]
            }
            parser.read(UnsafeRawBufferPointer(rebasing: rest))
            self = parser.finish()
        }
    }

    private static func newline(in text: Slice<UnsafeRawBufferPointer>) -> Int? {
        guard !text.isEmpty, let start = text.base.baseAddress else { return nil }
        let found = memchr(start + text.startIndex, Int32(UInt8(ascii: "\n")), text.count)
        return found.map { UnsafeRawPointer($0) - start }
    }
}
