internal import Glibc

/// Asks the kernel for the machine's addresses, as Go's `net.InterfaceAddrs` does: a dump of the links, then a dump
/// of the addresses (rtnetlink(7)), each through a netlink socket of its own.
enum NetlinkAddressLookup {
    /// The second of the two sockets may be left open.
    ///
    /// - Returns: the first address that is not loopback's, else the first; nil: the machine has none.
    /// - Throws: ``SystemCallFailure``; no socket is left open then.
    static func run(leavingSocketOpen: Bool) throws(SystemCallFailure) -> String? {
        try dump(getLink, isLeftOpen: false) { _, _ in }
        var addresses: [String] = []
        try dump(getAddress, isLeftOpen: leavingSocketOpen) { type, body in
            guard type == newAddress, let address = address(in: body) else { return }
            addresses.append(address)
        }
        return addresses.first { !$0.hasPrefix("127.") && $0 != "::1" } ?? addresses.first
    }

    // MARK: Constants of linux/netlink.h, linux/rtnetlink.h and linux/if_addr.h

    /// AF_NETLINK.
    private static let netlinkFamily = CInt(16)
    /// NETLINK_ROUTE.
    private static let routeProtocol = CInt(0)
    /// RTM_GETLINK.
    private static let getLink = UInt16(18)
    /// RTM_NEWADDR.
    private static let newAddress = UInt16(20)
    /// RTM_GETADDR.
    private static let getAddress = UInt16(22)
    /// NLMSG_ERROR.
    private static let errorMessage = UInt16(2)
    /// NLMSG_DONE.
    private static let doneMessage = UInt16(3)
    /// NLM_F_REQUEST, NLM_F_ROOT, NLM_F_MATCH.
    private static let dumpFlags = UInt16(0x1 | 0x100 | 0x200)
    /// IFA_ADDRESS.
    private static let addressAttribute = UInt16(1)
    /// IFA_LOCAL.
    private static let localAttribute = UInt16(2)
    private static let messageHeaderBytes = 16
    private static let addressHeaderBytes = 8
    private static let attributeHeaderBytes = 4

    /// struct sockaddr_nl.
    private struct NetlinkAddress {
        var family: UInt16
        var padding: UInt16 = 0
        /// 0: the kernel, or, in bind(2), a number of the kernel's choice.
        var port: UInt32 = 0
        var groups: UInt32 = 0
    }

    /// struct nlmsghdr and struct rtgenmsg.
    private struct DumpRequest {
        var length: UInt32
        var type: UInt16
        var flags: UInt16
        var sequence: UInt32
        var port: UInt32
        var family: UInt8
        var padding: (UInt8, UInt8, UInt8) = (0, 0, 0)
    }

    // MARK: One dump

    private static func dump(
        _ type: UInt16, isLeftOpen: Bool, _ take: (_ type: UInt16, _ body: UnsafeRawBufferPointer) -> Void
    ) throws(SystemCallFailure) {
        let descriptor = socket(netlinkFamily, CInt(SOCK_RAW.rawValue) | CInt(SOCK_CLOEXEC.rawValue), routeProtocol)
        guard descriptor >= 0 else { throw SystemCallFailure(call: "socket", code: errno) }
        do {
            try request(type, on: descriptor)
            try receive(from: descriptor, take)
        } catch {
            close(descriptor)
            throw error
        }
        if !isLeftOpen { close(descriptor) }
    }

    private static func request(_ type: UInt16, on descriptor: CInt) throws(SystemCallFailure) {
        var address = NetlinkAddress(family: UInt16(netlinkFamily))
        var addressBytes = socklen_t(MemoryLayout<NetlinkAddress>.size)
        let isBound = withSocketAddress(&address) { bind(descriptor, $0, addressBytes) } == 0
        guard isBound else { throw SystemCallFailure(call: "bind", code: errno) }
        let length = messageHeaderBytes + 1
        var message = DumpRequest(
            length: UInt32(length), type: type, flags: dumpFlags, sequence: 1, port: 0, family: UInt8(AF_UNSPEC))
        var kernel = NetlinkAddress(family: UInt16(netlinkFamily))
        let sent = withSocketAddress(&kernel) { sendto(descriptor, &message, length, 0, $0, addressBytes) }
        guard sent == length else { throw SystemCallFailure(call: "sendto", code: errno) }
        // Go asks for its own port, to tell the answers that are for it.
        let isNamed = withSocketAddress(&address) { getsockname(descriptor, $0, &addressBytes) } == 0
        guard isNamed else { throw SystemCallFailure(call: "getsockname", code: errno) }
    }

