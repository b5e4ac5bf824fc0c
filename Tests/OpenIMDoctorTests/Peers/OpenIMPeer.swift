import Foundation
import Glibc
import LoadPlan
import OpenIMDoctor
import Testing

/// The OpenIM deployment in Python that stands beside the end-to-end tests; ends with this object.
final class OpenIMPeer {
    private struct Ports: Decodable {
        var gateway: Int
        var api: Int
    }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    let gateway: Int
    let apiPort: Int

    var api: String { "http://127.0.0.1:\(apiPort)" }

    convenience init(version: String, _ options: [String] = []) throws {
        try self.init(
            "EndToEndTests/Peers/openim/openim_server.py", ["--version", version, "--max-seconds", "120"] + options)
    }

    /// Something else in a gateway's place, which has no API.
    convenience init(odd way: String...) throws {
        try self.init("OpenIMDoctorTests/Peers/odd_gateway.py", way)
    }

    private init(_ script: String, _ arguments: [String]) throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", tests.appending(path: script).path] + arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte.first != 0x0A { line += byte }
        let ports = try JSONDecoder().decode(Ports.self, from: line)
        (gateway, apiPort) = (ports.gateway, ports.api)
    }

    deinit {
        _ = kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func examine(
        _ plan: OpenIMPlan = OpenIMPlan(), gateway port: Int? = nil, patienceS: Double = 1.5
    ) throws -> OpenIMDoctor.Report {
        try doctor("ws://127.0.0.1:\(port ?? gateway)/", api, plan, patienceS: patienceS)
    }
}

/// What the doctor finds, with less patience than a user's.
func doctor(
    _ target: String?, _ api: String, _ plan: OpenIMPlan = OpenIMPlan(), patienceS: Double = 1.5
) throws -> OpenIMDoctor.Report {
    var patience = OpenIMDoctor.Patience()
    patience.handshake = .seconds(patienceS)
    patience.answer = .seconds(patienceS)
    patience.kick = .seconds(patienceS)
    var told: [OpenIMDoctor.Finding] = []
    let report = OpenIMDoctor.examine(
        target: try target.map { try TargetURL(parsing: $0) }, api: api, plan: plan, patience: patience
    ) { told.append($0) }
    #expect(told == report.findings)
    #expect(!report.text.contains("openIM123") && !report.text.contains("eyJ"))
    return report
}

extension OpenIMDoctor.Report {
    /// All that a user sees.
    var text: String { (findings.map(\.text) + [summary]).joined(separator: "\n") }

    subscript(_ step: OpenIMDoctor.Step) -> OpenIMDoctor.Finding? { findings.first { $0.step == step } }

    var failed: [OpenIMDoctor.Step] { findings.filter { $0.outcome == .failed }.map(\.step) }
}
