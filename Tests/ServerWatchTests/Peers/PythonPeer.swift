import CLinux
import Foundation
import Glibc

/// A Python process that does what it is told, a piece of code at a time, and ends with this object.
final class PythonPeer {
    let pid: Int32
    private let input: Int32
    private let output: Int32
    private var isReaped = false

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private static let program = """
        import sys, os, json, socket, select, threading, time, ctypes
        # What other tests had open when this was started would be counted as ours.
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        kept = []
        def name_thread(name):
            ctypes.CDLL(None).prctl(15, name.encode(), 0, 0, 0)
        for line in sys.stdin:
            result = ""
            try:
                exec(json.loads(line), globals())
            except BaseException as problem:
                result = "error: " + repr(problem)
            print(json.dumps(str(result)), flush=True)
        """

    init() throws {
        var toChild: [Int32] = [0, 0]
        var fromChild: [Int32] = [0, 0]
        guard clinux_pipe(&toChild) == 0, clinux_pipe(&fromChild) == 0 else {
            throw Failure(description: "pipe: \(String(cString: strerror(errno)))")
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
        let words = ["python3", "-u", "-c", Self.program]
        let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        let status = posix_spawnp(&pid, "python3", &actions, nil, arguments, environ)
        _ = close(toChild[0])
        _ = close(fromChild[1])
        input = toChild[1]
        output = fromChild[0]
        self.pid = pid
        guard status == 0 else {
            isReaped = true
            throw Failure(description: "python3: \(String(cString: strerror(status)))")
        }
        try run("pass")
    }

    deinit {
        kill()
        _ = close(input)
        _ = close(output)
    }

    /// Runs code; what it leaves in `result` comes back as text.
    @discardableResult
    func run(_ code: String, withinS: Double = 30) throws -> String {
        try end(code)
        let text = try JSONDecoder().decode(String.self, from: readLine(withinS: withinS))
        guard !text.hasPrefix("error: ") else { throw Failure(description: text) }
        return text
    }

    /// Runs code that leaves nobody to answer.
    func end(_ code: String) throws {
        let line = try JSONEncoder().encode(code) + Data([0x0A])
        let written = line.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
        guard written == line.count else { throw Failure(description: "the peer has ended") }
    }

    /// SIGKILL, and waits until it has ended.
    func kill() {
        guard !isReaped else { return }
        _ = Glibc.kill(pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        isReaped = true
    }

    private func readLine(withinS seconds: Double) throws -> Data {
        let deadline = Date(timeIntervalSinceNow: seconds)
        var line = Data()
        while true {
            var wanted = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            guard poll(&wanted, 1, Int32(max(0, deadline.timeIntervalSinceNow * 1000))) > 0 else {
                throw Failure(description: "the peer does not answer")
            }
            var byte: UInt8 = 0
            guard read(output, &byte, 1) == 1 else { throw Failure(description: "the peer has ended") }
            if byte == 0x0A { return line }
            line.append(byte)
        }
    }
}