    private static func withSocketAddress<Result>(
        _ address: inout NetlinkAddress, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
    ) -> Result {
        // The calls look at no more bytes than the length says, and those are there.
        withUnsafeMutableBytes(of: &address) { body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self)) }
    }

    /// Reads until the message that ends the dump.
    private static func receive(
        from descriptor: CInt, _ take: (_ type: UInt16, _ body: UnsafeRawBufferPointer) -> Void
    ) throws(SystemCallFailure) {
        // A page, as Go reads; the kernel fits its messages to it.
        var page = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recvfrom(descriptor, &page, page.count, 0, nil, nil)
            if count < 0, errno == EINTR { continue }
            guard count >= messageHeaderBytes else { throw SystemCallFailure(call: "recvfrom", code: errno) }
            let end = page.withUnsafeBytes { eachMessage(in: UnsafeRawBufferPointer(rebasing: $0[..<count]), take) }
            switch end {
            case .more: continue
            case .done: return
            case .error(let code): throw SystemCallFailure(call: "netlink dump", code: code)
            }
        }
    }

    private enum DumpEnd {
        case more
        case done
        case error(CInt)
    }

    private static func eachMessage(
        in bytes: UnsafeRawBufferPointer, _ take: (_ type: UInt16, _ body: UnsafeRawBufferPointer) -> Void
    ) -> DumpEnd {
        var rest = bytes
        while rest.count >= messageHeaderBytes {
            let length = Int(rest.loadUnaligned(as: UInt32.self))
            let type = rest.loadUnaligned(fromByteOffset: 4, as: UInt16.self)
            guard (messageHeaderBytes...rest.count).contains(length) else { return .error(EBADMSG) }
            let body = UnsafeRawBufferPointer(rebasing: rest[messageHeaderBytes..<length])
            switch type {
            case doneMessage: return .done
            case errorMessage: return .error(body.count >= 4 ? -body.loadUnaligned(as: CInt.self) : EBADMSG)
            default: take(type, body)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[min(aligned(length), rest.count)...])
        }
        return .more
    }

    // MARK: An address message

    /// struct ifaddrmsg, then attributes; of a link with two ends localAttribute is ours.
    private static func address(in body: UnsafeRawBufferPointer) -> String? {
        guard body.count >= addressHeaderBytes else { return nil }
        let family = CInt(body[0])
        var rest = UnsafeRawBufferPointer(rebasing: body[addressHeaderBytes...])
        var found: String?
        while rest.count >= attributeHeaderBytes {
            let length = Int(rest.loadUnaligned(as: UInt16.self))
            let type = rest.loadUnaligned(fromByteOffset: 2, as: UInt16.self)
            guard (attributeHeaderBytes...rest.count).contains(length) else { return found }
            let value = UnsafeRawBufferPointer(rebasing: rest[attributeHeaderBytes..<length])
            if type == localAttribute || (type == addressAttribute && found == nil) {
                found = text(family, value) ?? found
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[min(aligned(length), rest.count)...])
        }
        return found
    }

    private static func text(_ family: CInt, _ bytes: UnsafeRawBufferPointer) -> String? {
        guard bytes.count == (family == AF_INET ? 4 : 16) else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(family, bytes.baseAddress, &text, socklen_t(text.count)) != nil else { return nil }
        return text.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Messages and attributes begin at multiples of four bytes.
    private static func aligned(_ length: Int) -> Int {
        (length + 3) & ~3
    }
}
