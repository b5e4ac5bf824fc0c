internal import LoadMetrics
internal import WebSocketWire

/// A few examples of what peers did wrong, for the report; counters say how often.
struct Examples: ~Copyable {
    private static let maxRefusalsPerStatus = 2
    private static let maxRefusals = 8
    private static let maxBodyBytes = 4096
    private static let maxViolations = 16

    private var refusals: [Refusal] = []
    private var statuses: [Int: Int] = [:]
    private var violations: [String] = []
    private var knownViolations: Set<String> = []

    /// Whether another example of `status` is worth waiting for its body.
    func wantsRefusal(status: Int) -> Bool {
        statuses[status, default: 0] < Self.maxRefusalsPerStatus && statuses.values.reduce(0, +) < Self.maxRefusals
    }

    /// Whether the response's body is complete, or as long as is kept.
    func refusalIsComplete(_ response: UnsafeRawBufferPointer, headBytes: Int, bodyBytes: Int?) -> Bool {
        response.count - headBytes >= min(bodyBytes ?? .max, Self.maxBodyBytes)
    }

    /// - Parameter secret: Taken out where the server repeats it.
    mutating func addRefusal(
        status: Int, response: UnsafeRawBufferPointer, headBytes: Int, bodyBytes: Int?,
        secret: UnsafeRawBufferPointer? = nil
    ) {
        guard wantsRefusal(status: status) else { return }
        statuses[status, default: 0] += 1
        let end = min(response.count, headBytes + min(bodyBytes ?? .max, Self.maxBodyBytes))
        var body = String(decoding: response[min(headBytes, end)..<end], as: UTF8.self)
        if let secret, !secret.isEmpty { body = body.hiding(String(decoding: secret, as: UTF8.self)) }
        refusals.append(Refusal(status: status, reason: UpgradeResponse.statusReason(response), body: body))
    }

    mutating func add(violation: String) {
        guard knownViolations.count < Self.maxViolations, knownViolations.insert(violation).inserted else { return }
        violations.append(violation)
    }

    mutating func takeRefusals() -> [Refusal] {
        defer { refusals = [] }
        return refusals
    }

    mutating func takeViolations() -> [String] {
        defer { violations = [] }
        return violations
    }
}

extension String {
    /// The text with every occurrence of a secret replaced by dots.
    fileprivate func hiding(_ secret: String) -> String {
        var rest = Substring(self)
        var shown = ""
        while let range = rest.firstRange(of: secret) {
            shown += rest[..<range.lowerBound] + "..."
            rest = rest[range.upperBound...]
        }
        return shown + rest
    }
}
