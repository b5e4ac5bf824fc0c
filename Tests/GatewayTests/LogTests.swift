import Foundation
import Logging
import Testing

@testable import Gateway

extension GatewayTests {
    private func withTemporaryFile(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gateway-\(UUID()).log").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }

    private func lines(of path: String) throws -> [[String: any Sendable]] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: any Sendable], "\($0)")
        }
    }

    @Test func writesOneJSONObjectPerEvent() async throws {
        try await withTemporaryFile { path in
            let file = try LogFile(path: path)
            let logger = Logger(label: "test") { _ in JSONLineLogHandler(file: file, level: .info) }
            let nasty = "quote \" backslash \\ line\nfeed tab\t bell\u{7} é 🚪"
            logger.info(
                "\(nasty)",
                metadata: [
                    "count": .stringConvertible(5), nasty: .string(nasty),
                    "list": ["a", .dictionary(["b": .stringConvertible(1), "a": "x"])],
                ])
            logger.debug("not logged")
            logger.error("second")
            let lines = try lines(of: path)
            try #require(lines.count == 2)
            #expect(lines[0]["message"] as? String == nasty)
            #expect(lines[0][nasty] as? String == nasty)
            #expect(lines[0]["count"] as? Int == 5)
            #expect(lines[0]["level"] as? String == "info")
            let time = try #require(lines[0]["time"] as? String)
            #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
            #expect(lines[1]["message"] as? String == "second")
            #expect(file.linesLost == 0)
        }
    }

    @Test func countsLostLines() throws {
        let file = try LogFile(path: "/dev/full")
        file.write("a\n")
        file.write("b\n")
        #expect(file.linesLost == 2)
    }

    @Test func goesOnWhenTheLogCannotBeWritten() async throws {
        try await withGateway {
            $0.logFile = "/dev/full"
            $0.logLevel = .debug
        } _: { gateway in
            let client = try await RawClient.admitted(port: gateway.port, account: "a")
            try await client.send(RawClient.frame(.text, "x"))
            #expect(try await client.readFrame().text == "x")
            #expect(gateway.status.log.linesLost >= 2)
        }
    }

    @Test func logsItsLifeAndSummarisesKicks() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gateway-\(UUID()).log").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await withGateway {
            $0.logFile = path
        } _: { gateway in
            var clients: [RawClient] = []
            for _ in 0..<4 {
                clients.append(try await RawClient.admitted(port: gateway.port, account: "same"))
            }
            try await eventually("kicks are logged", of: gateway) {
                try String(contentsOfFile: path, encoding: .utf8).contains("older logins kicked")
            }
        }
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        // Four sessions and three kicks, but a few lines: listening, kicks in one or two, shutting down, stopped.
        #expect(lines.count <= 5, "\(lines)")
        #expect(lines.first?.contains("listening") == true)
        #expect(lines.last?.contains("\"message\":\"stopped\"") == true)
        #expect(lines.last?.contains("\"kicked\":3") == true)
    }
}
