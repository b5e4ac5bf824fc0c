internal import Glibc
internal import RunReport

/// The folder that holds what a run leaves behind: journal, report, logs of the bundled gateway, tokens of its accounts.
package struct RunFolder: Sendable {
    package let path: String

    package var reportPath: String { path + "/" + ReportFile.reportName }
    package var journalPath: String { path + "/" + ReportFile.journalName }
    /// For the owner's eyes alone.
    package var credentialsPath: String { path + "/credentials.csv" }

    /// Creates the folder and those above it. An existing one is taken when it holds no run.
    package init(creating path: String) throws(RunError) {
        self.path = path
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            if mkdir(made, 0o755) != 0, errno != EEXIST {
                throw .folder("\(path) cannot be made: \(String(cString: strerror(errno)))")
            }
        }
        for file in [reportPath, journalPath] where access(file, F_OK) == 0 {
            throw .folder("\(path) holds a run already; choose another folder with --out")
        }
    }

    /// Writes a file whole or not at all: under another name first, then renamed.
    package static func write(_ bytes: [UInt8], to path: String) throws(RunError) {
        let draft = path + ".part"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw .folder("\(path): \(String(cString: strerror(errno)))") }
        var rest = bytes[...]
        var failure: Int32 = 0
        while !rest.isEmpty, failure == 0 {
            let written = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                failure = errno
            }
        }
        if close(file) != 0, failure == 0 { failure = errno }
        if failure == 0, rename(draft, path) != 0 { failure = errno }
        guard failure == 0 else {
            unlink(draft)
            throw .folder("\(path): \(String(cString: strerror(failure)))")
        }
    }
}
