internal import Gateway
internal import LoadPlan
internal import RunControl

extension StackLayout {
    /// The stack that a profile asks for.
    ///
    /// - Throws: ``DefectError``.
    init(_ run: Plan) throws(DefectError) {
        let plan = run.gateway
        self.init(gateways: plan.processes ?? 1)
        if let spoken = run.openIM {
            openIM = OpenIMLayout(
                version: spoken.version ?? .v3_8_3, loginPolicy: plan.openIMLoginPolicy,
                connectionLimit: plan.connectionLimit, secret: spoken.secret)
        }
        hasProxy = plan.proxy
        let needsMessageService = try Defect.parseAll(plan.defects).contains(where: \.isOfMessageService)
        hasMessageService = plan.messages || needsMessageService || openIM != nil
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
