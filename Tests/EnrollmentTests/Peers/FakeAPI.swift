import Foundation

/// The Python API of `fake_api.py`, which ends with this object.
final class FakeAPI {
    struct State: Decodable {
        var port: Int
        var users: Int
        var calls: [String: Int]
        var maxBusy: Int
        var operations: Int
        var distinctOperations: Int
        var batches: Int
        var issued: Int
        var connections: Int
    }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private(set) var state = State(
        port: 0, users: 0, calls: [:], maxBusy: 0, operations: 0, distinctOperations: 0, batches: 0, issued: 0,
        connections: 0)

    var address: String { "http://127.0.0.1:\(state.port)" }

    init(_ settings: [String: Any] = [:]) throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "fake_api.py")
        process.executableURL = URL(filePath: "/usr/bin/env")
        let arguments = String(decoding: try JSONSerialization.data(withJSONObject: settings), as: UTF8.self)
        process.arguments = ["python3", script.path, arguments]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        state = try readState()
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// From now on the path fails in this way so many times; -1: always.
    func fail(_ path: String, _ kind: String, times: Int = 1, after: Int = 0) throws {
        _ = try tell(["fault": ["path": path, "kind": kind, "times": times, "after": after] as [String: Any]])
    }

    func heal() throws { _ = try tell(["remove_faults": true]) }

    func setTokenLife(seconds: Int) throws { _ = try tell(["life": seconds]) }

    func refresh() throws -> State { try tell([:]) }

    private func tell(_ command: [String: Any]) throws -> State {
        let line = try JSONSerialization.data(withJSONObject: command) + Data([0x0A])
        try input.fileHandleForWriting.write(contentsOf: line)
        state = try readState()
        return state
    }

    private func readState() throws -> State {
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte.first != 0x0A { line += byte }
        return try JSONDecoder().decode(State.self, from: line)
    }
}

/// A folder of a test's own, removed afterwards.
func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "gatecrash-enrollment-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}
