internal import AsyncHTTPClient
internal import Glibc
internal import NIOCore
internal import NIOPosix

extension APIFailure {
    /// What an error of the HTTP client means to its user.
    init(_ error: any Error, within timeout: Duration) {
        if error is CancellationError {
            self = .cancelled
        } else if let error = error as? HTTPClientError {
            self.init(error, timeout)
        } else if let error = error as? NIOConnectionError {
            let hasNoAddress = error.connectionErrors.isEmpty && (error.dnsAError ?? error.dnsAAAAError) != nil
            let cause = error.connectionErrors.first.map { Self.words(for: $0.error) }
            self = .unreachable(
                what: hasNoAddress ? "the name \(error.host) has no address" : cause ?? "no address answers")
        } else if let error = error as? IOError {
            let wasOpen = error.errnoCode == ECONNRESET || error.errnoCode == EPIPE
            self = wasOpen ? .cutShort : .unreachable(what: Self.words(for: error))
        } else if error is ChannelError {
            self = .unreachable(what: "no answer to the connection request")
        } else {
            let text = "\(error)"
            let isSecurity = text.contains("SSL") || text.contains("certificate")
            self = isSecurity ? .secureConnection(what: text) : .unexpected(what: "the answer is not HTTP: \(text)")
        }
    }

    private init(_ error: HTTPClientError, _ timeout: Duration) {
        switch error {
        case .invalidURL, .emptyHost, .emptyScheme, .missingSocketPath: self = .badAddress(what: "not a URL")
        case .connectTimeout: self = .unreachable(what: "no answer to the connection request")
        case .readTimeout, .deadlineExceeded, .getConnectionFromPoolTimeout:
            self = .timeout(seconds: timeout / .seconds(1))
        case .cancelled, .alreadyShutdown, .shutdownUnsupported: self = .cancelled
        case .tlsHandshakeTimeout: self = .secureConnection(what: "no TLS handshake in time: does the port speak TLS?")
        case .remoteConnectionClosed, .bodyLengthMismatch: self = .cutShort
        default: self = .unexpected(what: "the answer is not HTTP as it should be: \(error)")
        }
    }

    /// NIO's own text names the system call as well, which tells a user nothing.
    private static func words(for error: any Error) -> String {
        guard let error = error as? IOError else { return "no answer to the connection request" }
        return String(cString: strerror(error.errnoCode))
    }
}
