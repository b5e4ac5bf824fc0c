internal import NIOCore

/// The internal address of another gateway of the stack.
struct PeerAddress: Equatable, Sendable {
    /// `127.0.0.1:41236`, `[::1]:41236`.
    let text: String
    let socketAddress: SocketAddress

    /// - Throws: ``GatewayError/configuration(field:expected:)`` or ``GatewayError/hostNotFound(host:)``.
    init(_ text: String) throws(GatewayError) {
        guard let colon = text.lastIndex(of: ":"), colon != text.startIndex,
            let port = UInt16(text[text.index(after: colon)...]), port > 0
        else { throw .configuration(field: "peers", expected: "HOST:PORT, not \"\(text)\"") }
        socketAddress = try ListenAddress.resolve(host: String(text[..<colon]), port: Int(port))
        self.text = ListenAddress.text(socketAddress)
    }
}

/// The line `{"peers":["HOST:PORT",…]}` on a child's standard input.
enum PeersLine {
    /// nil: the line is something else.
    static func parse(_ line: some StringProtocol) -> [String]? {
        let text = String(line.filter { !$0.isWhitespace })
        let head = "{\"peers\":["
        guard text.hasPrefix(head), text.hasSuffix("]}"), text.utf8.count >= head.utf8.count + 2 else { return nil }
        let list = text.dropFirst(head.count).dropLast(2)
        guard !list.isEmpty else { return [] }
        var addresses: [String] = []
        for item in list.split(separator: ",", omittingEmptySubsequences: false) {
            let address = item.dropFirst().dropLast()
            guard item.count > 2, item.first == "\"", item.last == "\"",
                !address.contains(where: { "\"\\".contains($0) })
            else { return nil }
            addresses.append(String(address))
        }
        return addresses
    }
}
