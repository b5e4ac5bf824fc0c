/// /proc/PID/net/tcp and tcp6 (proc_pid_net(5)): the sockets of the network namespace of a process.
///
/// The kernel walks its whole table and prints each socket: slow with many, but it works for every namespace.
enum TCPSocketText {
    /// Lines that are not of this file are passed over.
    static func parse(_ bytes: [UInt8], isIPv6: Bool) -> [TCPSocket] {
        var text = ByteScanner(bytes)
        var sockets: [TCPSocket] = []
        while var line = text.line() {
            if let socket = socket(&line, isIPv6: isIPv6) { sockets.append(socket) }
        }
        return sockets
    }

    private static func socket(_ line: inout ByteScanner, isIPv6: Bool) -> TCPSocket? {
        line.skipWords(1)
        guard let local = endpoint(&line, isIPv6: isIPv6), let remote = endpoint(&line, isIPv6: isIPv6),
            let state = line.hexadecimal().flatMap({ UInt8(exactly: $0) }).flatMap({ TCPState(rawValue: $0) }),
            let sendQueue = line.hexadecimal().map({ UInt32(truncatingIfNeeded: $0) }), line.skip(":"),
            let receiveQueue = line.hexadecimal().map({ UInt32(truncatingIfNeeded: $0) })
        else { return nil }
        line.skipWords(2)
        guard let uid = line.decimal().flatMap({ UInt32(exactly: $0) }) else { return nil }
        line.skipWords(1)
        guard let inode = line.decimal().flatMap({ UInt32(exactly: $0) }) else { return nil }
        return TCPSocket(
            state: state, local: local, remote: remote, receiveQueue: receiveQueue,
            sendQueue: state == .listen ? nil : sendQueue, uid: uid, inode: inode)
    }

    /// Words of the address are printed as numbers of this machine's byte order, the port as a number.
    private static func endpoint(_ line: inout ByteScanner, isIPv6: Bool) -> TCPEndpoint? {
        guard var word = line.word() else { return nil }
        var words: [UInt32] = [0, 0, 0, 0]
        for index in 0..<(isIPv6 ? 4 : 1) {
            guard let number = word.hexadecimal(digits: 8) else { return nil }
            words[index] = UInt32(truncatingIfNeeded: number)
        }
        guard word.skip(":"), let port = word.hexadecimal(digits: 4) else { return nil }
        return TCPEndpoint(
            address: (words[0], words[1], words[2], words[3]), isIPv6: isIPv6, port: UInt16(truncatingIfNeeded: port))
    }
}
