/// Messages that came before a `receive` asked for them, in one pooled buffer: a header (arrival, how many, length) and the text for each.
///
/// Where no `receive` looks at texts, messages that came together share an entry, so that a reply to each of many messages takes no more room
/// than the reads it came in. A view over the buffer, made where it is used; the account holds only the buffer's handle.
struct Inbox {
    /// Beyond this a message with a text is counted as unclaimed at once: nobody can make us keep more per account.
    static let maxBytes = 256 * 1024

    private static let headerBytes = 16
    let buffer: ByteBuffer

    struct Entry {
        let arrivedNs: Int64
        let count: Int
        let text: UnsafeRawBufferPointer
        fileprivate let start: Int
        fileprivate let end: Int
    }

    /// Keeps a message with its text; false when there is no room.
    func append(arrivedNs: Int64, text: UnsafeRawBufferPointer) -> Bool {
        guard buffer.count + Self.headerBytes + text.count <= Self.maxBytes else { return false }
        appendHeader(arrivedNs: arrivedNs, count: 1, length: text.count)
        buffer.append(text)
        return true
    }

    /// Keeps that a message came. When there is no room its arrival is that of the one before.
    func append(arrivedNs: Int64) {
        let lastStart = buffer.count - Self.headerBytes
        let isFull = buffer.count + Self.headerBytes > Self.maxBytes
        if lastStart >= 0, let last = entry(at: lastStart), last.arrivedNs == arrivedNs || isFull {
            setCount(last.count + 1, ofEntryAt: lastStart)
        } else {
            appendHeader(arrivedNs: arrivedNs, count: 1, length: 0)
        }
    }

    /// Messages, not entries.
    var count: Int {
        var total = 0
        var offset = 0
        while let entry = entry(at: offset) {
            total += entry.count
            offset = entry.end
        }
        return total
    }

    /// The first entry whose message `matches`, in order of arrival.
    func first(where matches: (UnsafeRawBufferPointer) -> Bool) -> Entry? {
        var offset = 0
        while let entry = entry(at: offset) {
            if matches(entry.text) { return entry }
            offset = entry.end
        }
        return nil
    }

    /// Takes `taken` messages, at most its count, out of `entry`.
    func remove(_ taken: Int, of entry: Entry) {
        if taken < entry.count {
            setCount(entry.count - taken, ofEntryAt: entry.start)
        } else {
            buffer.removeBytes(entry.start..<entry.end)
        }
    }

    private func appendHeader(arrivedNs: Int64, count: Int, length: Int) {
        withUnsafeBytes(of: (arrivedNs, UInt32(count), UInt32(length))) { buffer.append($0) }
    }

    private func setCount(_ count: Int, ofEntryAt start: Int) {
        buffer.base.storeBytes(of: UInt32(clamping: count), toByteOffset: start + 8, as: UInt32.self)
    }

    private func entry(at offset: Int) -> Entry? {
        guard offset + Self.headerBytes <= buffer.count else { return nil }
        let arrivedNs = buffer.bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self)
        let count = Int(buffer.bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt32.self))
        let length = Int(buffer.bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
        let start = offset + Self.headerBytes
        let text = UnsafeRawBufferPointer(rebasing: buffer.bytes[start..<start + length])
        return Entry(arrivedNs: arrivedNs, count: count, text: text, start: offset, end: start + length)
    }
}
