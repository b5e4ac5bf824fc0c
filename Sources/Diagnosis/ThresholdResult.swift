/// What came of one threshold of the profile.
package struct ThresholdResult: Codable, Equatable, Sendable {
    package enum Unit: String, Codable, CaseIterable, Sendable {
        case microseconds = "us"
        case count
    }

    /// As written in the profile, such as `handshake.p99 < 250ms`.
    package var expression: String
    /// nil when there was nothing to measure, which fails the threshold.
    package var observed: Double?
    package var unit: Unit
    package var ok: Bool
    /// Not written by the user: stands in when a profile lists none.
    package var isImplicit: Bool

    package init(expression: String, observed: Double?, unit: Unit, ok: Bool, isImplicit: Bool = false) {
        self.expression = expression
        self.observed = observed
        self.unit = unit
        self.ok = ok
        self.isImplicit = isImplicit
    }

    private enum CodingKeys: String, CodingKey {
        case expression, observed, unit, ok, isImplicit = "implicit"
    }
}
