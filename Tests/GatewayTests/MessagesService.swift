import Foundation
import Glibc
import Testing

@testable import Gateway

/// Runs `body` against a message service and shuts it down afterwards.
func withMessageService(
    _ change: (inout MessageServiceConfiguration) -> Void = { _ in }, _ body: (MessageService) async throws -> Void
) async throws {
    var configuration = MessageServiceConfiguration()
    configuration.logFile = "/dev/null"
    change(&configuration)
    let service = try await MessageService.start(configuration)
    do {
        try await body(service)
    } catch {
        await service.shutdown()
        throw error
    }
    await service.shutdown()
}

/// A gateway whose messages a message service answers.
func withServedGateway(
    _ change: (inout MessageServiceConfiguration) -> Void = { _ in },
    _ body: (Gateway, MessageService) async throws -> Void
) async throws {
    try await withMessageService(change) { service in
        try await withGateway {
            $0.messageService = service.address
        } _: { gateway in
            try await body(gateway, service)
        }
    }
}

/// Waits until the condition holds; fails with `state` at the deadline.
func eventually(
    _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, state: () -> String = { "" },
    _ condition: () throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(RawClient.timeoutSeconds)
    while try !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("never: \(what)\n\(state())", sourceLocation: sourceLocation)
            return
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// The answer to a plain HTTP request.
func httpGet(_ target: String, port: Int) async throws -> String {
    let client = try RawClient(port: port)
    try await client.send("GET \(target) HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n")
    return String(decoding: try await client.readToEnd(), as: UTF8.self)
}

/// A file for a log, gone afterwards.
func withLogFile(_ body: (String) async throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("messages-\(UUID()).log").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await body(path)
}

/// This process's descriptors.
enum OpenDescriptors {
    /// Number and what it stands for, as /proc/self/fd says.
    static func all() -> [(number: Int32, target: String)] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { name in
            guard let number = Int32(name),
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
            else { return nil }
            return (number, target)
        }
    }

    /// Those whose inode is in /proc/net/netlink.
    static func netlink() throws -> [Int32] {
        let table = try #require(ProcFile.read("/proc/net/netlink"))
        let inodes = Set(table.split(separator: "\n").dropFirst().compactMap { $0.split(separator: " ").last })
        return all().filter { inode(of: $0.target).map(inodes.contains) ?? false }.map(\.number)
    }

    /// States of the TCP sockets with this local port, as /proc/net/tcp numbers them (8: CLOSE_WAIT).
    static func tcpStates(localPort: Int) throws -> [String] {
        let table = try #require(ProcFile.read("/proc/net/tcp"))
        // The kernel may list a socket twice to who reads its table in several pieces: one per pair of addresses.
        var states: [String: String] = [:]
        for line in table.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: " ")
            let port = fields[1].split(separator: ":").last.flatMap { Int($0, radix: 16) }
            if port == localPort { states["\(fields[1]) \(fields[2])"] = String(fields[3]) }
        }
        return Array(states.values)
    }

    /// Has the runtime open what it needs to sleep, which it does late and must not fail at.
    static func warmUp() async throws {
        for _ in 0..<20 {
            try await Task.sleep(for: .milliseconds(5))
            try await Task.sleep(until: .now + .milliseconds(5), clock: .suspending)
        }
    }

    /// Runs `body` while this process can open no more than `free` further descriptors.
    static func withOnly(free: Int, _ body: () async throws -> Void) async throws {
        try await warmUp()
        let limits = try #require(DescriptorLimit.current())
        let highest = try #require(all().map(\.number).max())
        DescriptorLimit.setSoft(UInt(highest) + 1 + UInt(free))
        // Every free number below the limit but as many as asked for.
        var fillers: [Int32] = []
        while case let filler = open("/dev/null", O_RDONLY), filler >= 0 { fillers.append(filler) }
        for _ in 0..<min(free, fillers.count) { close(fillers.removeLast()) }
        defer {
            fillers.forEach { close($0) }
            DescriptorLimit.setSoft(limits.soft)
        }
        try await body()
    }

    private static func inode(of target: String) -> Substring? {
        guard target.hasPrefix("socket:[") else { return nil }
        return target.dropFirst(8).dropLast()
    }
}
