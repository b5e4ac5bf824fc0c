import Testing

@testable import LoadPlan

@Suite struct TargetURLTests {
    @Test(
        arguments: [
            ("ws://127.0.0.1:8080/ws", false, "127.0.0.1", 8080, "/ws", nil),
            ("ws://example.org", false, "example.org", 80, "/", "ws://example.org/"),
            ("wss://example.org/", true, "example.org", 443, "/", nil),
            ("wss://example.org:443/a", true, "example.org", 443, "/a", "wss://example.org/a"),
            ("ws://[::1]:9000/x?y=1", false, "::1", 9000, "/x?y=1", nil),
            ("ws://[2001:db8::192.0.2.1]", false, "2001:db8::192.0.2.1", 80, "/", "ws://[2001:db8::192.0.2.1]/"),
            (
                "WS://Host_1.local.?token={account}", false, "Host_1.local.", 80, "/?token={account}",
                "ws://Host_1.local./?token={account}"
            ),
            ("ws://h/a%20b/{index}?q=%7B", false, "h", 80, "/a%20b/{index}?q=%7B", nil),
        ] as [(String, Bool, String, Int, String, String?)])
    func reads(text: String, isSecure: Bool, host: String, port: Int, resource: String, description: String?) throws {
        let url = try TargetURL(parsing: text)
        #expect(
            url == TargetURL(isSecure: isSecure, host: host, port: port, resource: try Template(parsing: resource)))
        #expect(url.description == description ?? text)
        #expect(try TargetURL(parsing: url.description) == url)
    }

    @Test(
        arguments: [
            ("", 1, #"expected a URL that begins with ws:// or wss://, found """#, nil),
            (
                "example.org:80/ws", 1, #"expected a URL that begins with ws:// or wss://, found "example.org:80/ws""#,
                "did you mean ws://example.org:80/ws?"
            ),
            ("http://example.org/ws", 1, #"expected ws:// or wss://, found "http://""#, "write ws://example.org/ws"),
            ("https://example.org", 1, #"expected ws:// or wss://, found "https://""#, "write wss://example.org"),
            ("ftp://example.org", 1, #"expected ws:// or wss://, found "ftp://""#, nil),
            (
                "ws:/example.org", 1, #"expected a URL that begins with ws:// or wss://, found "ws:/example.org""#,
                "did you mean ws://ws:/example.org?"
            ),
            (
                "ws://me:pw@example.org/", 11, "a WebSocket URL has no user info (RFC 6455 §3)",
                "send credentials in the query or in connect.headers"
            ),
            ("ws://example.org/a#b", 19, "a WebSocket URL has no fragment (RFC 6455 §3)", "write %23 for the # itself"),
            ("ws:///path", 6, "expected a host", nil),
            ("ws://a b/", 7, #"" " cannot stand in a host name"#, nil),
            (
                "ws://bücher.example/", 7, #""ü" cannot stand in a host name"#,
                "write international names in their xn-- form"
            ),
            ("ws://a..b/", 8, "an empty label in the host name", nil),
            ("ws://-a/", 6, "a label of a host name cannot begin or end with -", nil),
            ("ws://256.1.1.1/", 6, #""256.1.1.1" is neither an IPv4 address nor a name"#, nil),
            ("ws://1.2.3/", 6, #""1.2.3" is neither an IPv4 address nor a name"#, nil),
            ("ws://::1/", 6, "an IPv6 address needs brackets", "e.g. ws://[::1]:8080/"),
            ("ws://[::1/", 6, "[ without its ]", nil),
            ("ws://[::1:]/", 7, #"expected an IPv6 address in the brackets, found "::1:""#, nil),
            (
                "ws://[fe80::1%25eth0]/", 7, #"expected an IPv6 address in the brackets, found "fe80::1%25eth0""#,
                "zones (%eth0) cannot be used in a WebSocket URL"
            ),
            ("ws://[::1]8080/", 11, #"expected a port, a path or the end of the URL, found "8080/""#, nil),
            ("ws://h:/", 8, "expected a port from 1 to 65535, found nothing", nil),
            ("ws://h:0/", 8, #"expected a port from 1 to 65535, found "0""#, nil),
            ("ws://h:65536/", 8, #"expected a port from 1 to 65535, found "65536""#, nil),
            ("ws://h:+80/", 8, #"expected a port from 1 to 65535, found "+80""#, nil),
            ("ws://{account}.example/", 6, "placeholders are allowed in path and query only", nil),
            ("ws://h/a b", 9, #"" " cannot stand in a URL"#, "write %20"),
            ("ws://h/é", 8, #""é" cannot stand in a URL"#, "write %C3%A9"),
            ("ws://h/a\r\nX: y", 9, #""\r" cannot stand in a URL"#, "write %0D"),
            ("ws://h/%2", 8, "expected two hexadecimal digits after %", "write %25 for the percent sign itself"),
            ("ws://h/%zz", 8, "expected two hexadecimal digits after %", "write %25 for the percent sign itself"),
            ("ws://h/{acount}", 8, #"unknown placeholder "{acount}""#, "did you mean {account}?"),
            ("ws://h/a}", 9, #""}" cannot stand in a URL"#, "write %7D"),
        ] as [(String, Int, String, String?)])
    func refuses(text: String, column: Int, message: String, hint: String?) {
        let problem = #expect(throws: TextProblem.self) { try TargetURL(parsing: text) }
        #expect(problem == TextProblem(text: text, column: column, message: message, hint: hint))
    }

    @Test(arguments: [
        ("::", true), ("::1", true), ("1::", true), ("1:2:3:4:5:6:7:8", true), ("1:2:3:4:5:6:1.2.3.4", true),
        ("::ffff:1.2.3.4", true),
        ("fe80::1:2", true), ("1:2:3:4:5:6:7::", true), ("", false), (":", false), (":::", false),
        ("1:2:3:4:5:6:7", false),
        ("1:2:3:4:5:6:7:8:9", false), ("1::2::3", false), ("12345::", false), ("g::", false), ("1.2.3.4::", false),
        ("1:2:3:4:5:6:7:1.2.3.4", false), ("::1.2.3", false), (":1", false), ("1:", false), ("1:2:3:4::5:6:7:8", false),
    ])
    func knowsIPv6(text: String, isAddress: Bool) {
        #expect(NumericAddress.isIPv6(text) == isAddress)
    }

    @Test(arguments: [
        ("1.2.3.4", true), ("0.0.0.0", true), ("255.255.255.255", true), ("1.2.3", false), ("1.2.3.4.5", false),
        ("01.2.3.4", false),
        ("1.2.3.256", false), ("1.2.3.", false), ("1.2.3.+4", false), ("", false),
    ])
    func knowsIPv4(text: String, isAddress: Bool) {
        #expect(NumericAddress.isIPv4(text) == isAddress)
    }
}
