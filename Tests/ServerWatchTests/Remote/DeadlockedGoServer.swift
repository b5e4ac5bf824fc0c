import Foundation
import Glibc
import Testing

/// The Go server of the end-to-end tests' peers, built for each test into a folder that is removed at its end.
///
/// Programs are waited for on threads of their own: tests share a few threads that must not block.
final class DeadlockedGoServer {
    static let isAvailable = ["/usr/bin/go", "/usr/local/go/bin/go"].contains {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    let address: String
    let pprof: String
    private let process: Process
    private let folder: URL

    init(_ options: [String] = []) async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "gatecrash-go-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let source = URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "EndToEndTests/Peers/deadlocked_go_server")
        let program = folder.appending(path: "deadlocked_go_server")
        let files = ["main.go", "session.go"].map { source.appending(path: $0).path }
        try await Self.run(
            "go", ["build", "-o", program.path] + files,
            environment: ["GO111MODULE": "off", "GOFLAGS": "", "GOCACHE": NSHomeDirectory() + "/.cache/go-build"])
        let output = Pipe()
        process = Process()
        process.executableURL = program
        process.arguments = options
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        struct Ready: Decodable { var address: String, pprof: String }
        let ready = try JSONDecoder().decode(Ready.self, from: output.fileHandleForReading.availableData)
        (address, pprof) = (ready.address, ready.pprof)
    }

    func stop() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Logs in and out until a login is no longer answered, or not.
    ///
    /// Each round, while a crowd of sessions is dropped at once so that logouts queue, other accounts log in again:
    /// those of the crowd, whose readers wait at that moment (`again: "dropped"`), or ones still open (`"open"`).
    /// - Returns: whether it came to that.
    func storm(again: String, rounds: Int = 30) async throws -> Bool {
        let output = try await Self.run(
            "python3", ["-c", Self.program, address, again, "\(rounds)"], environment: [:])
        return output.contains("frozen")
    }

    private static let program = """
        import socket, sys
        host, port = sys.argv[1].rsplit(":", 1)
        def log_in(account):
            s = socket.create_connection((host, int(port)), timeout=10)
            s.sendall(b"GET /?account=%d HTTP/1.1\\r\\nHost: x\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
                b"Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\r\\n\\r\\n" % account)
            head = b""
            while b"\\r\\n\\r\\n" not in head: head += s.recv(1)
            assert b" 101 " in head, head
            return s
        def is_admitted(s):
            s.settimeout(3)
            try:
                s.sendall(b"\\x81\\x82\\0\\0\\0\\0hi")
                got = b""
                while b"hi" not in got:
                    part = s.recv(64)
                    if not part: return True  # kicked, which only a hub that works does
                    got += part
                return True
            except TimeoutError: return False
            except OSError: return True
        for round in range(int(sys.argv[3])):
            crowd = [log_in(account) for account in range(40)]
            if not all(is_admitted(s) for s in crowd): print("frozen"); break
            kept = [log_in(account) for account in range(100, 140)]
            if not all(is_admitted(s) for s in kept): print("frozen"); break
            for s in crowd: s.close()
            start = 100 if sys.argv[2] == "open" else 0
            newer = [log_in(account) for account in range(start, start + 40)]
            if not all(is_admitted(s) for s in newer): print("frozen"); break
            for s in kept + newer: s.close()
        """

    @discardableResult private static func run(
        _ name: String, _ arguments: [String], environment: [String: String]
    ) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try runBlocking(name, arguments, environment) })
            }
        }
    }

    private static func runBlocking(
        _ name: String, _ arguments: [String], _ environment: [String: String]
    ) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["timeout", "120", name] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        struct Failure: Error { var name: String, status: Int32, output: String }
        guard process.terminationStatus == 0 else {
            throw Failure(name: name, status: process.terminationStatus, output: text)
        }
        return text
    }
}
