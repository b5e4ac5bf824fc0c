internal import Enrollment
internal import LoadPlan
internal import RunReport

/// The accounts of a run, got ready: where their tokens are, and how that went.
struct RunEnrollment {
    /// CSV of the logins' tokens, for the shards.
    let credentials: String
    let figures: Report.Enrollment
    let version: OpenIMPlan.Version

    /// Registers what has to be registered and fetches what has to be fetched; the tokens are kept in `folder`.
    ///
    /// - Parameter api: of the bundled gateway; nil: the plan's own.
    init(
        _ plan: Plan, _ openIM: OpenIMPlan, api: String?, folder: RunFolder, observer: any RunObserver,
        signals: SignalInput
    ) throws(RunError) {
        var isInterrupted = false
        let address = openIM.api ?? api
        let logins = 0..<plan.accounts.logins
        let request = Enrollment.Request(
            api: address ?? "", plan: openIM, userIDs: (0..<plan.accounts.count).map(plan.accounts.id(ofAccount:)),
            platforms: Set(logins.map(openIM.platform(ofLogin:))).sorted(), cache: folder.credentialsPath)
        do throws(EnrollmentError) {
            let result = try Enrollment.run(request) { progress in
                observer.enrolling(progress)
            } isCancelled: {
                isInterrupted = signals.take() > 0 || isInterrupted
                return isInterrupted
            }
            credentials = folder.credentialsPath
            version = result.version
            figures = Report.Enrollment(
                api: openIM.tokens == .fetch ? address : nil, version: result.version.rawValue,
                tokens: result.credentials.count, tokensFetched: result.tokensFetched,
                accountsRegistered: result.registered, accountsKnown: result.alreadyRegistered,
                retries: result.retries, registerS: result.registerS, fetchTokensS: result.tokensS)
        } catch {
            throw isInterrupted ? .interrupted : .enrollment(error)
        }
        let unknown = plan.partsUnknown(toOpenIM: version)
        guard unknown.isEmpty else { throw .unknownToOpenIM(unknown, version: version) }
    }
}
