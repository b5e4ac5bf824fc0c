extension ProfileDecoder {
    mutating func decodeBackOff(_ value: DocumentValue?) -> BackOff {
        guard let value else { return dialect == .openim ? .openIMSDK : BackOff() }
        if case .scalar = value.content {
            return word(value, of: BackOffKey.words) == BackOffKey.openIMSDK ? .openIMSDK : BackOff()
        }
        var backOff = BackOff()
        guard let fields = fields(of: value, as: BackOffKey.self) else { return backOff }
        backOff.first = fields[.first].flatMap { duration($0, mayBeZero: false) } ?? backOff.first
        let last = fields[.last].flatMap { duration($0, mayBeZero: false) }
        if let last, let given = fields[.last], last < backOff.first {
            problems.add(
                "the last back-off of \(DurationText.format(last)) is shorter than the first of "
                    + DurationText.format(backOff.first), at: given)
        }
        backOff.last = last ?? max(backOff.first, backOff.last)
        backOff.cycles = fields[.cycles].flatMap { flag($0) } ?? backOff.cycles
        backOff.jitter = fields[.jitter].flatMap { flag($0) } ?? backOff.jitter
        return backOff
    }
}
