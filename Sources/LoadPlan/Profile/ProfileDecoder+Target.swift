extension ProfileDecoder {
    static let bundled = "bundled"

    /// The target after the command line's say; nil when there is a problem with it.
    mutating func decodeTarget(_ value: DocumentValue?, options: OverrideReader) -> Target? {
        // Read even when it is overridden: a profile's faults do not depend on how it is run.
        let written = value.map { decodeTarget($0) } ?? .bundled
        guard var target = options.target ?? written else { return nil }
        guard case .url(var url) = target else {
            reportOptionsWithoutURL(options)
            return target
        }
        apply(options, to: &url)
        if options.target != nil, let fault = credentialFault(in: url.resource) {
            problems.add(fault, option: "--target")
        }
        target = .url(url)
        return target
    }

    private mutating func reportOptionsWithoutURL(_ options: OverrideReader) {
        let given: [(option: String, isGiven: Bool)] = [
            ("--ca", options.caFile != nil), ("--insecure", options.insecure),
            ("--server-name", options.serverName != nil),
            ("--source", !options.sources.isEmpty),
        ]
        for case (let option, true) in given {
            problems.add("has no meaning with the bundled gateway", option: option, hint: "name a server with --target")
        }
    }

    private mutating func apply(_ options: OverrideReader, to url: inout TargetURL) {
        let tlsOptions: [(option: String, isGiven: Bool)] = [
            ("--ca", options.caFile != nil), ("--insecure", options.insecure),
            ("--server-name", options.serverName != nil),
        ]
        for case (let option, true) in tlsOptions where !url.isSecure {
            problems.add(
                "has no meaning with \(url.description), which is not TLS", option: option, hint: "use a wss:// URL")
        }
        if let caFile = options.caFile { url.tls = TLSSettings(caFile: caFile, serverName: url.tls.serverName) }
        if options.insecure { url.tls = TLSSettings(insecure: true, serverName: url.tls.serverName) }
        if let name = options.serverName { url.tls.serverName = name }
        for source in options.sources {
            if let fault = TargetCheck.sourceFault(source, host: url.host) { problems.add(fault, option: "--source") }
        }
        if !options.sources.isEmpty { url.sources = options.sources }
    }

    private mutating func decodeTarget(_ value: DocumentValue) -> Target? {
        guard case .mapping = value.content else { return decodeURL(value, mayBeBundled: true) }
        guard let fields = fields(of: value, as: TargetKey.self) else { return nil }
        let target = fields[.url].flatMap { decodeURL($0, mayBeBundled: false) }
        let tls = fields[.tls].map { decodeTLS($0) } ?? TLSSettings()
        let sources = fields[.sources].map { decodeSources($0) } ?? []
        guard case .url(var url)? = target else { return nil }
        if let value = fields[.tls], !url.isSecure {
            problems.add("tls has no meaning with a ws:// URL", at: value, hint: "write wss://, or leave tls out")
        }
        url.tls = tls
        for (source, value) in sources {
            if let fault = TargetCheck.sourceFault(source, host: url.host) { problems.add(fault, at: value) }
        }
        url.sources = sources.map(\.0)
        return .url(url)
    }

    private mutating func decodeURL(_ value: DocumentValue, mayBeBundled: Bool) -> Target? {
        guard let text = text(value, expected: mayBeBundled ? "bundled, a URL or a mapping" : "a URL") else {
            return nil
        }
        if text == Self.bundled {
            if mayBeBundled { return .bundled }
            problems.add(
                "expected a URL, found bundled", at: value, hint: "write target: bundled; tls and sources need a URL")
            return nil
        }
        do throws(TextProblem) {
            let url = try TargetURL(parsing: text)
            if let fault = credentialFault(in: url.resource) { problems.add(fault, at: value, hint: Self.openIMHint) }
            return .url(url)
        } catch {
            var problem = error
            if mayBeBundled, NearestName.find(text, in: [Self.bundled]) != nil {
                problem.hint = "did you mean bundled?"
            }
            problems.add(problem, in: value)
            return nil
        }
    }

    private mutating func decodeTLS(_ value: DocumentValue) -> TLSSettings {
        var settings = TLSSettings()
        guard let fields = fields(of: value, as: TLSKey.self) else { return settings }
        settings.caFile = fields[.ca].flatMap { line($0, expected: "the name of a PEM file") }
        settings.insecure = fields[.insecure].flatMap { flag($0) } ?? false
        if let value = fields[.serverName], let name = line(value, expected: "a host name") {
            if let fault = TargetCheck.serverNameFault(name) {
                problems.add("\(fault), found \(name.quoted)", at: value)
            }
            settings.serverName = name
        }
        if settings.insecure, let ca = fields[.ca] {
            problems.add(
                "ca is pointless with insecure: true, which accepts any certificate", at: ca,
                hint: "leave one of them out")
        }
        return settings
    }

    private mutating func decodeSources(_ value: DocumentValue) -> [(String, DocumentValue)] {
        guard let items = list(value, of: "IP addresses") else { return [] }
        if items.isEmpty { problems.add("expected at least one IP address", at: value, hint: "leave sources out") }
        var sources: [(String, DocumentValue)] = []
        for item in items {
            guard let address = text(item, expected: "an IP address") else { continue }
            if !NumericAddress.isIPv4(address), !NumericAddress.isIPv6(address) {
                problems.add("expected an IP address of this machine, found \(address.quoted)", at: item)
            } else if sources.contains(where: { $0.0 == address }) {
                problems.add("\(address) is listed twice", at: item)
            } else {
                sources.append((address, item))
            }
        }
        return sources
    }
}
