/// The keys of `back_off`.
enum BackOffKey: String, ProfileKey {
    case first, last, cycles, jitter

    var schema: SchemaValue {
        let standard = BackOff()
        return switch self {
        case .first: .duration("After the first failed iteration.", standard: DurationText.format(standard.first))
        case .last: .duration("Reached by doubling.", standard: DurationText.format(standard.last))
        case .cycles: .flag("Behind the last the first follows again.", standard: standard.cycles)
        case .jitter: .flag("Each is drawn from its upper half.", standard: standard.jitter)
        }
    }

    static let standard = "standard"
    static let openIMSDK = "openim_sdk"
    static let words = [standard, openIMSDK]
}
