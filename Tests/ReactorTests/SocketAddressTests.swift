import Glibc
import Testing

@testable import Reactor

@Suite struct SocketAddressTests {
    @Test(arguments: ["127.0.0.1:80", "[::1]:65535", "[2001:db8::5]:0", "0.0.0.0:1"])
    func textIsParsedAndPrintedTheSame(text: String) {
        #expect(SocketAddress(parsing: text)?.description == text)
    }

    @Test(arguments: [
        "", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "::1:80", "[::1]",
        "[::1",
        "localhost:80", "127.1:80", "[127.0.0.1", "[fe80::1%]:80", "[fe80::1%no-such-link]:80", "1.2.3.4\0:80",
    ])
    func otherTextIsRefused(text: String) {
        #expect(SocketAddress(parsing: text) == nil)
    }

    @Test func theParts() throws {
        var address = try #require(SocketAddress(host: "[fe80::1%lo]", port: 8080))
        #expect(address.family == AF_INET6)
        #expect(address.host == "fe80::1%\(if_nametoindex("lo"))")
        #expect(address.port == 8080)
        address.port = 81
        #expect(address.port == 81)
        #expect(address == SocketAddress(host: "fe80::1%1", port: 81) || if_nametoindex("lo") != 1)
        #expect(address != SocketAddress(host: "fe80::2%lo", port: 81))
        #expect(SocketAddress(host: "127.0.0.1", port: 1) != SocketAddress(host: "::1", port: 1))
    }

    @Test func numericHostsResolveToThemselves() throws {
        #expect(try Resolver.resolve(host: "127.0.0.1", port: 9).map(\.description) == ["127.0.0.1:9"])
        #expect(try Resolver.resolve(host: "[::1]", port: 9).map(\.description) == ["[::1]:9"])
    }

    @Test func localhostResolvesToEachAddressOnce() throws {
        let addresses = try Resolver.resolve(host: "localhost", port: 80)
        #expect(!addresses.isEmpty)
        #expect(Set(addresses.map(\.description)).count == addresses.count)
        #expect(addresses.allSatisfy { ["127.0.0.1", "::1"].contains($0.host) && $0.port == 80 })
    }

    @Test(arguments: ["", "x\0y", String(repeating: "x", count: 64)]) func aNameThatDoesNotResolveIsNamed(host: String)
    {
        let error = #expect(throws: ResolveError.self) { try Resolver.resolve(host: host, port: 80) }
        #expect(error?.host == host)
        #expect(error?.reason.isEmpty == false)
    }
}
