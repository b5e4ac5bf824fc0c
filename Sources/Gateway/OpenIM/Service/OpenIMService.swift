internal import Logging
internal import NIOCore

/// OpenIM's services behind its gateways: tokens, users, messages, who is online, and pushes.
///
/// Any thread may call; nothing here waits.
final class OpenIMService: Sendable {
    let configuration: OpenIMServiceConfiguration
    let users: UserDirectory
    let online = OnlineDirectory()
    let messages: MessageStore
    let gateways: GatewayLinks
    let status: MessageServiceStatus
    let key: HMACSHA256
    let tokens = TokenRecords()
    let metricsTargets = MetricsTargets()
    let pushes: PushDelivery

    var version: OpenIMVersion { configuration.version }

    /// - Parameter sender: of the defect that needs a connection for each push.
    init(
        _ configuration: OpenIMServiceConfiguration, sender: PushSender?, status: MessageServiceStatus, logger: Logger
    ) {
        self.configuration = configuration
        self.status = status
        users = UserDirectory(admins: configuration.admins)
        messages = MessageStore(limitBytes: configuration.keptMessageBytes)
        key = HMACSHA256(key: Array(configuration.secret.utf8))
        gateways = GatewayLinks(status: status, logger: logger) { [online] in online.forget(gateway: $0) }
        pushes = PushDelivery(
            configuration, links: gateways, online: online, sender: sender, status: status, logger: logger)
    }

    /// Starts the thread that delivers pushes.
    func start() throws(GatewayError) {
        try pushes.start()
    }

    func stop() {
        pushes.stop()
        gateways.stop()
    }

    var hasEnded: Bool { pushes.hasEnded && gateways.areAllGone }

    /// A gateway's call.
    ///
    /// - Parameter gateway: its push address; empty: it has not said.
    func answer(_ call: ServiceCall, gateway: String) -> ServiceAnswer {
        do throws(OpenIMError) {
            return ServiceAnswer(data: try perform(call, gateway: gateway))
        } catch {
            return error.answer(version)
        }
    }

    private func perform(_ call: ServiceCall, gateway: String) throws(OpenIMError) -> ByteBuffer {
        switch call {
        case .checkToken(let text):
            let token = try check(token: text)
            var data = ByteBuffer()
            data.writeText(token.userID)
            data.writeInteger(token.platform)
            return data
        case .perform(let identifier, let user, _, let operationID, let data):
            return try perform(identifier, user: user, operationID: operationID, data)
        case .loggedIn(let user, let platform, let token, let kicksOtherTokens):
            tell(online.loggedIn(user, platform: platform, gateway: gateway), of: user)
            if kicksOtherTokens { tokens.kick(.init(userID: user, platform: platform), except: token) }
        case .loggedOut(let user, let platform):
            tell(online.loggedOut(user, platform: platform, gateway: gateway), of: user)
        case .kickToken(let user, let platform, let token):
            tokens.kick(token, .init(userID: user, platform: platform))
        case .kickOtherTokens(let user, let platform, let token):
            tokens.kick(.init(userID: user, platform: platform), except: token)
        }
        return ByteBuffer()
    }
}
