internal import CLinux
internal import Glibc

/// Everything that commands touch outside themselves. Tests pass one of their own.
package struct CommandEnvironment: Sendable {
    /// For results.
    package var standardOutput: TextOutput
    /// For everything else: progress, warnings, errors.
    package var standardError: TextOutput
    package var variables: [String: String]
    /// This program, to start its parts as processes of their own.
    package var executable: String

    package init(
        standardOutput: TextOutput, standardError: TextOutput, variables: [String: String], executable: String
    ) {
        self.standardOutput = standardOutput
        self.standardError = standardError
        self.variables = variables
        self.executable = executable
    }

    /// The environment of this process.
    package static let process = CommandEnvironment(
        standardOutput: TextOutput(descriptor: STDOUT_FILENO), standardError: TextOutput(descriptor: STDERR_FILENO),
        variables: processVariables(), executable: "/proc/self/exe".resolvedLink ?? CommandLine.arguments[0])

    private static func processVariables() -> [String: String] {
        var variables: [String: String] = [:]
        guard var entry = clinux_environment() else { return variables }
        while let text = entry.pointee {
            let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return variables
    }
}

extension String {
    /// Where this symbolic link points; nil when it is none.
    fileprivate var resolvedLink: String? {
        withUnsafeTemporaryAllocation(byteCount: Int(PATH_MAX), alignment: 1) { path in
            guard let buffer = path.baseAddress?.assumingMemoryBound(to: CChar.self) else { return nil }
            let length = readlink(self, buffer, path.count)
            return length > 0 ? String(decoding: path[..<length], as: UTF8.self) : nil
        }
    }
}
