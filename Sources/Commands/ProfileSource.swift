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
            _ = try Defect.parseAll(plan.gateway.defects)
            return plan
        } catch let error as DefectError {
            environment.standardError.line("\(file): gateway.defects: \(error)")
            throw ExitCode(64)
        } catch {
            environment.standardError.line("\(error)")
            throw ExitCode(64)
        }
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
