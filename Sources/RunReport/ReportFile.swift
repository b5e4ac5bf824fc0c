internal import Foundation

/// Reports on disk: `report.json` and `journal.ndjson` in a run's folder.
package enum ReportFile {
    package static let reportName = "report.json"
    package static let journalName = "journal.ndjson"

    /// Why there is no report to be had, with what to do about it.
    package struct Fault: Error, Equatable, Sendable, CustomStringConvertible {
        package var description: String
    }

    /// The report as the bytes of `report.json`: keys sorted, so that equal reports are equal files.
    package static func encode(_ report: Report) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(report)) + [UInt8(ascii: "\n")]
    }

    /// Reads a report's bytes; `name` is what to call them in an error.
    package static func decode(_ bytes: [UInt8], name: String) throws(Fault) -> Report {
        struct Head: Decodable { var schema: String? }
        let data = Data(bytes)
        do {
            let head = try JSONDecoder().decode(Head.self, from: data)
            guard let schema = head.schema else {
                throw Fault(description: "\(name) is not a gatecrash report: it has no 'schema'")
            }
            guard schema == Report.schemaName else {
                throw Fault(
                    description: "\(name) has the schema '\(schema)'; this version reads '\(Report.schemaName)'")
            }
            return try JSONDecoder().decode(Report.self, from: data)
        } catch let fault as Fault {
            throw fault
        } catch {
            throw Fault(description: "\(name) is not a gatecrash report: \(PlainWords.describe(error))")
        }
    }

    /// Loads a report from `report.json` or from the run's folder that holds it.
    package static func load(path: String) throws(Fault) -> Report {
        guard let isFolder = isFolder(path) else { throw Fault(description: "\(path): no such file or folder") }
        let file = isFolder ? join(path, reportName) : path
        if isFolder, self.isFolder(file) == nil {
            let hint =
                self.isFolder(join(path, journalName)) == false
                ? "; it has a journal: try `gatecrash report recover \(path)`" : ""
            throw Fault(description: "\(path) holds no \(reportName)\(hint)")
        }
        return try decode(try contents(of: file), name: file)
    }

    /// Rebuilds a report from `journal.ndjson` or from the run's folder that holds it, reading it piece by piece.
    package static func recover(path: String) throws(Fault) -> Report {
        guard let isFolder = isFolder(path) else { throw Fault(description: "\(path): no such file or folder") }
        let file = isFolder ? join(path, journalName) : path
        guard let handle = FileHandle(forReadingAtPath: file) else {
            throw Fault(description: isFolder ? "\(path) holds no \(journalName)" : "\(file) cannot be read")
        }
        defer { try? handle.close() }
        var recovery = ReportRecovery()
        do {
            while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty { try recovery.read(Array(piece)) }
            return try recovery.finish()
        } catch let fault as ReportRecovery.Fault {
            throw Fault(description: "\(file): \(fault)")
        } catch {
            throw Fault(description: "\(file) cannot be read: \(error.localizedDescription)")
        }
    }

    private static func contents(of file: String) throws(Fault) -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(fileURLWithPath: file)))
        } catch {
            throw Fault(description: "\(file) cannot be read: \(error.localizedDescription)")
        }
    }

    /// nil when there is nothing at `path`.
    private static func isFolder(_ path: String) -> Bool? {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) ? isFolder.boolValue : nil
    }

    private static func join(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }
}
