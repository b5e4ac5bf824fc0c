import Foundation
import Testing

/// The arrows between modules, read from the sources: a new one must be drawn in ARCHITECTURE.md and here first.
@Suite struct ImportTests {
    private static let arrows: [String: Set<String>] = [
        "gatecrash": ["Commands"],
        "Commands": [
            "ArgumentParser", "CLinux", "Diagnosis", "Enrollment", "Gateway", "LoadEngine", "LoadMetrics", "LoadPlan",
            "OpenIMDoctor", "RunControl", "RunReport",
        ],
        "RunControl": [
            "CLinux", "Diagnosis", "Enrollment", "LoadEngine", "LoadMetrics", "LoadPlan", "Reactor", "RunReport",
            "ServerWatch", "Dispatch",
        ],
        "Enrollment": [
            "COpenSSL", "Dialects", "LoadPlan", "AsyncHTTPClient", "NIOCore", "NIOHTTP1", "NIOPosix", "Dispatch",
            "Synchronization",
        ],
        "OpenIMDoctor": ["Dialects", "Enrollment", "LoadPlan", "Reactor", "WebSocketWire"],
        "ServerWatch": [
            "CLinux", "LoadMetrics", "AsyncHTTPClient", "NIOCore", "NIOHTTP1", "NIOPosix", "Dispatch",
            "Synchronization",
        ],
        "LoadEngine": ["Reactor", "WebSocketWire", "Dialects", "LoadMetrics", "LoadPlan"],
        "Dialects": ["CZlib", "SwiftProtobuf"],
        "Reactor": ["CLinux", "COpenSSL"],
        "WebSocketWire": [],
        "LoadPlan": ["Yams"],
        "LoadMetrics": ["Histogram"],
        "Diagnosis": ["LoadMetrics"],
        "RunReport": ["Diagnosis", "LoadMetrics", "LoadPlan", "CZlib"],
        "Gateway": [
            "CLinux", "COpenSSL", "CZlib", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOWebSocket", "Logging",
            "HTTPHosting", "NIOConcurrencyHelpers", "SwiftProtobuf", "Synchronization", "Dispatch",
        ],
        "HTTPHosting": ["Hummingbird", "HTTPTypes", "Logging", "NIOCore", "Synchronization"],
    ]
    /// The system's own modules: any module may use them, but for the pure ones, which have no clock, socket or file.
    private static let system: Set<String> = ["Foundation", "Glibc"]
    private static let pure: Set<String> = ["WebSocketWire", "Dialects", "LoadMetrics", "Diagnosis", "LoadPlan"]
    private static let maxLines = 400

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test func modulesImportOnlyWhatTheArrowsAllow() throws {
        for (module, allowed) in Self.arrows {
            for file in try Self.swiftFiles("Sources/\(module)") {
                for imported in try Self.imports(file) {
                    let isSystem = Self.system.contains(imported) && !Self.pure.contains(module)
                    #expect(
                        isSystem || allowed.contains(imported),
                        "\(file.lastPathComponent) of \(module) imports \(imported)")
                }
            }
        }
    }

    @Test func everyModuleHasItsArrows() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.root.appending(path: "Sources").path)
        let swift = try folders.filter { try !Self.swiftFiles("Sources/\($0)").isEmpty }
        #expect(Set(swift) == Set(Self.arrows.keys))
    }

    @Test func onlyCommandsPrint() throws {
        for module in Self.arrows.keys where module != "Commands" {
            for file in try Self.swiftFiles("Sources/\(module)") {
                let text = try String(contentsOf: file, encoding: .utf8)
                #expect(!text.contains(/(^|\s)(debugPrint|print)\(/), "\(file.lastPathComponent) prints")
            }
        }
    }

    @Test func filesStaySmall() throws {
        for folder in ["Sources", "Tests"] {
            for file in try Self.swiftFiles(folder) {
                let lines = try String(contentsOf: file, encoding: .utf8).split(
                    separator: "\n", omittingEmptySubsequences: false)
                #expect(lines.count <= Self.maxLines, "\(file.lastPathComponent) has \(lines.count) lines")
            }
        }
    }

    private static func swiftFiles(_ folder: String) throws -> [URL] {
        let start = root.appending(path: folder)
        guard let files = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil) else { return [] }
        return files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" && !isGenerated($0) }
    }

    /// By protoc, which splits nothing and imports what it needs.
    private static func isGenerated(_ file: URL) -> Bool { file.lastPathComponent.hasSuffix(".pb.swift") }

    private static func imports(_ file: URL) throws -> [String] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
            guard
                let match = line.firstMatch(
                    of:
                        /^(?:@testable )?(?:(?:package|internal|private|public) )?import (?:struct |class |enum |func )?(\w+)/
                )
            else { return nil }
            return String(match.1)
        }
    }
}
