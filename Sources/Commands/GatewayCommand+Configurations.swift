internal import ArgumentParser
internal import Gateway
internal import LoadPlan
internal import RunControl

/// What each process of the stack is told.
extension GatewayCommand {
    func parsedDefects() throws -> [Defect] {
        do {
            return try Defect.parseAll(defects, openIMVersion: dialect == .openim ? version : nil)
        } catch {
            throw ValidationError("--defect: \(error)")
        }
    }

    func gatewayConfiguration() throws -> GatewayConfiguration {
        var configuration = GatewayConfiguration()
        configuration.name = name
        (configuration.host, configuration.port) = try Self.endpoint(listen, option: "--listen")
        (configuration.apiHost, configuration.apiPort) = try Self.endpoint(api, option: "--api")
        configuration.reusePort = reusePort
        configuration.messageService = messageService
        configuration.descriptorLimit = descriptors
        for defect in try parsedDefects() {
            if case .registerUnregisterDeadlock(let registry) = defect {
                configuration.registryDefect = registry
            } else if !defect.isOfMessageService {
                configuration.defects.append(defect)
            }
        }
        if let threads { configuration.threads = threads }
        if let queueCapacity { configuration.queueCapacity = queueCapacity }
        if let registrationDelay {
            do {
                configuration.registrationDelay = try DurationText.parse(registrationDelay)
            } catch {
                throw ValidationError("--registration-delay: \(error)")
            }
        }
        if dialect == .openim { configuration.openIM = try openIMConfiguration() }
        if let loginPolicy, dialect == .plain {
            guard let policy = LoginPolicy(rawValue: loginPolicy) else {
                let known = LoginPolicy.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--login-policy '\(loginPolicy)' is none of \(known)")
            }
            configuration.loginPolicy = policy
        }
        configuration.logFile = log
        return configuration
    }

    func messageConfiguration() throws -> MessageServiceConfiguration {
        var configuration = MessageServiceConfiguration()
        configuration.name = name
        (configuration.host, configuration.port) = try Self.endpoint(listen, option: "--listen")
        (configuration.apiHost, configuration.apiPort) = try Self.endpoint(api, option: "--api")
        configuration.descriptorLimit = descriptors
        configuration.defects = try parsedDefects().filter(\.isOfMessageService)
        if dialect == .openim {
            var service = OpenIMServiceConfiguration()
            service.version = version
            service.secret = secret
            if let policy = try openIMLoginPolicy() { service.loginPolicy = policy }
            (service.restHost, service.restPort) = try Self.endpoint(rest, option: "--rest")
            configuration.openIM = service
        }
        configuration.logFile = log
        return configuration
    }

    func proxyConfiguration() throws -> ProxyConfiguration {
        var configuration = ProxyConfiguration()
        configuration.name = name
        (configuration.host, configuration.port) = try Self.endpoint(listen, option: "--listen")
        (configuration.apiHost, configuration.apiPort) = try Self.endpoint(api, option: "--api")
        configuration.upstreams = upstreams
        if dialect == .openim { configuration.openIM = OpenIMProxyLimits() }
        configuration.relaysClose = relayClose ?? true
        configuration.descriptorLimit = descriptors
        configuration.logFile = log
        return configuration
    }

    /// OpenIM's, which no command line shows.
    var secret: String {
        CommandEnvironment.process.variables[StackLayout.secretVariable] ?? OpenIMPlan.defaultSecret
    }

    func openIMLoginPolicy() throws -> OpenIMLoginPolicy? {
        guard let loginPolicy else { return nil }
        guard let policy = Int(loginPolicy).flatMap(OpenIMLoginPolicy.init) else {
            let known = OpenIMLoginPolicy.allCases.map { "\($0.rawValue)" }.joined(separator: ", ")
            throw ValidationError("--login-policy '\(loginPolicy)' is none of OpenIM's \(known)")
        }
        return policy
    }

    private func openIMConfiguration() throws -> OpenIMConfiguration {
        var configuration = OpenIMConfiguration()
        configuration.version = version
        if let policy = try openIMLoginPolicy() { configuration.loginPolicy = policy }
        if let connectionLimit { configuration.connectionLimit = connectionLimit }
        return configuration
    }

    private var version: OpenIMVersion {
        openIMVersion.flatMap { OpenIMVersion(rawValue: $0.rawValue) } ?? .v3_8_3
    }

    /// `127.0.0.1:8080`, `[::1]:8080`, `localhost:0`.
    static func endpoint(_ text: String, option: String) throws -> (host: String, port: Int) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw ValidationError("\(option) '\(text)' is not HOST:PORT")
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { throw ValidationError("\(option) '\(text)' has no host") }
        return (host, Int(port))
    }
}
