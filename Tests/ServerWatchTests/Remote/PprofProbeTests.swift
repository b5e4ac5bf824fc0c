import Foundation
import Testing

@testable import ServerWatch

@Suite(.serialized) struct PprofProbeTests {
    private func capture(
        _ options: [String], again: String, rounds: Int = 30,
        _ check: (SceneContribution, URL, Bool) throws -> Void
    ) async throws {
        let server = try await DeadlockedGoServer(options)
        defer { server.stop() }
        let isFrozen = try await server.storm(again: again, rounds: rounds)
        try await withSceneFolder { folder in
            let contribution = try await withFetch { fetch in
                await PprofProbe(url: server.pprof, fetch: fetch).capture(into: folder.path)
            }
            try check(contribution, folder, isFrozen)
        }
    }

    @Test(.enabled(if: DeadlockedGoServer.isAvailable))
    func theHubThatSendsToItselfIsTheLoneGoroutine() async throws {
        try await capture([], again: "open") { contribution, folder, isFrozen in
            #expect(isFrozen)
            let text = try String(contentsOf: folder.appending(path: "goroutines.txt"), encoding: .utf8)
            let first = try #require(contribution.telling.max { $0.weight < $1.weight })
            #expect(first.weight == 100, "\(text)")
            #expect(first.text.contains(", alone: chan send ← leave ← close ← kick ← login ← run: it waits for"))
            #expect(
                contribution.telling.contains {
                    $0.weight > 90 && $0.text.contains("goroutines: chan send ← leave ← close ← readMessages")
                }, "\(text)")
            #expect(contribution.telling.contains { $0.text.contains("goroutines: chan send ← serveClient") })
            #expect(
                contribution.files.map(\.name) == ["goroutines-raw.txt", "goroutines.txt", "heap.pb.gz", "cpu.pb.gz"])
            for file in ["heap.pb.gz", "cpu.pb.gz"] {
                #expect(try Data(contentsOf: folder.appending(path: file)).prefix(2) == Data([0x1F, 0x8B]))
            }
        }
    }

    @Test(.enabled(if: DeadlockedGoServer.isAvailable))
    func theHubThatWaitsForALockIsTheLoneGoroutine() async throws {
        try await capture(["-lock"], again: "dropped") { contribution, folder, isFrozen in
            #expect(isFrozen)
            let text = try String(contentsOf: folder.appending(path: "goroutines.txt"), encoding: .utf8)
            let first = try #require(contribution.telling.max { $0.weight < $1.weight })
            #expect(first.weight == 100 && first.text.contains(" ← kick ← login ← run: it waits for a lock"), "\(text)")
            #expect(first.text.contains("which itself waits in chan send ← leave"))
        }
    }

    @Test(.enabled(if: DeadlockedGoServer.isAvailable))
    func theCuredHubIsNoSuspect() async throws {
        try await capture(["-healthy"], again: "open", rounds: 4) { contribution, folder, isFrozen in
            #expect(!isFrozen)
            let text = try String(contentsOf: folder.appending(path: "goroutines.txt"), encoding: .utf8)
            #expect(!contribution.telling.contains { $0.weight > 90 && $0.text.contains("alone") }, "\(text)")
        }
    }

    @Test func whatFailsIsSaidAndTheRestKept() async throws {
        let server = CannedServer { line in
            line.contains("/debug/pprof/goroutine?debug=2")
                ? CannedServer.ok("goroutine 1 [select]:\nmain.main()\n\t/main.go:1\n")
                : line.contains("heap") ? .bytes(Array("HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n".utf8)) : .silence
        }
        defer { server.stop() }
        try await withSceneFolder { folder in
            var deadlines = PprofProbe.Deadlines()
            deadlines.profileMs = 300
            let contribution = try await withFetch { fetch in
                await PprofProbe(url: server.url + "/", label: "chat/1", deadlines: deadlines, fetch: fetch)
                    .capture(into: folder.path)
            }
            #expect(contribution.files.map(\.name) == ["goroutines-raw-chat-1.txt", "goroutines-chat-1.txt"])
            let said = contribution.telling.map(\.text)
            #expect(said.contains { $0.hasPrefix("the heap profile could not be kept: ") && $0.contains("status 500") })
            #expect(said.contains { $0.hasPrefix("the CPU profile could not be kept: ") && $0.contains("300 ms") })
        }
    }

    @Test func aFolderThatIsMissingIsSaid() async throws {
        let server = CannedServer { _ in CannedServer.ok("goroutine 1 [select]:\nmain.main()\n\t/main.go:1\n") }
        defer { server.stop() }
        let contribution = try await withFetch { fetch in
            await PprofProbe(url: server.url, fetch: fetch).capture(into: "/nonexistent/folder")
        }
        #expect(contribution.files.isEmpty)
        #expect(contribution.telling.count { $0.text.contains("could not be written") } == 4)
    }

    @Test(arguments: [
        ("http://h:6060", "http://h:6060/debug/pprof"), ("http://h:6060//", "http://h:6060/debug/pprof"),
        ("http://h:6060/debug/pprof/", "http://h:6060/debug/pprof"), ("http://h/x", "http://h/x/debug/pprof"),
    ])
    func addresses(url: String, base: String) {
        #expect(PprofProbe.base(of: url) == base)
    }
}
