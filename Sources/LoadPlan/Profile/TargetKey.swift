/// The keys of `target`.
enum TargetKey: String, ProfileKey {
    case url, tls, sources

    var isRequired: Bool { self == .url }

    var schema: SchemaValue {
        switch self {
        case .url: .template("ws://host:port/path or wss://host:port/path.", identifiesLogin: true)
        case .tls: .mapping("How the server's certificate is checked; for wss:// only.", TLSKey.self)
        case .sources:
            .list(
                "Local IP addresses to connect from, in turn: each has its own 28,000 or so ports.",
                of: .oneLine("An IP address."),
                minItems: 1)
        }
    }
}

/// The keys of `target.tls`.
enum TLSKey: String, ProfileKey {
    case ca, insecure
    case serverName = "server_name"

    var schema: SchemaValue {
        switch self {
        case .ca: .oneLine("PEM file of the authorities to trust instead of the system's.")
        case .insecure: .flag("Accept any certificate.")
        case .serverName: .oneLine("The name for SNI and in the certificate, when it is not the URL's host.")
        }
    }
}
