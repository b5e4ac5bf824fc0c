/// Client frames: header in the shortest form, then the masked payload (RFC 6455 §5.2, §5.3).
package enum FrameWriter {
    /// Longest header of a client frame, bytes: 2, a 64-bit length, a masking key.
    package static let maxHeaderBytes = 14
    /// Longest payload of a close, ping or pong frame, bytes (RFC 6455 §5.5).
    package static let maxControlPayloadBytes = 125

    /// Length of the header before a payload of `payloadBytes`.
    package static func headerBytes(payloadBytes: Int) -> Int {
        switch payloadBytes {
        case ...125: 6
        case ...0xFFFF: 8
        default: 14
        }
    }

    /// Length of a whole frame with a payload of `payloadBytes`.
    package static func encodedLength(payloadBytes: Int) -> Int {
        headerBytes(payloadBytes: payloadBytes) + payloadBytes
    }

    /// Writes a frame.
    ///
    /// - Parameters:
    ///   - maskingKey: Sent most significant byte first.
    ///   - payload: At most ``maxControlPayloadBytes`` for a control frame.
    ///   - destination: Room for ``encodedLength(payloadBytes:)`` bytes, apart from `payload`.
    /// - Returns: The bytes written.
    package static func write(
        _ opcode: Opcode, isFinal: Bool = true, maskingKey: UInt32, payload: UnsafeRawBufferPointer,
        to destination: UnsafeMutableRawPointer
    ) -> Int {
        let header = writeHeader(
            opcode, isFinal: isFinal, maskingKey: maskingKey, payloadBytes: payload.count, to: destination)
        Masking.copy(key: maskingKey, from: payload, to: destination + header)
        return header + payload.count
    }

    /// Completes a frame whose payload already stands behind the room for its header: writes the header and masks in place.
    ///
    /// - Parameters:
    ///   - payloadBytes: Length of the payload, which begins at `destination` + ``headerBytes(payloadBytes:)``.
    ///   - destination: Start of the frame.
    /// - Returns: The length of the frame.
    package static func finishInPlace(
        _ opcode: Opcode, isFinal: Bool = true, maskingKey: UInt32, payloadBytes: Int,
        at destination: UnsafeMutableRawPointer
    ) -> Int {
        let header = writeHeader(
            opcode, isFinal: isFinal, maskingKey: maskingKey, payloadBytes: payloadBytes, to: destination)
        Masking.apply(
            key: maskingKey, to: UnsafeMutableRawBufferPointer(start: destination + header, count: payloadBytes))
        return header + payloadBytes
    }

    /// Writes a header alone; the payload that follows must be masked with `maskingKey` from offset 0.
    ///
    /// - Returns: The bytes written, ``headerBytes(payloadBytes:)``.
    package static func writeHeader(
        _ opcode: Opcode, isFinal: Bool = true, maskingKey: UInt32, payloadBytes: Int,
        to destination: UnsafeMutableRawPointer
    ) -> Int {
        precondition(payloadBytes >= 0, "negative payload length")
        precondition(
            !opcode.isControl || (isFinal && payloadBytes <= maxControlPayloadBytes),
            "control frames are final and at most 125 bytes long")
        let maskBit: UInt8 = 0x80
        destination.storeBytes(of: opcode.rawValue | (isFinal ? 0x80 : 0), as: UInt8.self)
        let keyOffset: Int
        switch payloadBytes {
        case ...125:
            destination.storeBytes(of: maskBit | UInt8(payloadBytes), toByteOffset: 1, as: UInt8.self)
            keyOffset = 2
        case ...0xFFFF:
            destination.storeBytes(of: maskBit | 126, toByteOffset: 1, as: UInt8.self)
            destination.storeBytes(of: UInt16(payloadBytes).bigEndian, toByteOffset: 2, as: UInt16.self)
            keyOffset = 4
        default:
            destination.storeBytes(of: maskBit | 127, toByteOffset: 1, as: UInt8.self)
            destination.storeBytes(of: UInt64(payloadBytes).bigEndian, toByteOffset: 2, as: UInt64.self)
            keyOffset = 10
        }
        destination.storeBytes(of: maskingKey.bigEndian, toByteOffset: keyOffset, as: UInt32.self)
        return keyOffset + 4
    }
}
