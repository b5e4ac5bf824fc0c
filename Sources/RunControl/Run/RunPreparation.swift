internal import LoadPlan

/// What is known before anything is started: limits, needs, and where the target is.
package struct RunPreparation: Sendable {
    package let limits: MachineLimits
    package let needs: RunNeeds
    package let problems: [LimitProblem]
    /// nil for the bundled gateway, which is not there yet.
    package let address: TargetAddress?

    /// Reads the limits, resolves and probes the target.
    package init(_ request: RunRequest) throws(RunError) {
        MachineLimits.raiseDescriptorLimit()
        limits = MachineLimits.current()
        var url: TargetURL?
        var address: TargetAddress?
        if case .url(let target) = request.plan.target {
            url = target
            do {
                address = try TargetAddress(reaching: target)
            } catch {
                throw .target(error)
            }
        }
        self.address = address
        needs = RunNeeds(
            plan: request.plan, target: url, isLoopback: address?.isLoopback ?? true, isIPv6: address?.isIPv6 ?? false,
            limits: limits, shards: request.shards, gateways: request.gateways)
        problems = needs.problems(limits)
    }

    package var fatalProblems: [LimitProblem] { problems.filter(\.isFatal) }
}
