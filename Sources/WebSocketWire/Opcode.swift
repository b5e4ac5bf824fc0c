/// What a frame carries (RFC 6455 §5.2); the values not listed are reserved and never accepted.
package enum Opcode: UInt8, BitwiseCopyable, Sendable {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    /// Close, ping or pong: never fragmented, at most ``FrameWriter/maxControlPayloadBytes`` long (RFC 6455 §5.5).
    package var isControl: Bool { rawValue & 0x8 != 0 }
}
