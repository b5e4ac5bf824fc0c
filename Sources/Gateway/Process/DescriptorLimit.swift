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
}
