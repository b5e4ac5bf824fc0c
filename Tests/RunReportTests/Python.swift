import Foundation

/// A Python interpreter with libraries that nobody here wrote: `GATECRASH_PYTHON`, by default `python3`.
enum Python {
    static let interpreter = ProcessInfo.processInfo.environment["GATECRASH_PYTHON"] ?? "python3"

    static func canImport(_ module: String) -> Bool {
        (try? run("import \(module)", input: "").status) == 0
    }

    struct Output {
        var status: Int32
        var output: String
        var error: String
    }

    /// Runs a script with `input` as its standard input.
    ///
    /// Input and output go through files, so that nothing can fill a pipe and wait; a script that is not done in a
    /// minute is ended.
    static func run(_ script: String, input: String) throws -> Output {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gatecrash-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["in", "out", "err"].map { folder.appendingPathComponent($0) }
        try Data(input.utf8).write(to: files[0])
        for file in files[1...] { try Data().write(to: file) }

        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [interpreter, "-W", "ignore", "-c", script]
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        let deadline = Date(timeIntervalSinceNow: 60)
        while process.isRunning {
            if Date() > deadline { process.terminate() }
            Thread.sleep(forTimeInterval: 0.005)
        }
        return Output(
            status: process.terminationStatus, output: try String(contentsOf: files[1], encoding: .utf8),
            error: try String(contentsOf: files[2], encoding: .utf8))
    }
}
