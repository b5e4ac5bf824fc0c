internal import Enrollment
internal import LoadPlan

/// One pass over all steps. A step that lacks what an earlier one should have brought is skipped.
struct Examination {
    typealias Step = OpenIMDoctor.Step
    typealias Finding = OpenIMDoctor.Finding

    /// What came of a step.
    enum Result {
        case ok(String)
        case failed(String, advice: String)
        case skipped(String)
    }

    let target: TargetURL?
    let api: String
    let plan: OpenIMPlan
    let patience: OpenIMDoctor.Patience
    let platform: Int

    var isUnreachable = false
    var openIM: OpenIMAPI?
    var hasAdminToken = false
    var hasAccounts = false
    /// Of the two accounts, in order; empty when they could not be had.
    var tokens: [String] = []
    var gateway: GatewayClient?
    /// Connections of the two accounts that are open.
    var sender: GatewayConnection?
    var receiver: GatewayConnection?
    /// When the second of them was admitted, CLOCK_MONOTONIC.
    var admittedNs: Int64 = 0
    var isAdmitted = false
    /// The message that was acknowledged, and when it was sent.
    var sent: SentMessage?

    init(target: TargetURL?, api: String, plan: OpenIMPlan, patience: OpenIMDoctor.Patience) {
        self.target = target
        self.api = api
        self.plan = plan
        self.patience = patience
        platform = plan.platforms.first ?? 2
    }

    mutating func run(_ told: (Finding) -> Void) -> OpenIMDoctor.Report {
        let limits = APILimits(connections: 2, timeout: patience.call, attempts: 2)
        let client: APIClient
        do throws(APIFailure) {
            client = try APIClient(api: api, secrets: [plan.secret], limits: limits)
        } catch {
            let finding = Finding(
                step: .api, outcome: .failed, what: "\(error)", advice: error.advice(for: .adminToken), tookMs: 0)
            told(finding)
            return OpenIMDoctor.Report(findings: [finding], health: .unreachable)
        }
        var findings: [Finding] = []
        for step in Step.allCases {
            let clock = ContinuousClock()
            let begin = clock.now
            let result = attempt(step, client)
            let finding = Finding(step, result, tookMs: (clock.now - begin) / .milliseconds(1))
            findings.append(finding)
            told(finding)
        }
        gateway?.closeAll()
        BlockingWork.run { await client.shutdown() }
        let hasFailed = findings.contains { $0.outcome == .failed }
        return OpenIMDoctor.Report(
            findings: findings, health: isUnreachable ? .unreachable : hasFailed ? .faulty : .healthy)
    }

    private mutating func attempt(_ step: Step, _ client: APIClient) -> Result {
        switch step {
        case .api: findAPI(client)
        case .adminToken: fetchAdminToken()
        case .accounts: registerAccounts()
        case .tokens: fetchTokens()
        case .gateway: reachGateway()
        case .handshake: connect()
        case .admission: admit()
        case .registered: askWhoIsOnline()
        case .message: sendMessage()
        case .push: awaitPush()
        case .takeover: takeOver()
        case .logout: logOut()
        case .tokenAfterwards: useTokenAgain()
        }
    }
}

extension OpenIMDoctor.Finding {
    fileprivate init(_ step: OpenIMDoctor.Step, _ result: Examination.Result, tookMs: Double) {
        switch result {
        case .ok(let what): self.init(step: step, outcome: .ok, what: what, advice: nil, tookMs: tookMs)
        case .failed(let what, let advice):
            self.init(step: step, outcome: .failed, what: what, advice: advice, tookMs: tookMs)
        case .skipped(let why): self.init(step: step, outcome: .skipped, what: why, advice: nil, tookMs: nil)
        }
    }
}
