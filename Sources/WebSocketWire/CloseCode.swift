/// Close codes (RFC 6455 §7.4, IANA's WebSocket Close Code Number registry) and the payload of a close frame.
package enum CloseCode {
    package static let normal: UInt16 = 1000
    package static let goingAway: UInt16 = 1001
    package static let protocolError: UInt16 = 1002
    /// Stands for "the close frame had no code"; never on the wire.
    package static let noneReceived: UInt16 = 1005
    package static let invalidPayload: UInt16 = 1007
    package static let messageTooBig: UInt16 = 1009

    /// Longest reason that fits beside the code in a control frame, bytes.
    package static let maxReasonBytes = FrameWriter.maxControlPayloadBytes - 2

    /// Whether a close frame may carry `code`: registered protocol codes, and the ranges of libraries and applications.
    package static func isAllowedOnWire(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    /// Writes a close frame's payload: `code`, then `reason` as UTF-8, cut between characters to what fits.
    ///
    /// - Parameter destination: Room for ``FrameWriter/maxControlPayloadBytes`` bytes.
    /// - Returns: The bytes written: 2 or more.
    package static func writePayload(
        code: UInt16, reason: String = "", to destination: UnsafeMutableRawPointer
    ) -> Int {
        destination.storeBytes(of: code.bigEndian, as: UInt16.self)
        var length = 2
        for scalar in reason.unicodeScalars {
            let encoded = UTF8.encode(scalar)
            guard let encoded, length + encoded.count <= 2 + maxReasonBytes else { break }
            for byte in encoded {
                destination.storeBytes(of: byte, toByteOffset: length, as: UInt8.self)
                length += 1
            }
        }
        return length
    }
}
