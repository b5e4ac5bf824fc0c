internal import ArgumentParser
internal import Gateway
internal import Glibc
internal import LoadPlan

/// The profile that a command's argument names, as text. Problems are printed here, as the user should see them.
struct ProfileSource {
    let text: String
    /// What messages call it.
    let file: String

    init(_ argument: String, _ environment: CommandEnvironment) throws {
        switch ProfileLibrary.source(of: argument) {
        case .ready(let entry):
            text = entry.text
            file = entry.file
        case .file(let path):
            file = path
            do {
                text = try Profile.text(of: Self.read(path), file: path)
            } catch let error as ProfileError {
                environment.standardError.line(error.description)
                throw ExitCode(64)
            } catch let error as ReadFailure {
                let hint = ProfileLibrary.nearest(to: argument).map { "; did you mean the ready profile '\($0.name)'?" }
                environment.standardError.line(
                    "gatecrash: \(path): \(error.description)\(hint ?? "; `gatecrash profile list` lists the ready ones")"
                )
                throw ExitCode(64)
            }
        }
    }

    func load(_ overrides: PlanOverrides, _ environment: CommandEnvironment) throws -> Plan {
        do {
            let plan = try Profile.load(text: text, file: file, overrides: overrides)
            try check(plan.gateway.defects, areOptions: !overrides.defects.isEmpty, environment)
            return plan
        } catch let status as ExitCode {
            throw status
        } catch {
            environment.standardError.line("\(error)")
            throw ExitCode(64)
        }
    }

    /// The profile's own check knows only the shape of a defect; which there are, the gateway knows.
    private func check(_ defects: [String], areOptions: Bool, _ environment: CommandEnvironment) throws {
        for defect in defects {
            do {
                _ = try Defect(parsing: defect)
            } catch {
                let place = areOptions ? "--defect" : "\(file)\(position(of: defect)) gateway.defects"
                environment.standardError.line("\(place): \(error)")
                throw ExitCode(64)
            }
        }
    }

    /// `:12:15` of a text that is in the profile once; empty when it is written in another way there.
    private func position(of part: String) -> String {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard let range = line.firstRange(of: part) else { continue }
            return ":\(index + 1):\(line.distance(from: line.startIndex, to: range.lowerBound) + 1)"
        }
        return ""
    }

    private struct ReadFailure: Error {
        let errno: Int32
        var description: String { String(cString: strerror(errno)) }
    }

    /// One byte more than allowed at most: `Profile.text` then says that it is too large.
    private static func read(_ path: String) throws(ReadFailure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ReadFailure(errno: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while bytes.count <= Profile.maxDocumentBytes {
            let length = Glibc.read(descriptor, &chunk, chunk.count)
            if length < 0, errno == EINTR { continue }
            guard length >= 0 else { throw ReadFailure(errno: errno) }
            guard length > 0 else { break }
            bytes.append(contentsOf: chunk[..<length])
        }
        return bytes
    }
}
