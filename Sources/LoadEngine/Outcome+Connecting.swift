internal import LoadMetrics
internal import Reactor

extension Outcome {
    /// The outcome of a TCP connect or TLS handshake that failed so.
    init(connecting failure: NetworkFailure, isSecure: Bool) {
        switch failure {
        // The peer had accepted (a SYN is not reset but refused) and has cut the connection before we looked at it again.
        case .reset, .brokenPipe: self.init(isSecure ? .tlsFailed : .handshakeLost)
        case .refused: self.init(.refused)
        case .timedOut: self.init(.connectTimeout)
        case .unreachable: self.init(.unreachable)
        case .noLocalPort, .addressInUse: self.init(.noLocalPort)
        case .noDescriptors, .noSystemDescriptors: self.init(.noDescriptors)
        case .noBuffers, .noEventWatches: self.init(.noBuffers)
        case .denied: self.init(.networkDenied)
        case .tlsCertificate: self.init(.tlsCertificate)
        case .tlsHandshake, .tlsProtocol: self.init(.tlsFailed)
        case .sourceNotLocal, .loopFull, .familyUnsupported, .notConnected, .other:
            self.init(.connectFailed)
        }
    }
}
