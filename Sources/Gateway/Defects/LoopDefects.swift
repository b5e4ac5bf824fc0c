internal import Glibc

/// What is wrong with one event loop of a gateway; loop-bound.
final class LoopDefects {
    private let defects: GatewayDefects
    private var random: SplitMix64
    private var kept: [UnsafeMutableRawPointer] = []

    init(_ defects: GatewayDefects, loopIndex: Int) {
        self.defects = defects
        random = SplitMix64(seed: defects.seed &+ UInt64(loopIndex))
    }

    deinit {
        for block in kept { free(block) }
    }

    /// How long the next handshake takes; nil: no longer than it must.
    func handshakeDelay() -> Duration? {
        guard let mean = defects.meanHandshakeTime else { return nil }
        // Inverse of the exponential distribution; the argument is never 0.
        return min(mean * -log(1 - Double.random(in: 0..<1, using: &random)), .seconds(3600))
    }

    /// What the next connection suffers from; nil: nothing.
    func faultsOfNextConnection() -> ConnectionFaults? {
        let neverCloses = defects.neverCloses?.takes() ?? false
        let stops = defects.stopsReading.flatMap { $0.share.takes() ? $0.start : nil }
        guard neverCloses || stops != nil else { return nil }
        return ConnectionFaults(neverCloses: neverCloses, stopsReadingAt: stops)
    }

    /// What each message costs.
    func messageTaken() {
        if let bytes = defects.bytesKeptPerMessage, let block = malloc(bytes) {
            // Touched, since the kernel gives no memory for pages that nobody has written to.
            memset(block, 1, bytes)
            kept.append(block)
        }
        if let time = defects.cpuPerMessage {
            ThreadCPUTime.burn(time)
        }
    }
}
