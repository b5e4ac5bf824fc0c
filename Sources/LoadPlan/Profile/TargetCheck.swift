/// Rules about a target that its parts do not show alone.
enum TargetCheck {
    /// What is wrong with a name for SNI and certificates; nil when it is fine.
    static func serverNameFault(_ name: String) -> String? {
        if NumericAddress.isIPv6(name) { return nil }
        return HostName.fault(in: name).map { "expected a host name or an IP address: \($0.message)" }
    }

    /// What is wrong with a local address for this host; nil when it can be tried.
    static func sourceFault(_ source: String, host: String) -> String? {
        let isIPv6 = NumericAddress.isIPv6(source)
        if NumericAddress.isIPv4(host), isIPv6 {
            return "the IPv6 address \(source) cannot reach the IPv4 address \(host)"
        }
        if NumericAddress.isIPv6(host), !isIPv6 {
            return "the IPv4 address \(source) cannot reach the IPv6 address \(host)"
        }
        return nil
    }
}
