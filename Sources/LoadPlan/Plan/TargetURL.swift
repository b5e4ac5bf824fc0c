/// `ws://` or `wss://` without user info and fragment (RFC 6455 §3), and how to reach it.
package struct TargetURL: Codable, Equatable, Sendable {
    package var isSecure: Bool
    /// Name or address without brackets.
    package var host: String
    package var port: Int
    /// Path and query, beginning with `/`; may hold placeholders.
    package var resource: Template
    package var tls: TLSSettings
    /// Local addresses to connect from, in turn; empty: the kernel chooses.
    package var sources: [String]

    package init(
        isSecure: Bool, host: String, port: Int, resource: Template, tls: TLSSettings = TLSSettings(),
        sources: [String] = []
    ) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.resource = resource
        self.tls = tls
        self.sources = sources
    }

    /// The port that a URL without one means: 80, or 443 with TLS.
    package static func defaultPort(isSecure: Bool) -> Int { isSecure ? 443 : 80 }
}

extension TargetURL: CustomStringConvertible {
    /// The URL as one would write it: brackets around an IPv6 address, no default port.
    package var description: String { origin + resource.sourceText }

    /// The same up to the path; what a dialect puts behind it is long and the same for every run.
    package var withoutQuery: String { origin + resource.sourceText.prefix { $0 != "?" } }

    private var origin: String {
        let name = host.contains(":") ? "[\(host)]" : host
        let suffix = port == Self.defaultPort(isSecure: isSecure) ? "" : ":\(port)"
        return "\(isSecure ? "wss" : "ws")://\(name)\(suffix)"
    }
}
