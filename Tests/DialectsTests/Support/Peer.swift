import Foundation

/// Runs `Peers/gob.py` on a file of input lines, and gives what it prints.
struct Peer {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    static func run(_ arguments: [String], input: [String] = [], deadline: Duration = .seconds(120)) throws -> [String]
    {
        let peers = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(
            path: "Peers")
        let folder = FileManager.default.temporaryDirectory.appending(path: "dialects-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var streams: [String: URL] = [:]
        for name in ["in", "out", "err"] {
            let file = folder.appending(path: name)
            let content = name == "in" ? input.map { $0 + "\n" }.joined() : ""
            try content.write(to: file, atomically: false, encoding: .utf8)
            streams[name] = file
        }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", peers.appending(path: "gob.py").path] + arguments
        process.standardInput = try FileHandle(forReadingFrom: streams["in"]!)
        process.standardOutput = try FileHandle(forWritingTo: streams["out"]!)
        process.standardError = try FileHandle(forWritingTo: streams["err"]!)
        try process.run()
        let end = ContinuousClock.now + deadline
        while process.isRunning {
            guard ContinuousClock.now < end else {
                process.terminate()
                process.waitUntilExit()
                throw Failed(description: "gob.py \(arguments) runs for more than \(deadline)")
            }
            usleep(5_000)
        }
        let output = try String(contentsOf: streams["out"]!, encoding: .utf8)
        guard process.terminationStatus == 0 else {
            let complaint = try String(contentsOf: streams["err"]!, encoding: .utf8)
            throw Failed(description: "gob.py \(arguments) ends with \(process.terminationStatus): \(complaint)")
        }
        return output.split(separator: "\n").map(String.init)
    }
}
