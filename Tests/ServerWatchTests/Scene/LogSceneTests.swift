import Foundation
import Testing

@testable import ServerWatch

@Suite struct LogSceneTests {
    @Test func repeatedLinesAreCounted() {
        var lines = (0..<500).map { "2026-01-01T00:00:\($0) listening on \($0)" }
        for number in 0..<150 { lines.append("12:00:\(number) accept4: too many open files; retrying in \(number)ms") }
        lines.append("panic: send on closed channel")
        let scene = LogScene(Array(lines.joined(separator: "\n").utf8))
        #expect(scene.lines.count == 200)
        #expect(scene.repetitions.map(\.count) == [150, 49, 1])
        let telling = scene.telling(name: "messages")
        #expect(
            telling.map(\.text) == [
                "log of messages: 12:00:149 accept4: too many open files; retrying in 149ms (×150 in the last 200 lines)",
                "log of messages: panic: send on closed channel",
            ])
        #expect(telling.allSatisfy { $0.weight == 50 })
        #expect(scene.text.contains("×150"))
    }

    @Test func aQuietLogTellsNothing() {
        #expect(LogScene(Array("started\nready\n".utf8)).telling(name: "x").isEmpty)
        #expect(LogScene([]).lines.isEmpty)
        #expect(LogScene([0xFF, 0xFE, 0x0A, 0x00, 0x1B]).lines.count == 2)
    }

    @Test func theEndOfALongFile() throws {
        let path = NSTemporaryDirectory() + "gatecrash-log-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let line = String(repeating: "x", count: 5000)
        try (0..<100).map { "\($0) \(line)\n" }.joined().write(toFile: path, atomically: false, encoding: .utf8)
        let scene = try LogScene.read(path).get()
        #expect(scene.lines.last?.hasPrefix("99 ") == true)
        // The first line of the part that was read is whole.
        #expect(scene.lines.first?.first?.isNumber == true)
        #expect(scene.lines.count > 40)
    }

    @Test func whatIsNoLog() throws {
        #expect(throws: ProcError.gone) { try LogScene.read("/nowhere/at/all").get() }
        #expect(throws: ProcError.self) { try LogScene.read("/dev/zero").get() }
        #expect(throws: ProcError.self) { try LogScene.read("/proc/self").get() }
    }
}
