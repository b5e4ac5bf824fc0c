/// What the load goes to.
package enum Target: Codable, Equatable, Sendable {
    /// The gateway that is part of this program, started for the run.
    case bundled
    case url(TargetURL)
}

extension Target: CustomStringConvertible {
    /// `bundled`, or the URL.
    package var description: String {
        switch self {
        case .bundled: "bundled"
        case .url(let url): url.description
        }
    }
}
