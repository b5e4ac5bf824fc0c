internal import COpenSSL

/// What all TLS connections of a run share: trust, client certificate, protocol choices.
///
/// Costly to make; one per run.
///
/// TLS 1.2 or later, ALPN `http/1.1` (RFC 7301; a WebSocket opening handshake is HTTP/1.1), no renegotiation, no resumption.
package final class TLSContext {
    package let configuration: TLSConfiguration
    private let context: OpaquePointer
    /// Nil for a numeric address.
    private let indicatedName: String?

    package init(_ configuration: TLSConfiguration) throws(TLSConfigurationError) {
        guard let context = SSL_CTX_new(TLS_client_method()) else {
            throw .unavailable(reason: Self.lastReason())
        }
        do throws(TLSConfigurationError) {
            indicatedName = try Self.expectName(configuration.serverName, context)
            try Self.loadTrust(configuration, context)
            try Self.loadIdentity(configuration, context)
            guard copenssl_set_minimum_tls12(context) == 1, Self.offerHTTP1(context) else {
                throw .unavailable(reason: Self.lastReason())
            }
        } catch {
            SSL_CTX_free(context)
            throw error
        }
        SSL_CTX_set_verify(context, configuration.insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nil)
        copenssl_refuse_renegotiation(context)
        copenssl_release_idle_buffers(context)
        copenssl_disable_session_cache(context)
        self.configuration = configuration
        self.context = context
    }

    deinit {
        SSL_CTX_free(context)
    }

    /// A client session that speaks through `channel`, which must outlive it; nil if OpenSSL has no memory.
    func makeSession(over channel: UnsafeMutablePointer<TLSChannel>) -> OpaquePointer? {
        guard let session = SSL_new(context) else { return nil }
        guard let bio = TLSChannel.makeBIO(over: channel) else {
            SSL_free(session)
            return nil
        }
        SSL_set_bio(session, bio, bio)
        SSL_set_connect_state(session)
        if let indicatedName, copenssl_set_server_name(session, indicatedName) != 1 {
            SSL_free(session)
            return nil
        }
        return session
    }

    /// Has certificates checked against `serverName`; returns the name for SNI.
    private static func expectName(
        _ serverName: String, _ context: OpaquePointer
    ) throws(TLSConfigurationError) -> String? {
        let parameters = SSL_CTX_get0_param(context)
        if let address = SocketAddress(host: serverName, port: 0) {
            guard X509_VERIFY_PARAM_set1_ip_asc(parameters, address.host) == 1 else {
                throw .invalidServerName(serverName)
            }
            return nil
        }
        // A trailing dot makes a name absolute for the resolver; certificates and SNI leave it out (RFC 6066 §3).
        let name = serverName.hasSuffix(".") ? String(serverName.dropLast()) : serverName
        guard !name.isEmpty, name.utf8.count <= 253, !name.utf8.contains(0),
            X509_VERIFY_PARAM_set1_host(parameters, name, 0) == 1
        else { throw .invalidServerName(serverName) }
        copenssl_refuse_partial_wildcards(parameters)
        return name
    }

    private static func loadTrust(
        _ configuration: TLSConfiguration, _ context: OpaquePointer
    ) throws(TLSConfigurationError) {
        guard let caFile = configuration.caFile else {
            guard SSL_CTX_set_default_verify_paths(context) == 1 else { throw .unavailable(reason: lastReason()) }
            return
        }
        guard SSL_CTX_load_verify_file(context, caFile) == 1 else {
            throw .unreadableAuthorities(path: caFile, reason: lastReason())
        }
    }

    private static func loadIdentity(
        _ configuration: TLSConfiguration, _ context: OpaquePointer
    ) throws(TLSConfigurationError) {
        guard let certificateFile = configuration.clientCertificateFile else { return }
        guard SSL_CTX_use_certificate_chain_file(context, certificateFile) == 1 else {
            throw .unreadableCertificate(path: certificateFile, reason: lastReason())
        }
        let keyFile = configuration.clientKeyFile ?? certificateFile
        guard SSL_CTX_use_PrivateKey_file(context, keyFile, SSL_FILETYPE_PEM) == 1,
            SSL_CTX_check_private_key(context) == 1
        else { throw .unusableKey(path: keyFile, reason: lastReason()) }
    }

    private static func offerHTTP1(_ context: OpaquePointer) -> Bool {
        let name = Array("http/1.1".utf8)
        let protocols = [UInt8(name.count)] + name
        // Unlike its neighbours, this call returns 0 for success.
        return SSL_CTX_set_alpn_protos(context, protocols, UInt32(protocols.count)) == 0
    }

    /// OpenSSL's reason for the first error it has queued; empties the queue.
    static func lastReason() -> String {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0, let reason = ERR_reason_error_string(code) else {
            return code == 0 ? "no reason given" : "error \(String(code, radix: 16))"
        }
        return String(cString: reason)
    }
}
