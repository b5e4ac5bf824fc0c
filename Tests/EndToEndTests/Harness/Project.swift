import Foundation

/// Where things are that the tests use.
enum Project {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The built program; `GATECRASH_BINARY` names another.
    static let gatecrash = product("gatecrash", override: "GATECRASH_BINARY")
    static let autobahnClient = product("autobahn-client", override: "GATECRASH_AUTOBAHN_CLIENT")

    /// An interpreter with the packages that the tests need, see tools/install-python.
    static let python: String = {
        if let named = ProcessInfo.processInfo.environment["GATECRASH_PYTHON"] { return named }
        let own = root.appending(path: ".build/tools/python/bin/python3").path
        return FileManager.default.isExecutableFile(atPath: own) ? own : "/usr/bin/python3"
    }()

    static func peer(_ name: String) -> String {
        root.appending(path: "Tests/EndToEndTests/Peers/\(name)").path
    }

    /// Products lie beside the test bundle.
    private static func product(_ name: String, override: String) -> String {
        if let named = ProcessInfo.processInfo.environment[override] { return named }
        let bundle = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let beside = bundle.appending(path: name).path
        return FileManager.default.isExecutableFile(atPath: beside)
            ? beside : root.appending(path: ".build/debug/\(name)").path
    }
}
