package import Enrollment
package import LoadPlan

/// Why a run did not begin.
package enum RunError: Error, CustomStringConvertible {
    /// The plan does not fit this machine.
    case doesNotFit([LimitProblem])
    case target(TargetError)
    case folder(String)
    /// The accounts could not be got ready.
    case enrollment(EnrollmentError)
    /// The profile wants what this version does not understand.
    case unknownToOpenIM([String], version: OpenIMPlan.Version)
    /// The user has interrupted before anything connected.
    case interrupted
    /// A process of the run could not be started.
    case start(String)

    package var description: String {
        switch self {
        case .doesNotFit(let problems):
            (["this plan does not fit this machine:"] + problems.map { "  \($0)" }).joined(separator: "\n")
        case .target(let error): "\(error)"
        case .folder(let text), .start(let text): text
        case .enrollment(let error): "the accounts could not be got ready: \(error)"
        case .unknownToOpenIM(let unknown, let version):
            "this is OpenIM \(version.rawValue), which does not understand \(unknown.joined(separator: ", ")) of the profile"
        case .interrupted: "interrupted before the run began"
        }
    }
}
