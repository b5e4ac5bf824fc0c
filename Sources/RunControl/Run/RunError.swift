/// Why a run did not begin.
package enum RunError: Error, CustomStringConvertible {
    /// The plan does not fit this machine.
    case doesNotFit([LimitProblem])
    case target(TargetError)
    case folder(String)
    /// A process of the run could not be started.
    case start(String)

    package var description: String {
        switch self {
        case .doesNotFit(let problems):
            (["this plan does not fit this machine:"] + problems.map { "  \($0)" }).joined(separator: "\n")
        case .target(let error): "\(error)"
        case .folder(let text), .start(let text): text
        }
    }
}
