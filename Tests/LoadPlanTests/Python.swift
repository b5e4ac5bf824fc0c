import Foundation

/// The Python of tests that ask a program of others: `GATECRASH_PYTHON`, or `python3` of the path.
enum Python {
    private static let name = ProcessInfo.processInfo.environment["GATECRASH_PYTHON"] ?? "python3"

    static func has(modules: [String]) -> Bool {
        (try? run("import \(modules.joined(separator: ", "))", input: "")) != nil
    }

    struct Failure: Error {
        var status: Int32
        var output: String
    }

    /// What the program prints.
    ///
    /// It has a minute.
    static func run(_ program: String, input: String) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gatecrash-python-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (inputFile, outputFile) = (folder.appending(path: "in"), folder.appending(path: "out"))
        try Data(input.utf8).write(to: inputFile)
        try Data().write(to: outputFile)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["timeout", "60", name, "-c", program]
        process.standardInput = try FileHandle(forReadingFrom: inputFile)
        process.standardOutput = try FileHandle(forWritingTo: outputFile)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let output = try String(contentsOf: outputFile, encoding: .utf8)
        guard process.terminationStatus == 0 else { throw Failure(status: process.terminationStatus, output: output) }
        return output
    }
}
