import Foundation
import Glibc
import LoadMetrics
import Testing

@testable import ServerWatch

@Suite struct SceneTests {
    struct QuickProbe: SceneProbe {
        func capture(into folder: String) async -> SceneContribution {
            try? "queues\n".write(toFile: folder + "/queues.txt", atomically: false, encoding: .utf8)
            return SceneContribution(
                files: [SceneFile(name: "queues.txt", what: "queues")],
                telling: [TellingLine(weight: 110, text: "the unregister queue is full")])
        }
    }

    struct HangingProbe: SceneProbe {
        func capture(into folder: String) async -> SceneContribution {
            // As one that does not hear that it is cancelled.
            await withCheckedContinuation { continuation in
                Task.detached {
                    try? await Task.sleep(for: .seconds(20))
                    continuation.resume()
                }
            }
            return SceneContribution()
        }
    }

    private static func folder() -> String {
        NSTemporaryDirectory() + "gatecrash-scene-\(UUID().uuidString)/a/evidence"
    }

    private static func remove(_ folder: String) {
        try? FileManager.default.removeItem(atPath: folder.replacing("/a/evidence", with: ""))
    }

    private static func text(_ scene: Scene, _ name: String) throws -> String {
        try String(contentsOfFile: "\(scene.folder)/\(name)", encoding: .utf8)
    }

    @Test func aServerThatLeaksAndWaits() async throws {
        let peer = try PythonPeer()
        let port = try #require(
            Int(
                try peer.run(
                    """
                    listener = socket.socket(); listener.bind(("127.0.0.1", 0)); listener.listen(3)
                    lock = threading.Lock(); lock.acquire()
                    def hub():
                        name_thread("hub"); lock.acquire()
                    def reader(n):
                        name_thread("reader-%d" % n); select.epoll().poll()
                    threading.Thread(target=hub, daemon=True).start()
                    for n in range(6): threading.Thread(target=reader, args=(n,), daemon=True).start()
                    result = listener.getsockname()[1]
                    """)))
        let news = try WatchedNews(
            ServerWatch(
                [.process(pid: peer.pid, role: .gateway, name: "gateway 0", port: port)], originNs: monotonicNs(),
                periodMs: 100, sceneProbes: [QuickProbe()]))
        try await news.wait("a census") { $0.samples.contains { $0.descriptorsByKind != nil } }
        try peer.run(
            """
            for n in range(40):
                one = socket.create_connection(listener.getsockname()); kept.append(listener.accept()[0]); one.close()
            for n in range(15): kept.append(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))
            for n in range(4): kept.append(socket.create_connection(listener.getsockname()))
            """)
        // Until the hub has been seen at rest for long enough to be told.
        let seen = try #require(news.samples.last).atS
        try await news.wait("later samples") { ($0.samples.last?.atS ?? 0) > seen + 1.5 }

        let folder = Self.folder()
        let log = NSTemporaryDirectory() + "gatecrash-log-\(UUID().uuidString)"
        try "ready\nfatal error: all is lost\n".write(toFile: log, atomically: false, encoding: .utf8)
        defer {
            Self.remove(folder)
            try? FileManager.default.removeItem(atPath: log)
        }
        news.watch.captureScene(
            SceneRequest(
                folder: folder, title: "connection_freeze: nobody gets in",
                logs: [.init(name: "gateway 0", path: log), .init(name: "messages", path: "/nowhere/log")]))
        try await news.wait("the scene") { !$0.scenes.isEmpty }
        let scene = try #require(news.scenes.first)
        #expect(
            scene.files.map(\.name) == [
                "threads-gateway-0.txt", "descriptors-gateway-0.txt", "sockets.txt", "log-gateway-0.txt", "queues.txt",
            ])
        for file in scene.files {
            #expect(FileManager.default.fileExists(atPath: "\(folder)/\(file.name)"))
            #expect(!file.what.isEmpty)
        }

        let threads = try Self.text(scene, "threads-gateway-0.txt")
        #expect(threads.hasPrefix("connection_freeze: nobody gets in\n"))
        #expect(threads.contains("`hub` S futex"), "\(threads)")
        #expect(threads.contains("6 threads `reader-"), "\(threads)")
        let descriptors = try Self.text(scene, "descriptors-gateway-0.txt")
        #expect(descriptors.contains("40  tcp:CLOSE_WAIT  +40"), "\(descriptors)")
        #expect(descriptors.contains("15  netlink  +15"))
        #expect(descriptors.contains("127.0.0.1:\(port) – 127.0.0.1:"))
        let sockets = try Self.text(scene, "sockets.txt")
        #expect(sockets.contains("40  CLOSE_WAIT"))
        #expect(sockets.contains("accept queue of 127.0.0.1:\(port): 4 of 3"), "\(sockets)")
        #expect(sockets.contains("4 connections that no process has accepted"))
        #expect(sockets.contains(" \(peer.pid)/"))

        #expect(scene.telling.map(\.weight) == scene.telling.map(\.weight).sorted(by: >))
        #expect(scene.telling.first?.text == "the unregister queue is full")
        let texts = scene.telling.map(\.text)
        #expect(texts.contains { $0.hasPrefix("gateway 0: +40 tcp:CLOSE_WAIT since the start (now 40; ") }, "\(texts)")
        #expect(texts.contains { $0.hasPrefix("gateway 0: +15 netlink since the start") })
        #expect(
            texts.contains { $0.hasPrefix("gateway 0: thread hub (tid ") && $0.hasSuffix("0 context switches") },
            "\(texts)")
        #expect(texts.contains("log of gateway 0: fatal error: all is lost"))
        #expect(texts.contains("port \(port): 4 connections wait to be accepted (limit 3)"))
        #expect(texts.contains("the scene is not whole: log of messages: no such file"))
    }

    @Test func aProbeThatHangsIsGivenUp() throws {
        let round = ProbeRound([HangingProbe()], folder: NSTemporaryDirectory())
        let (contributions, late) = round.wait(startedNs: monotonicNs() - 8_000_000_000) { false }
        #expect(late == ["HangingProbe"])
        #expect(contributions.isEmpty)
    }

    @Test func stoppingDoesNotWaitForProbes() async throws {
        let news = try WatchedNews(ServerWatch([], originNs: monotonicNs(), sceneProbes: [HangingProbe()]))
        let folder = Self.folder()
        defer { Self.remove(folder) }
        news.watch.captureScene(SceneRequest(folder: folder, title: "stop"))
        try await Patience.wait("the folder") { FileManager.default.fileExists(atPath: folder) }
        news.watch.stop()
        let scenes = news.watch.take().compactMap { if case .scene(let scene) = $0 { scene } else { nil } }
        #expect(scenes.first?.telling.map(\.text) == ["the scene is not whole: HangingProbe did not answer in time"])
    }

    @Test func aFolderThatCannotBeMade() async throws {
        let news = try WatchedNews(ServerWatch([], originNs: monotonicNs()))
        news.watch.captureScene(SceneRequest(folder: "/proc/self/nowhere", title: "x"))
        try await news.wait("the scene") { !$0.scenes.isEmpty }
        #expect(news.scenes.first?.files.isEmpty == true)
        #expect(news.scenes.first?.telling.first?.text.contains("cannot make /proc/self/nowhere") == true)
    }
}
