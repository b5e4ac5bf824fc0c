internal import NIOCore

/// What a connection suffers from that the gateway's defects have chosen.
struct ConnectionFaults {
    /// Close frame and FIN are read, but neither is ever sent: the socket stays, in CLOSE_WAIT once the peer is gone.
    var neverCloses: Bool
    /// The next frame from then on is the last that is read.
    var stopsReadingAt: MonotonicTime?

    var hasStoppedReading: Bool {
        guard let stopsReadingAt else { return false }
        return MonotonicTime.now >= stopsReadingAt
    }

    /// Keeps the peer's FIN from closing the socket.
    func prepare(_ channel: any Channel) {
        try? channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
    }
}
