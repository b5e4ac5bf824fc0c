internal import NIOCore

/// A protobuf `SetAppBackgroundStatusReq`: {1: string userID, 2: bool isBackground}.
enum BackgroundStatus {
    /// Whether the app is in the background; nil: no protobuf.
    static func parse(_ message: ByteBuffer) -> Bool? {
        var rest = message
        var isInBackground = false
        while rest.readableBytes > 0 {
            guard let tag = rest.readVarint() else { return nil }
            switch (tag >> 3, tag & 7) {
            case (0, _): return nil
            case (2, 0):
                guard let value = rest.readVarint() else { return nil }
                isInBackground = value != 0
            case (_, 0):
                guard rest.readVarint() != nil else { return nil }
            case (_, 1):
                guard rest.readInteger(as: UInt64.self) != nil else { return nil }
            case (_, 2):
                guard let length = rest.readVarint(), length <= UInt64(rest.readableBytes) else { return nil }
                rest.moveReaderIndex(forwardBy: Int(length))
            case (_, 5):
                guard rest.readInteger(as: UInt32.self) != nil else { return nil }
            default: return nil
            }
        }
        return isInBackground
    }
}

extension ByteBuffer {
    /// Seven bits a byte, the lowest first; the highest bit is set but in the last.
    fileprivate mutating func readVarint() -> UInt64? {
        var number: UInt64 = 0
        for index in 0..<UInt64(10) {
            guard let byte = readInteger(as: UInt8.self) else { return nil }
            number |= UInt64(byte & 127) << (7 * index)
            if byte < 128 { return number }
        }
        return nil
    }
}
