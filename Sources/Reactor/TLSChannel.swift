internal import COpenSSL

/// The cipher text between OpenSSL and the sockets of one loop: what has just been received, and what is to be sent.
///
/// One per loop, lent to one connection at a time. It works because both halves are empty again before the loop turns to another
/// connection: OpenSSL takes all input before it asks for more (it keeps an incomplete record itself), and the loop
/// sends or queues all output after every call into OpenSSL and then clears both.
struct TLSChannel {
    private(set) var input: UnsafeRawBufferPointer
    private(set) var output: UnsafeMutableRawPointer
    private var outputCapacity: Int
    private(set) var outputCount = 0

    /// Larger output buffers are not kept.
    private static let keptOutputBytes = 256 * 1024

    init() {
        input = UnsafeRawBufferPointer(start: nil, count: 0)
        outputCapacity = 32 * 1024
        output = .allocate(byteCount: outputCapacity, alignment: 16)
    }

    func deallocate() {
        output.deallocate()
    }

    mutating func setInput(_ bytes: UnsafeRawBufferPointer) {
        input = bytes
    }

    /// Empties both halves, for the next connection.
    ///
    /// OpenSSL leaves input behind when it gives up on a connection.
    mutating func clear() {
        input = UnsafeRawBufferPointer(start: nil, count: 0)
        outputCount = 0
        guard outputCapacity > Self.keptOutputBytes else { return }
        output.deallocate()
        outputCapacity = 32 * 1024
        output = .allocate(byteCount: outputCapacity, alignment: 16)
    }

    private mutating func takeInput(_ target: UnsafeMutableRawPointer, _ capacity: Int) -> Int {
        let count = min(capacity, input.count)
        guard count > 0, let start = input.baseAddress else { return 0 }
        target.copyMemory(from: start, byteCount: count)
        input = UnsafeRawBufferPointer(rebasing: input[count...])
        return count
    }

    private mutating func appendOutput(_ source: UnsafeRawPointer, _ count: Int) {
        let needed = outputCount + count
        if needed > outputCapacity {
            while outputCapacity < needed { outputCapacity *= 2 }
            let larger = UnsafeMutableRawPointer.allocate(byteCount: outputCapacity, alignment: 16)
            larger.copyMemory(from: output, byteCount: outputCount)
            output.deallocate()
            output = larger
        }
        (output + outputCount).copyMemory(from: source, byteCount: count)
        outputCount = needed
    }
}

extension TLSChannel {
    /// A BIO without memory of its own that reads and writes `channel`.
    static func makeBIO(over channel: UnsafeMutablePointer<TLSChannel>) -> OpaquePointer? {
        guard let method, let bio = BIO_new(method.pointer) else { return nil }
        BIO_set_data(bio, channel)
        BIO_set_init(bio, 1)
        return bio
    }

    /// Made once per process and never changed: OpenSSL reads it only.
    private struct Method: Sendable {
        nonisolated(unsafe) let pointer: OpaquePointer
    }

    private static let method: Method? = {
        let kind = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK
        guard let method = BIO_meth_new(kind, "event loop") else { return nil }
        BIO_meth_set_read(method) { bio, target, capacity in
            copenssl_clear_retry(bio)
            guard let target, capacity > 0, let data = BIO_get_data(bio) else { return 0 }
            let count = data.assumingMemoryBound(to: TLSChannel.self).pointee.takeInput(target, Int(capacity))
            guard count == 0 else { return Int32(count) }
            copenssl_set_retry_read(bio)
            return -1
        }
        BIO_meth_set_write(method) { bio, source, count in
            copenssl_clear_retry(bio)
            guard let source, count > 0, let data = BIO_get_data(bio) else { return 0 }
            data.assumingMemoryBound(to: TLSChannel.self).pointee.appendOutput(source, Int(count))
            return count
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in
            command == BIO_CTRL_FLUSH ? 1 : 0
        }
        return Method(pointer: method)
    }()
}
