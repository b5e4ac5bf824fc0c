internal import COpenSSL

/// Calls on one `SSL *`.
///
/// All cipher text goes through the loop's `TLSChannel`.
struct TLSSession {
    enum Progress: Equatable {
        case done
        /// OpenSSL needs bytes from the peer.
        case wantsInput
        /// The peer's close_notify was read.
        case closed
        case failed(NetworkFailure, detail: String)
    }

    /// The plain text that OpenSSL can hold back beyond what one receive gave it: an incomplete record of the largest kind
    /// (RFC 8446 §5.2, RFC 5246 §6.2.3), generously.
    static let maximumBufferedBytes = 20 * 1024

    let pointer: OpaquePointer

    func shakeHands() -> Progress {
        ERR_clear_error()
        let status = SSL_do_handshake(pointer)
        return status == 1 ? .done : progress(status, otherwise: .tlsHandshake)
    }

    /// Decrypts all there is.
    ///
    /// `count` is what has been written to `target`, whatever the progress says.
    func read(into target: UnsafeMutableRawPointer, capacity: Int, count: inout Int) -> Progress {
        while count < capacity {
            ERR_clear_error()
            var taken = 0
            let status = SSL_read_ex(pointer, target + count, capacity - count, &taken)
            guard status == 1 else {
                let progress = progress(status, otherwise: .tlsProtocol)
                // SSL_MODE_RELEASE_BUFFERS leaves a connection its read buffer (16 KiB) after a read in vain.
                _ = SSL_free_buffers(pointer)
                return progress
            }
            count += taken
        }
        return .done
    }

    /// Encrypts all bytes.
    func write(_ bytes: UnsafeRawBufferPointer) -> Progress {
        ERR_clear_error()
        var taken = 0
        let status = SSL_write_ex(pointer, bytes.baseAddress, bytes.count, &taken)
        return status == 1 ? .done : progress(status, otherwise: .tlsProtocol)
    }

    /// Writes a close_notify.
    func close() {
        ERR_clear_error()
        _ = SSL_shutdown(pointer)
        ERR_clear_error()
    }

    private func progress(_ status: Int32, otherwise failure: NetworkFailure) -> Progress {
        switch SSL_get_error(pointer, status) {
        case SSL_ERROR_WANT_READ: return .wantsInput
        case SSL_ERROR_ZERO_RETURN: return .closed
        default: break
        }
        let library = copenssl_error_library(ERR_peek_error())
        let reasonCode = copenssl_error_reason(ERR_peek_error())
        let reason = TLSContext.lastReason()
        guard library == ERR_LIB_SSL else { return .failed(failure, detail: reason) }
        switch reasonCode {
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
            let verdict = X509_verify_cert_error_string(Int(SSL_get_verify_result(pointer))).map { String(cString: $0) }
            return .failed(.tlsCertificate, detail: verdict ?? reason)
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_PACKET_LENGTH_TOO_LONG, SSL_R_HTTP_REQUEST:
            return .failed(failure, detail: "\(reason) (the answer is no TLS: is this a plain-text port?)")
        default:
            return .failed(failure, detail: reason)
        }
    }
}
