/// How a run secures its connections.
package struct TLSConfiguration: Equatable, Sendable {
    /// The name or numeric address that the server's certificate must be made out to.
    ///
    /// A name is also asked for (SNI, RFC 6066 §3); a numeric address must not be.
    package var serverName: String
    /// PEM file with the authorities to trust instead of the system's.
    package var caFile: String?
    /// Accepts any certificate of any name.
    package var insecure: Bool
    /// PEM file with this client's certificate, its own first, then the chain.
    package var clientCertificateFile: String?
    /// PEM file with the private key of `clientCertificateFile`; nil if the key is in the same file.
    package var clientKeyFile: String?

    package init(
        serverName: String, caFile: String? = nil, insecure: Bool = false, clientCertificateFile: String? = nil,
        clientKeyFile: String? = nil
    ) {
        self.serverName = serverName
        self.caFile = caFile
        self.insecure = insecure
        self.clientCertificateFile = clientCertificateFile
        self.clientKeyFile = clientKeyFile
    }
}

/// A TLS configuration that cannot be used.
package enum TLSConfigurationError: Error, Equatable, CustomStringConvertible {
    /// OpenSSL refused to make a context.
    case unavailable(reason: String)
    case invalidServerName(String)
    case unreadableAuthorities(path: String, reason: String)
    case unreadableCertificate(path: String, reason: String)
    /// Unreadable, or not the key of the certificate.
    case unusableKey(path: String, reason: String)

    package var description: String {
        switch self {
        case .unavailable(let reason): "TLS is not available: \(reason)"
        case .invalidServerName(let name): "'\(name)' is no host name a certificate can be made out to"
        case .unreadableAuthorities(let path, let reason): "cannot read the trusted authorities in \(path): \(reason)"
        case .unreadableCertificate(let path, let reason): "cannot read the client certificate in \(path): \(reason)"
        case .unusableKey(let path, let reason): "cannot use the private key in \(path): \(reason)"
        }
    }
}
