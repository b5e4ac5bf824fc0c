import Foundation
import Testing

@testable import Reactor

/// Self-signed certificates made by `openssl req`, in a folder of their own that goes with the value.
final class TestCertificates {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "gatecrash-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    /// - Parameter names: as in a subjectAltName, e.g. `DNS:gateway.test` or `IP:127.0.0.1`.
    func make(_ label: String, names: String, arguments: [String] = []) throws -> TLSServer.Identity {
        let identity = TLSServer.Identity(certificateFile: path(label, "crt"), keyFile: path(label, "key"))
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                "2",
                "-subj", "/CN=gatecrash test", "-addext", "subjectAltName=\(names)", "-keyout", identity.keyFile,
                "-out",
                identity.certificateFile,
            ] + arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl req failed")
        return identity
    }

    func path(_ label: String, _ suffix: String) -> String { folder.appending(path: "\(label).\(suffix)").path }
}
