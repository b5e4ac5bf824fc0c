package import Glibc

/// An IPv4 or IPv6 address with a port, as the kernel takes it.
package struct SocketAddress: Sendable {
    /// Large enough for both families; a `sockaddr_in` occupies its first 16 bytes.
    private var storage: sockaddr_in6
    let length: socklen_t

    /// From the kernel's or the resolver's form; nil for other families and short lengths.
    package init?(_ address: UnsafePointer<sockaddr>, length: socklen_t) {
        let family = Int32(address.pointee.sa_family)
        let needed = family == AF_INET6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
        guard family == AF_INET || family == AF_INET6, Int(length) >= needed else { return nil }
        storage = sockaddr_in6()
        self.length = socklen_t(needed)
        withUnsafeMutableBytes(of: &storage) { target in
            target.copyMemory(from: UnsafeRawBufferPointer(start: address, count: needed))
        }
    }

    /// From a numeric address without a port: `127.0.0.1`, `::1`, `[::1]`, `fe80::1%eth0`.
    ///
    /// Names are the resolver's.
    package init?(host: String, port: UInt16) {
        var text = host[...]
        if text.first == "[", text.last == "]" { text = text.dropFirst().dropLast() }
        guard !text.utf8.contains(0) else { return nil }
        var address = in_addr()
        if inet_pton(AF_INET, String(text), &address) == 1 {
            var v4 = sockaddr_in()
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = port.bigEndian
            v4.sin_addr = address
            let parsed = withUnsafeBytes(of: &v4) { bytes in
                SocketAddress(bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), length: socklen_t(bytes.count))
            }
            guard let parsed else { return nil }
            self = parsed
            return
        }
        var scope: UInt32 = 0
        if let percent = text.firstIndex(of: "%") {
            let zone = String(text[text.index(after: percent)...])
            scope = UInt32(zone) ?? if_nametoindex(zone)
            guard scope != 0 else { return nil }
            text = text[..<percent]
        }
        storage = sockaddr_in6()
        guard inet_pton(AF_INET6, String(text), &storage.sin6_addr) == 1 else { return nil }
        storage.sin6_family = sa_family_t(AF_INET6)
        storage.sin6_port = port.bigEndian
        storage.sin6_scope_id = scope
        length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    }

    /// From a numeric address with a port: `127.0.0.1:80`, `[::1]:80`.
    package init?(parsing text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let host = text[..<colon]
        let digits = text[text.index(after: colon)...]
        // A bare IPv6 address would lose its last group to the port.
        guard !host.contains(":") || (host.first == "[" && host.last == "]") else { return nil }
        guard digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), let port = UInt16(digits) else {
            return nil
        }
        self.init(host: String(host), port: port)
    }

    /// `AF_INET` or `AF_INET6`.
    package var family: Int32 { Int32(storage.sin6_family) }

    /// At the same offset in both families.
    package var port: UInt16 {
        get { UInt16(bigEndian: storage.sin6_port) }
        set { storage.sin6_port = newValue.bigEndian }
    }

    /// The address without port, and without brackets.
    package var host: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        return withUnsafeBytes(of: storage) { bytes in
            let offset = family == AF_INET6 ? 8 : 4
            guard inet_ntop(family, bytes.baseAddress! + offset, &text, socklen_t(text.count)) != nil else {
                return "?"
            }
            let address = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            guard family == AF_INET6, storage.sin6_scope_id != 0 else { return address }
            return "\(address)%\(storage.sin6_scope_id)"
        }
    }

    /// Lends the address in the form system calls take.
    ///
    /// `length` is the number of bytes behind the pointer.
    package func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, _ length: socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) { pointer in
            body(UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), length)
        }
    }
}

extension SocketAddress: Equatable, CustomStringConvertible {
    package static func == (left: SocketAddress, right: SocketAddress) -> Bool {
        left.length == right.length
            && withUnsafeBytes(of: left.storage) { leftBytes in
                withUnsafeBytes(of: right.storage) { leftBytes.elementsEqual($0) }
            }
    }

    /// As in `127.0.0.1:80` and `[::1]:80`.
    package var description: String {
        family == AF_INET6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
