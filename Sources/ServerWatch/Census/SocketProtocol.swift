internal import CLinux

/// Which protocol a socket speaks, by what the kernel says of a descriptor.
enum SocketProtocol {
    /// The attribute `system.sockprotoname` of a socket (net/socket.c): `TCP`, `TCPv6`, `UDP`, `UNIX-STREAM`, `NETLINK`.
    ///
    /// - Returns: nil when there is none any more, or never was.
    static func name(descriptor: Int32, in descriptors: borrowing ProcFolder) -> String? {
        let length = 64
        return withUnsafeTemporaryAllocation(byteCount: length, alignment: 1) { buffer in
            let count = getxattr(
                "/proc/self/fd/\(descriptors.descriptor)/\(descriptor)", "system.sockprotoname", buffer.baseAddress,
                length)
            guard count > 0, count <= length else { return nil }
            let name = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count])
            return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// - Returns: nil for TCP, whose kind follows from its state.
    static func kind(ofName name: String) -> DescriptorKind? {
        switch name {
        case "TCP", "TCPv6": nil
        case "UDP", "UDPv6", "UDP-Lite", "UDPLITEv6": .udp
        case "UNIX", "UNIX-STREAM": .unix
        case "NETLINK": .netlink
        default: .other("socket:\(PrintableText.of(name.lowercased(), atMost: 32))")
        }
    }
}
