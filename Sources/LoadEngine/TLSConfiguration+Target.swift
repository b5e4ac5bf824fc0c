internal import LoadPlan
internal import Reactor

extension TLSConfiguration {
    /// What the profile says of the target's TLS.
    init(_ target: TargetURL) {
        self.init(
            serverName: target.tls.serverName ?? target.host, caFile: target.tls.caFile, insecure: target.tls.insecure)
    }
}
