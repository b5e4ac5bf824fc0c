internal import Glibc

/// RLIMIT_NOFILE (getrlimit(2)).
enum DescriptorLimit {
    struct Limits: Equatable {
        var soft: UInt
        var hard: UInt
    }

    static func current() -> Limits? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return Limits(soft: limit.rlim_cur, hard: limit.rlim_max)
    }

    /// Raises the soft limit to the hard one, as far as the system lets.
    ///
    /// - Returns: the soft limit after that.
    @discardableResult
    static func raise() -> UInt? {
        guard let limits = current() else { return nil }
        return setSoft(limits.hard) ? limits.hard : limits.soft
    }

    /// - Returns: whether the system has let it.
    @discardableResult
    static func setSoft(_ soft: UInt) -> Bool {
        guard let limits = current() else { return false }
        var limit = rlimit(rlim_cur: soft, rlim_max: limits.hard)
        return setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
    }

    /// What the configuration asks for: exactly `limit`, or with nil as many as the system lets.
    ///
    /// - Throws: ``GatewayError/configuration(field:expected:)`` when `limit` is above the hard limit.
    static func apply(_ limit: Int?) throws(GatewayError) {
        guard let limit else {
            raise()
            return
        }
        guard setSoft(UInt(limit)) else {
            let hard = current().map { "\($0.hard)" } ?? "the hard limit"
            throw .configuration(field: "descriptorLimit", expected: "at most \(hard), the hard limit")
        }
    }

    /// A process needs some descriptors even to say that it has none left.
    static func validate(_ limit: Int?) throws(GatewayError) {
        guard let limit, !(16...1 << 30).contains(limit) else { return }
        throw .configuration(field: "descriptorLimit", expected: "16 to \(1 << 30) descriptors")
    }
}
