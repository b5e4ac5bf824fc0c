internal import Glibc

/// Why a gateway does not start.
package enum GatewayError: Error, Equatable, Sendable {
    case configuration(field: String, expected: String)
    case hostNotFound(host: String)
    /// Of the message service or of an upstream.
    case serviceNotFound(host: String)
    /// EADDRINUSE.
    case addressInUse(address: String)
    /// EADDRNOTAVAIL: no interface of this machine has the address.
    case addressNotAvailable(address: String)
    /// EACCES, EPERM.
    case permissionDenied(address: String)
    /// EMFILE, ENFILE.
    case noDescriptors(address: String)
    case cannotListen(address: String, reason: String)
    case cannotOpenLog(path: String, reason: String)
    case cannotStartThread(reason: String)

    /// Sorts a failed bind(2) or listen(2).
    init(listeningOn address: String, errno code: CInt) {
        self =
            switch code {
            case EADDRINUSE: .addressInUse(address: address)
            case EADDRNOTAVAIL: .addressNotAvailable(address: address)
            case EACCES, EPERM: .permissionDenied(address: address)
            case EMFILE, ENFILE: .noDescriptors(address: address)
            default: .cannotListen(address: address, reason: String(cString: strerror(code)))
            }
    }

    /// Stable short name for JSON and metric labels.
    package var slug: String {
        switch self {
        case .configuration: "configuration"
        case .hostNotFound: "host_not_found"
        case .serviceNotFound: "service_not_found"
        case .addressInUse: "address_in_use"
        case .addressNotAvailable: "address_not_available"
        case .permissionDenied: "permission_denied"
        case .noDescriptors: "no_descriptors"
        case .cannotListen: "cannot_listen"
        case .cannotOpenLog: "cannot_open_log"
        case .cannotStartThread: "cannot_start_thread"
        }
    }
}

extension GatewayError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .configuration(let field, let expected):
            "gateway setting \(field): expected \(expected)"
        case .hostNotFound(let host):
            "cannot listen on \"\(host)\": the name does not resolve"
        case .serviceNotFound(let host):
            "cannot connect to \"\(host)\": the name does not resolve"
        case .addressInUse(let address):
            "cannot listen on \(address): another process listens there; choose another port, or 0 for a free one"
        case .addressNotAvailable(let address):
            "cannot listen on \(address): this machine has no such address; 127.0.0.1 and 0.0.0.0 always work"
        case .permissionDenied(let address):
            "cannot listen on \(address): permission denied; ports below 1024 may need privileges"
        case .noDescriptors(let address):
            "cannot listen on \(address): no file descriptor is free; raise the limit (ulimit -n)"
        case .cannotListen(let address, let reason):
            "cannot listen on \(address): \(reason)"
        case .cannotOpenLog(let path, let reason):
            "cannot open the log file \(path): \(reason)"
        case .cannotStartThread(let reason):
            "cannot start a thread: \(reason)"
        }
    }
}
