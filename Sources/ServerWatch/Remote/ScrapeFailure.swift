/// Why an address that was asked gave no answer that can be used.
package struct ScrapeFailure: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Reason: String, Codable, CaseIterable, Sendable {
        case badURL = "bad_url"
        case unreachable
        case secureConnection = "secure_connection"
        case timeout
        case cutShort = "cut_short"
        case status
        case tooLarge = "too_large"
        case unreadable
        case stopped
    }

    package var reason: Reason
    package var url: String
    /// What happened, in words.
    package var what: String
    /// What to do about it; may be empty.
    package var advice: String

    package init(_ reason: Reason, url: String, what: String, advice: String = "") {
        self.reason = reason
        self.url = url
        self.what = what
        self.advice = advice
    }

    package var description: String {
        advice.isEmpty ? "\(url): \(what)" : "\(url): \(what); \(advice)"
    }
}
