internal import Glibc

/// What is wrong with a gateway, shared by its event loops.
final class GatewayDefects: Sendable {
    /// Mean of the exponentially distributed time that a handshake takes.
    let meanHandshakeTime: Duration?
    let neverCloses: EvenShare?
    let bytesKeptPerMessage: Int?
    let cpuPerMessage: Duration?
    let stopsReading: StopsReading?
    let seed: UInt64

    struct StopsReading: Sendable {
        var start: MonotonicTime
        var share: EvenShare
    }

    /// nil: nothing is wrong.
    init?(_ configuration: GatewayConfiguration) {
        guard !configuration.defects.isEmpty else { return nil }
        var meanHandshakeTime: Duration?
        var neverCloses: EvenShare?
        var bytesKeptPerMessage: Int?
        var cpuPerMessage: Duration?
        var stopsReading: StopsReading?
        for defect in configuration.defects {
            switch defect {
            // 99 % are below the mean times ln 100.
            case .slowHandshake(let p99): meanHandshakeTime = p99 / log(100)
            case .neverClose(let share): neverCloses = EvenShare(share)
            case .memoryGrowth(let bytes): bytesKeptPerMessage = bytes
            case .slow(let cpu): cpuPerMessage = cpu
            case .stopReading(let after, let share):
                stopsReading = StopsReading(start: MonotonicTime.now + after, share: EvenShare(share))
            // The gateway's admin loop does it.
            case .crash: break
            // `Defect.validate` lets none of these through.
            case .registerUnregisterDeadlock, .addressLookupPerLogLine, .connectionPerPush, .messageServiceHang: break
            }
        }
        self.meanHandshakeTime = meanHandshakeTime
        self.neverCloses = neverCloses
        self.bytesKeptPerMessage = bytesKeptPerMessage
        self.cpuPerMessage = cpuPerMessage
        self.stopsReading = stopsReading
        seed = configuration.seed
    }
}
