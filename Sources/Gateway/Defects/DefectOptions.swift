/// The `k=v,…` behind a defect's name, read one by one; what nobody has read at the end is a mistake.
struct DefectOptions {
    let defect: String
    private var values: [String: String] = [:]
    private var known: [String] = []

    /// - Parameter text: what follows the colon; nil without one.
    init(of defect: String, text: Substring?) throws(DefectError) {
        self.defect = defect
        guard let text else { return }
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let equals = item.firstIndex(of: "="), equals != item.startIndex else {
                throw .notAnOption(defect: defect, text: String(item))
            }
            let key = String(item[..<equals])
            guard values.updateValue(String(item[item.index(after: equals)...]), forKey: key) == nil else {
                throw .givenTwice(defect: defect, option: key)
            }
        }
    }

    /// A time such as `5s`, `1ms`, `0s`.
    mutating func duration(_ key: String, standard: Duration) throws(DefectError) -> Duration {
        guard let text = take(key) else { return standard }
        let units: [(suffix: String, nanoseconds: Double)] = [
            ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
        ]
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }),
            let number = Double(text.dropLast(unit.suffix.count)), (0...3.6e12 / unit.nanoseconds).contains(number)
        else { throw unexpected(key, text, "a time from 0s to 1h, such as 500us, 5ms, 2s") }
        return .nanoseconds(Int64(number * unit.nanoseconds))
    }

    mutating func count(
        _ key: String, standard: Int, in range: ClosedRange<Int>
    ) throws(DefectError) -> Int {
        guard let text = take(key) else { return standard }
        guard let number = Int(text), range.contains(number) else {
            throw unexpected(key, text, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A share from 0 to 1.
    mutating func share(_ key: String, standard: Double) throws(DefectError) -> Double {
        guard let text = take(key) else { return standard }
        guard let number = Double(text), (0...1).contains(number) else {
            throw unexpected(key, text, "a share from 0 to 1")
        }
        return number
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, standard: Choice
    ) throws(DefectError) -> Choice where Choice.RawValue == String {
        guard let text = take(key) else { return standard }
        guard let choice = Choice(rawValue: text) else {
            throw unexpected(key, text, "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    /// Checks that every option given was one that the defect has.
    func finish() throws(DefectError) {
        guard let stray = values.keys.sorted().first else { return }
        throw .unknownOption(defect: defect, option: stray, known: known)
    }

    private mutating func take(_ key: String) -> String? {
        known.append(key)
        return values.removeValue(forKey: key)
    }

    private func unexpected(_ key: String, _ text: String, _ expected: String) -> DefectError {
        .badValue(defect: defect, option: key, value: text, expected: expected)
    }
}
