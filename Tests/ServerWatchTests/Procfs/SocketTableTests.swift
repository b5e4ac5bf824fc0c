import CLinux
import Glibc
import Testing

@testable import ServerWatch

@Suite struct SocketTableTests {
    private static let text = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:1F90 00000000:0000 0A 00000000:00000007 00:00000000 00000000  1000        0 33187 1 0000 100 0
           1: 0100007F:1F90 0200007F:C350 08 00000010:0000002A 00:00000000 00000000     0        0 4294967295 1 0000 20
        """
    private static let text6 = """
          sl  local_address                         remote_address                        st tx_queue rx_queue tr
           0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1 0
        """

    @Test func textOfIPv4() throws {
        let sockets = TCPSocketText.parse(Array(Self.text.utf8), isIPv6: false)
        try #require(sockets.count == 2)
        #expect(sockets[0].state == .listen)
        #expect(sockets[0].local.text == "127.0.0.1:8080")
        #expect(sockets[0].receiveQueue == 7)
        #expect(sockets[0].sendQueue == nil, "the text does not tell the limit of the accept queue")
        #expect(sockets[0].uid == 1000)
        #expect(sockets[0].inode == 33187)
        #expect(sockets[1].state == .closeWait)
        #expect(sockets[1].remote.text == "127.0.0.2:50000")
        #expect(sockets[1].receiveQueue == 42)
        #expect(sockets[1].sendQueue == 16)
    }

    @Test func textOfIPv6() throws {
        let sockets = TCPSocketText.parse(Array(Self.text6.utf8), isIPv6: true)
        try #require(sockets.count == 1)
        #expect(sockets[0].local.text == "[::1]:80")
        #expect(sockets[0].inode == 77)
    }

    @Test func aSocketThatIsToldTwiceIsOne() throws {
        let sockets = TCPSocketText.parse(Array(Self.text.utf8), isIPv6: false)
        var waiting = sockets[1]
        waiting.inode = 0
        var other = waiting
        other.remote.port = 1
        let table = SocketTable(sockets + [waiting, other] + sockets + [waiting])
        #expect(table.sockets == sockets + [waiting, other])
        #expect(table.socket(inode: sockets[0].inode) == sockets[0])
        #expect(table.socket(inode: 0) == nil)
    }

    @Test func inodesOfOtherTables() {
        let unix = """
            Num       RefCount Protocol Flags    Type St Inode Path
            0000000000000000: 00000002 00000000 00010000 0001 01  1101 /run/a b
            0000000000000000: 00000003 00000000 00000000 0001 03  1102
            """
        #expect(SocketFiles.inodes(Array(unix.utf8), word: 6) == [1101, 1102])
        let netlink = """
            sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
            0000000000000000 0   1          00000000 0        0        0     2        0        1103
            """
        #expect(SocketFiles.inodes(Array(netlink.utf8), word: 9) == [1103])
    }

    /// Both ways of reading tell the same of a server with connections that it has not accepted.
    @Test func bothWaysAgree() throws {
        let peer = try PythonPeer()
        let port = try #require(
            Int(
                try peer.run(
                    """
                    listener = socket.socket(); listener.bind(("127.0.0.1", 0)); listener.listen(7)
                    for n in range(3): kept.append(socket.create_connection(listener.getsockname()))
                    six = socket.socket(socket.AF_INET6); six.bind(("::1", 0)); six.listen(9)
                    kept[0].send(b"hello")
                    result = listener.getsockname()[1]
                    """)))
        let folder = try ProcFolder(process: peer.pid)
        let fast = try SocketDiagnostics.tcpSockets(states: SocketDiagnostics.allStates)
        let slow =
            TCPSocketText.parse(try folder.read("net/tcp", limit: 1 << 24), isIPv6: false)
            + TCPSocketText.parse(try folder.read("net/tcp6", limit: 1 << 24), isIPv6: true)
        for sockets in [SocketTable(fast).sockets, SocketTable(slow).sockets] {
            let listening = try #require(sockets.first { $0.state == .listen && $0.local.text == "127.0.0.1:\(port)" })
            #expect(listening.receiveQueue == 3)
            #expect(listening.inode > 0)
            let waiting = sockets.filter {
                $0.state == .established && $0.local == listening.local
            }
            #expect(waiting.count == 3)
            #expect(waiting.allSatisfy { $0.inode == 0 })
            #expect(waiting.map(\.receiveQueue).sorted() == [0, 0, 5])
            #expect(sockets.count { $0.state == .established && $0.remote == listening.local } == 3)
            #expect(sockets.contains { $0.state == .listen && $0.local.isIPv6 && $0.local.text.hasPrefix("[::1]:") })
        }
        #expect(fast.first { $0.state == .listen && Int($0.local.port) == port }?.sendQueue == 7)
        let listeners = try SocketDiagnostics.tcpSockets(states: SocketDiagnostics.listening)
        #expect(!listeners.isEmpty && listeners.allSatisfy { $0.state == .listen })
    }

    /// A client may have the port as its own, at another address.
    @Test func whoseASocketIs() throws {
        var sockets = TCPSocketText.parse(Array(Self.text.utf8), isIPv6: false)
        #expect(ListenAddresses(sockets, port: 8080).cover(sockets[1]))
        #expect(!ListenAddresses(sockets, port: 80).cover(sockets[1]))
        sockets[1].local.address.0 = 0x0200_007F
        #expect(!ListenAddresses(sockets, port: 8080).cover(sockets[1]))
        sockets[0].local.address.0 = 0
        #expect(ListenAddresses(sockets, port: 8080).cover(sockets[1]))
        #expect(!ListenAddresses([], port: 8080).cover(sockets[1]))
    }

    @Test func brokenDatagramsNeverTrap() {
        var random = SeededRandom()
        var sockets: [TCPSocket] = []
        for _ in 0..<2000 {
            var bytes = random.bytes(Int.random(in: 0...300, using: &random))
            // Half of them with a length and type that lead further.
            if bytes.count >= 16, Bool.random(using: &random) {
                bytes.replaceSubrange(0..<6, with: [UInt8.random(in: 0...200, using: &random), 0, 0, 0, 20, 0])
            }
            bytes.withUnsafeBytes { _ = SocketDiagnostics.parse($0, into: &sockets) }
        }
    }

    @Test func endsOfAnAnswer() {
        func parse(_ bytes: [UInt8]) -> SocketDiagnostics.Progress {
            var sockets: [TCPSocket] = []
            return bytes.withUnsafeBytes { SocketDiagnostics.parse($0, into: &sockets) }
        }
        let rest = [UInt8](repeating: 0, count: 8)
        #expect(parse([]) == .more)
        #expect(parse([16, 0, 0, 0, 3, 0, 2, 0] + rest) == .done)
        #expect(parse([20, 0, 0, 0, 2, 0, 0, 0] + rest + [0xF3, 0xFF, 0xFF, 0xFF]) == .failed(errno: EACCES))
        #expect(parse([20, 0, 0, 0, 2, 0, 0, 0] + rest + [0, 0, 0, 0x80]) == .failed(errno: EBADMSG))
        #expect(parse([16, 0, 0, 0, 2, 0, 0, 0] + rest) == .failed(errno: EBADMSG))
        #expect(parse([15, 0, 0, 0, 3, 0, 2, 0] + rest) == .failed(errno: EBADMSG))
        #expect(parse([255, 0, 0, 0, 3, 0, 2, 0] + rest) == .failed(errno: EBADMSG))
    }
}
