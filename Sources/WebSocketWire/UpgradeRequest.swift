/// The client's opening handshake (RFC 6455 §4.1), as text.
package struct UpgradeRequest: Sendable {
    private let host: String
    private let port: Int
    private let isSecure: Bool
    private let resource: String
    private let subprotocols: [String]
    private let headers: [(String, String)]

    /// - Parameters:
    ///   - host: Name or address; an IPv6 address with or without brackets.
    ///   - port: Named in `Host` unless it is the scheme's default, 80 or 443.
    ///   - resource: Path and query; what an HTTP request line cannot hold is percent-encoded, text beyond ASCII is left as it is.
    ///   - subprotocols: Offered in this order.
    ///   - headers: Further header lines, sent after the handshake's own. A line break or NUL in them becomes a space (RFC 9110 §5.5).
    package init(
        host: String, port: Int, isSecure: Bool, resource: String, subprotocols: [String], headers: [(String, String)]
    ) {
        self.host = host
        self.port = port
        self.isSecure = isSecure
        self.resource = resource
        self.subprotocols = subprotocols
        self.headers = headers
    }

    /// The request with its empty last line.
    ///
    /// - Parameter key: The base64 text of a ``HandshakeKey``, or a mark to be replaced with it later.
    package func text(key: String) -> String {
        var text = "GET \(requestTarget) HTTP/1.1\r\n"
        text += "Host: \(hostField)\r\n"
        text += "Upgrade: websocket\r\n"
        text += "Connection: Upgrade\r\n"
        text += "Sec-WebSocket-Key: \(key)\r\n"
        text += "Sec-WebSocket-Version: 13\r\n"
        if !subprotocols.isEmpty {
            text += "Sec-WebSocket-Protocol: \(Self.oneLine(subprotocols.joined(separator: ", ")))\r\n"
        }
        for (name, value) in headers { text += "\(Self.oneLine(name)): \(Self.oneLine(value))\r\n" }
        return text + "\r\n"
    }

    private var hostField: String {
        let isBareIPv6 = host.utf8.contains(UInt8(ascii: ":")) && !host.utf8.starts(with: "[".utf8)
        let name = Self.oneLine(isBareIPv6 ? "[\(host)]" : host)
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    private var requestTarget: String {
        var target = resource.utf8.starts(with: "/".utf8) ? "" : "/"
        for scalar in resource.unicodeScalars {
            let isUnsafe = scalar.value <= 0x20 || scalar.value == 0x7F
            if isUnsafe {
                let hexadecimal = String(scalar.value, radix: 16, uppercase: true)
                target += scalar.value < 16 ? "%0\(hexadecimal)" : "%\(hexadecimal)"
            } else {
                target.unicodeScalars.append(scalar)
            }
        }
        return target
    }

    /// Keeps a value from ending its header line.
    private static func oneLine(_ value: String) -> String {
        var line = ""
        for scalar in value.unicodeScalars {
            let endsLine = scalar == "\r" || scalar == "\n" || scalar == "\0"
            line.unicodeScalars.append(endsLine ? " " : scalar)
        }
        return line
    }
}
