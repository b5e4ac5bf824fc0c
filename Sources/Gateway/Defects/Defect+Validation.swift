extension Defect {
    /// Checks that each defect is named once, lives in this role, and has values in range.
    ///
    /// - Throws: ``GatewayError/configuration(field:expected:)``.
    static func validate(_ defects: [Defect], areOfMessageService: Bool) throws(GatewayError) {
        func require(_ holds: Bool, _ expected: String) throws(GatewayError) {
            guard holds else { throw .configuration(field: "defects", expected: expected) }
        }
        var names: Set<Name> = []
        for defect in defects {
            let name = defect.name
            try require(names.insert(name).inserted, "\(name.rawValue) once")
            try require(
                name != .registerUnregisterDeadlock, "\(name.rawValue) as registryDefect, not among the others")
            try require(
                defect.isOfMessageService == areOfMessageService,
                areOfMessageService
                    ? "defects of the message service; \(name.rawValue) is a gateway's"
                    : "defects of a gateway; \(name.rawValue) is the message service's")
            try require(defect.hasValuesInRange, "values of \(name.rawValue) in range")
        }
    }

    /// As ``DefectOptions`` checks them; a configuration may also be built without text.
    private var hasValuesInRange: Bool {
        let shares = 0.0...1
        let times: ClosedRange<Duration> = .zero ... .seconds(3600)
        return switch self {
        case .registerUnregisterDeadlock: true
        case .addressLookupPerLogLine(let lookup): shares.contains(lookup.leak)
        case .connectionPerPush(let share), .neverClose(let share): shares.contains(share)
        case .messageServiceHang(let time), .slowHandshake(let time), .crash(let time), .slow(let time):
            times.contains(time)
        case .memoryGrowth(let bytes): (1...1 << 30).contains(bytes)
        case .stopReading(let after, let share): times.contains(after) && shares.contains(share)
        }
    }
}
