import Foundation
import Testing

/// A child process whose output goes to files, so that nothing can block on it. It never outlives its deadline or this object.
final class RunningCommand {
    private let process = Process()
    private let folder = Scratch()
    private let input = Pipe()

    var pid: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }
    var output: String { folder.text("stdout") }
    var errors: String { folder.text("stderr") }

    init(_ executable: String, _ arguments: [String], keepsInputOpen: Bool = false, folder current: String? = nil)
        throws
    {
        process.executableURL = URL(filePath: executable)
        process.arguments = arguments
        if let current { process.currentDirectoryURL = URL(filePath: current) }
        // An open pipe ends with us: peers that read it end then too.
        process.standardInput = keepsInputOpen ? input : FileHandle.nullDevice
        process.standardOutput = try folder.file("stdout")
        process.standardError = try folder.file("stderr")
        // The threads that tests run on block signals, and a child inherits that.
        var none = sigset_t()
        var blocked = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &blocked)
        defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
        try process.run()
    }

    deinit {
        if process.isRunning { kill(pid, SIGKILL) }
        process.waitUntilExit()
    }

    func signal(_ number: Int32) {
        if process.isRunning { kill(pid, number) }
    }

    /// What it reads from its standard input ends; with `keepsInputOpen`.
    func endInput() {
        try? input.fileHandleForWriting.close()
    }

    /// Its exit status, or minus the signal that ended it. Past the deadline it is killed and the test fails with what it had said.
    @discardableResult
    func wait(seconds: Double, _ location: SourceLocation = #_sourceLocation) -> Int32 {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while process.isRunning, Date() < deadline { usleep(20_000) }
        if process.isRunning {
            Issue.record(
                "still running after \(seconds) s\nstdout: \(output)\nstderr: \(errors)", sourceLocation: location)
            kill(pid, SIGKILL)
        }
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    /// Waits until `condition` holds for what it has said.
    @discardableResult
    func wait(
        seconds: Double, until condition: (RunningCommand) -> Bool, _ location: SourceLocation = #_sourceLocation
    ) -> Bool {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while Date() < deadline {
            if condition(self) { return true }
            usleep(20_000)
        }
        Issue.record("not within \(seconds) s\nstdout: \(output)\nstderr: \(errors)", sourceLocation: location)
        return false
    }
}

/// A folder of a test's own, removed with it.
final class Scratch {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appending(path: "gatecrash-\(UUID().uuidString)").path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) throws -> FileHandle {
        _ = FileManager.default.createFile(atPath: "\(path)/\(name)", contents: nil)
        return try FileHandle(forWritingTo: URL(filePath: "\(path)/\(name)"))
    }

    func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
        return "\(path)/\(name)"
    }

    func text(_ name: String) -> String {
        (try? String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)) ?? ""
    }
}
