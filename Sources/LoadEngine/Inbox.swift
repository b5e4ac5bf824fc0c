/// Messages that came before a `receive` asked for them, in one pooled buffer: a header (arrival, length) and the text for each.
///
/// A view over the buffer, made where it is used; the account holds only the buffer's handle.
struct Inbox {
    /// Beyond this a message is counted as unclaimed at once: nobody can make us keep more per account.
    static let maxBytes = 256 * 1024

    private static let headerBytes = 16
    let buffer: ByteBuffer

    struct Entry {
        let arrivedNs: Int64
        let text: UnsafeRawBufferPointer
        fileprivate let start: Int
        fileprivate let end: Int
    }

    /// False when there is no room.
    func append(arrivedNs: Int64, text: UnsafeRawBufferPointer) -> Bool {
        let size = Self.headerBytes + text.count
        guard buffer.count + size <= Self.maxBytes else { return false }
        withUnsafeBytes(of: (arrivedNs, Int64(text.count))) { buffer.append($0) }
        buffer.append(text)
        return true
    }

    var count: Int {
        var total = 0
        var offset = 0
        while let entry = entry(at: offset) {
            total += 1
            offset = entry.end
        }
        return total
    }

    /// The first message that `matches`, in order of arrival.
    func first(where matches: (UnsafeRawBufferPointer) -> Bool) -> Entry? {
        var offset = 0
        while let entry = entry(at: offset) {
            if matches(entry.text) { return entry }
            offset = entry.end
        }
        return nil
    }

    func remove(_ entry: Entry) {
        buffer.removeBytes(entry.start..<entry.end)
    }

    private func entry(at offset: Int) -> Entry? {
        guard offset + Self.headerBytes <= buffer.count else { return nil }
        let arrivedNs = buffer.bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self)
        let length = Int(buffer.bytes.loadUnaligned(fromByteOffset: offset + 8, as: Int64.self))
        let start = offset + Self.headerBytes
        return Entry(
            arrivedNs: arrivedNs, text: UnsafeRawBufferPointer(rebasing: buffer.bytes[start..<start + length]),
            start: offset,
            end: start + length)
    }
}
