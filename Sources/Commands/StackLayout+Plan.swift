internal import ArgumentParser
internal import Gateway
internal import LoadPlan
internal import RunControl

extension StackLayout {
    /// The stack that a profile asks for.
    ///
    /// - Throws: a validation error that names the defect that is none, or its option.
    init(_ plan: GatewayPlan) throws {
        self.init(gateways: plan.processes ?? 1)
        hasProxy = plan.proxy
        hasMessageService = try plan.messages || plan.parsedDefects().contains(where: \.isOfMessageService)
        defects = plan.defects
        descriptors = plan.descriptors
        if let threads = plan.threads { gatewayOptions += ["--threads", "\(threads)"] }
        if let capacity = plan.queueCapacity { gatewayOptions += ["--queue-capacity", "\(capacity)"] }
        if let delay = plan.registrationDelay {
            gatewayOptions += ["--registration-delay", DurationText.format(delay)]
        }
        if let policy = plan.loginPolicy { gatewayOptions += ["--login-policy", policy.rawValue] }
    }
}

extension GatewayPlan {
    /// - Throws: a validation error; the profile's own check knows only the shape of a defect.
    func parsedDefects() throws -> [Defect] {
        do {
            return try Defect.parseAll(defects)
        } catch {
            throw ValidationError("gateway.defects: \(error)")
        }
    }
}
