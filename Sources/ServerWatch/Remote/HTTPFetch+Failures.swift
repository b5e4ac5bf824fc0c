internal import AsyncHTTPClient
internal import Glibc
internal import NIOCore
internal import NIOPosix

extension HTTPFetch {
    static func timeout(_ url: String, _ timeoutMs: Int) -> ScrapeFailure {
        ScrapeFailure(
            .timeout, url: url, what: "no complete answer within \(timeoutMs) ms",
            advice: "the server may be busy or stuck, or something between drops the packets")
    }

    static func stopped(_ url: String) -> ScrapeFailure {
        ScrapeFailure(.stopped, url: url, what: "given up because the watch ends")
    }

    static func refusal(_ url: String, status: Int) -> ScrapeFailure {
        let advice =
            switch status {
            case 300..<400: "too many redirects, or one without an address"
            case 401, 403: "the address wants credentials; open it to this machine"
            case 404: "check the path: metrics are usually at /metrics, Go's profiles at /debug/pprof"
            case 429: "the server limits how often it may be asked"
            case 500...: "the server or something in front of it fails"
            default: "check the address"
            }
        return ScrapeFailure(.status, url: url, what: "the server answered with status \(status)", advice: advice)
    }

    static func isLostConnection(_ error: any Error) -> Bool {
        if let error = error as? IOError { return error.errnoCode == ECONNRESET || error.errnoCode == EPIPE }
        return (error as? HTTPClientError) == .remoteConnectionClosed
    }

    /// What an error of the HTTP client means to its user.
    static func failure(_ url: String, _ error: any Error, _ timeoutMs: Int) -> ScrapeFailure {
        if error is CancellationError { return stopped(url) }
        if isLostConnection(error) {
            return ScrapeFailure(
                .cutShort, url: url, what: "the server closed the connection before its answer was complete",
                advice: "it may have crashed, or something else listens there")
        }
        if let error = error as? HTTPClientError { return clientFailure(url, error, timeoutMs) }
        if let error = error as? NIOConnectionError {
            if error.dnsAError != nil || error.dnsAAAAError != nil, error.connectionErrors.isEmpty {
                return ScrapeFailure(
                    .unreachable, url: url, what: "the name \(error.host) has no address", advice: "check its spelling")
            }
            let cause = error.connectionErrors.first.map { Self.words(for: $0.error) } ?? "no address"
            return unreachable(url, cause)
        }
        if error is ChannelError { return unreachable(url, "\(error)") }
        if error is IOError { return unreachable(url, words(for: error)) }
        let text = "\(error)"
        if text.contains("SSL") || text.contains("certificate") {
            return ScrapeFailure(
                .secureConnection, url: url, what: "no secure connection: \(text)",
                advice: "check the server's certificate, or use http")
        }
        return ScrapeFailure(
            .unreadable, url: url, what: "the answer is not HTTP: \(text)", advice: "does something else listen there?")
    }

    private static func clientFailure(_ url: String, _ error: HTTPClientError, _ timeoutMs: Int) -> ScrapeFailure {
        switch error {
        case .invalidURL, .emptyHost, .emptyScheme, .missingSocketPath:
            badURL(url, "not a URL")
        case .connectTimeout:
            unreachable(url, "no answer to the connection request")
        case .readTimeout, .deadlineExceeded, .getConnectionFromPoolTimeout:
            timeout(url, timeoutMs)
        case .cancelled, .alreadyShutdown, .shutdownUnsupported:
            stopped(url)
        case .tlsHandshakeTimeout:
            ScrapeFailure(
                .secureConnection, url: url, what: "no secure connection in time", advice: "does the port speak TLS?")
        default:
            ScrapeFailure(.unreadable, url: url, what: "\(error)", advice: "check the address")
        }
    }

    /// NIO's own text names the call as well, which tells a user nothing.
    private static func words(for error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        return String(cString: strerror(error.errnoCode))
    }

    private static func unreachable(_ url: String, _ cause: String) -> ScrapeFailure {
        ScrapeFailure(
            .unreachable, url: url, what: "no connection: \(cause)",
            advice: "check host and port, and that the server listens there")
    }
}
