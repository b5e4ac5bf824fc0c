import COpenSSL
import Glibc
import Testing

@testable import Reactor

/// The server's end of a TLS connection, driven step by step on the test's own thread.
struct TLSServer: ~Copyable {
    struct Identity {
        var certificateFile: String
        var keyFile: String
        /// Demands a client certificate issued by this one.
        var clientCAFile: String?
        var maximumVersion: Int32?
    }

    private let context: OpaquePointer
    private let session: OpaquePointer
    // Not the socket itself: OpenSSL would write to it without MSG_NOSIGNAL.
    private let arrived: OpaquePointer
    private let leaving: OpaquePointer
    private let peer: ScriptedPeer

    init(_ peer: consuming ScriptedPeer, _ identity: Identity) throws {
        let made = try #require(SSL_CTX_new(TLS_server_method()))
        try #require(SSL_CTX_use_certificate_file(made, identity.certificateFile, SSL_FILETYPE_PEM) == 1)
        try #require(SSL_CTX_use_PrivateKey_file(made, identity.keyFile, SSL_FILETYPE_PEM) == 1)
        if let clientCAFile = identity.clientCAFile {
            try #require(SSL_CTX_load_verify_file(made, clientCAFile) == 1)
            SSL_CTX_set_verify(made, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        }
        if let version = identity.maximumVersion {
            try #require(SSL_CTX_ctrl(made, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil) == 1)
        }
        SSL_CTX_set_alpn_select_cb(
            made,
            { _, chosen, length, offered, offeredLength, _ in
                guard let offered, offeredLength > 1, Int(offered[0]) < Int(offeredLength) else { return 2 }
                chosen?.pointee = offered + 1
                length?.pointee = offered[0]
                return SSL_TLSEXT_ERR_OK
            }, nil)
        let opened = try #require(SSL_new(made))
        let input = try #require(BIO_new(BIO_s_mem()))
        let output = try #require(BIO_new(BIO_s_mem()))
        SSL_set_bio(opened, input, output)
        SSL_set_accept_state(opened)
        context = made
        session = opened
        arrived = input
        leaving = output
        self.peer = peer
    }

    deinit {
        SSL_free(session)
        SSL_CTX_free(context)
    }

    var connection: ConnectionID { peer.connection }

    /// Moves cipher text between OpenSSL and the socket, as far as that goes without waiting.
    private func exchange() {
        let bytes = peer.receiveWhatIsThere()
        _ = BIO_write(arrived, bytes, Int32(bytes.count))
        var buffer = [UInt8](repeating: 0, count: 65536)
        while BIO_ctrl_pending(leaving) > 0 {
            var start: UnsafeMutablePointer<CChar>?
            let count = BIO_ctrl(leaving, BIO_CTRL_INFO, 0, &start)
            let sent = send(peer.descriptor, start, min(count, buffer.count), Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            guard sent > 0 else { return }
            _ = BIO_read(leaving, &buffer, Int32(sent))
        }
    }

    /// Goes as far with the handshake as what has arrived allows; true when it is done.
    func shakeHands() -> Bool {
        exchange()
        defer { exchange() }
        ERR_clear_error()
        return SSL_do_handshake(session) == 1
    }

    func write(_ bytes: [UInt8]) throws {
        try #require(writeIfPossible(bytes) == true)
    }

    /// False while the client does not read.
    func writeIfPossible(_ bytes: [UInt8]) -> Bool {
        exchange()
        guard BIO_ctrl_pending(leaving) == 0 else { return false }
        ERR_clear_error()
        var count = 0
        let status = SSL_write_ex(session, bytes, bytes.count, &count)
        exchange()
        return status == 1
    }

    /// Answers the ClientHello and writes at once, before the client's Finished has arrived (TLS 1.3).
    ///
    /// False if there is no ClientHello yet.
    func writeInFirstFlight(_ bytes: [UInt8]) -> Bool {
        exchange()
        ERR_clear_error()
        var byte: UInt8 = 0
        var count = 0
        guard SSL_read_early_data(session, &byte, 1, &count) == SSL_READ_EARLY_DATA_FINISH else { return false }
        let status = SSL_write_early_data(session, bytes, bytes.count, &count)
        exchange()
        return status == 1
    }

    /// What has arrived by now.
    func read() -> [UInt8] {
        exchange()
        var all: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 65536)
        var count = 0
        ERR_clear_error()
        while SSL_read_ex(session, &bytes, bytes.count, &count) == 1 { all += bytes.prefix(count) }
        exchange()
        return all
    }

    /// Asks the client to change its keys, too (RFC 8446 §4.6.3); the request goes out with the next write.
    func requestKeyUpdate() throws {
        try #require(SSL_key_update(session, Int32(SSL_KEY_UPDATE_REQUESTED)) == 1)
    }

    /// Sends a close_notify.
    func notifyClose() {
        _ = SSL_shutdown(session)
        exchange()
    }

    var hasReceivedCloseNotify: Bool { SSL_get_shutdown(session) & SSL_RECEIVED_SHUTDOWN != 0 }

    func finishSending() { peer.finishSending() }

    /// Cipher text that the server has not taken from its socket yet.
    var rawBytesWaiting: Int {
        var bytes = [UInt8](repeating: 0, count: 1024)
        return max(recv(peer.descriptor, &bytes, bytes.count, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)), 0)
    }

    func sendRaw(_ bytes: [UInt8]) { peer.send(bytes) }

    /// Nil if the client did not ask for one.
    var indicatedName: String? {
        SSL_get_servername(session, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
    }

    var chosenProtocol: String {
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        SSL_get0_alpn_selected(session, &name, &length)
        return String(decoding: UnsafeBufferPointer(start: name, count: Int(length)), as: UTF8.self)
    }

    var version: String { String(cString: SSL_get_version(session)) }
}
