/// States of a TCP socket, numbered as in the kernel's include/net/tcp_states.h.
enum TCPState: UInt8, CaseIterable, Comparable, Sendable {
    case established = 1
    case synSent, synReceived, finWait1, finWait2, timeWait, close, closeWait, lastAck, listen, closing
    case newSynReceived, boundInactive

    /// As the kernel and ss(8) spell it.
    var name: String {
        switch self {
        case .established: "ESTABLISHED"
        case .synSent: "SYN_SENT"
        case .synReceived: "SYN_RECV"
        case .finWait1: "FIN_WAIT1"
        case .finWait2: "FIN_WAIT2"
        case .timeWait: "TIME_WAIT"
        case .close: "CLOSE"
        case .closeWait: "CLOSE_WAIT"
        case .lastAck: "LAST_ACK"
        case .listen: "LISTEN"
        case .closing: "CLOSING"
        case .newSynReceived: "NEW_SYN_RECV"
        case .boundInactive: "BOUND_INACTIVE"
        }
    }

    static func < (left: TCPState, right: TCPState) -> Bool { left.rawValue < right.rawValue }
}
