import Foundation
import Testing

extension EndToEnd {
    /// Servers that are none of ours, watched from outside: by pid, by port, by metrics address, by pprof.
    @Suite struct WatchTests {
        private static let sick = Project.peer("sick_websockets_server.py")

        private func sick(_ options: [String]) throws -> Peer {
            try Peer(Project.python, ["-B", Self.sick] + options)
        }

        private static let chat = """
            name: chat
            accounts: { count: 50 }
            load: { duration: 30s, ramp: 1s, grace: 5s }
            steps:
              - connect
              - repeat: { times: 100, steps: [send: hello, receive, wait: { uniform: [50ms, 150ms] }] }
              - close
            thresholds: [ "messages.received > 0" ]
            """

        /// By pid, by port, and by the watch alone; side by side, since none of them keeps a processor busy.
        @Test func aStrangersLeakIsMeasured() throws {
            let peers = try ["pid", "port"].map { way in
                (way: way, peer: try sick(["--leak-every", "50", "--leak", "pipe"]))
            }
            let runs = try peers.map { way, peer in
                try GatecrashRun(
                    ["--target", peer.url, "--watch", "\(way):\(way == "pid" ? Int(peer.pid) : peer.port)", "--quiet"],
                    profile: Self.chat)
            }
            let watched = try sick(["--leak-every", "10"])
            let load = try GatecrashRun(["--target", watched.url, "--watch", "none", "--quiet"], profile: Self.chat)
            let scratch = Scratch()
            let watch = try RunningCommand(
                Project.gatecrash,
                ["watch", "--port", "\(watched.port)", "--duration", "33s", "--out", scratch.path + "/watch"])
            for run in runs {
                run.wait(seconds: 90)
                #expect(run.status == 6, "\(run.said)")
                #expect(run.report.evidence(ofFinding: "fd_leak", "kind") == "pipe", "\(run.said)")
                // Each pipe has two ends.
                let slope =
                    run.report.evidence(ofFinding: "fd_leak", "slope_per_1000_messages").flatMap(Double.init) ?? 0
                #expect(abs(slope - 40) <= 4, "\(run.said)")
            }
            #expect(watch.wait(seconds: 60) == 6, "\(watch.output)\(watch.errors)")
            #expect(watch.errors.contains("fd_leak") && watch.errors.contains("netlink"), "\(watch.errors)")
            #expect(watch.output.contains("watching port \(watched.port)"), "\(watch.output)")
            #expect(FileManager.default.fileExists(atPath: scratch.path + "/watch/evidence"))
            load.wait(seconds: 60)
            #expect(load.status == 0 && load.report.findings.isEmpty, "\(load.said)")
        }

        @Test(arguments: ["pid", "port"])
        func aStrangersFreezeIsNamed(by way: String) throws {
            let peer = try sick(["--freeze-after", "500"])
            let run = try GatecrashRun.finished(
                ["churn", "--duration", "10s", "--stall-after", "3s", "--grace", "1s", "--target", peer.url]
                    + ["--watch", way == "pid" ? "pid:\(peer.pid)" : "port:\(peer.port)", "--quiet"],
                seconds: 90)
            #expect(run.status == 6, "\(run.said)")
            #expect(
                run.report.evidence(ofFinding: "connection_freeze", "class") == "deadlock_suspected", "\(run.said)")
            #expect(run.report.sceneLines.contains { $0.contains("futex") }, "\(run.said)")
        }

        @Test func aPausedServerIsNoDeadlock() throws {
            let peer = try sick([])
            let run = try GatecrashRun(
                ["churn", "--duration", "14s", "--stall-after", "3s", "--target", peer.url, "--quiet"])
            usleep(3_000_000)
            peer.signal(SIGSTOP)
            usleep(5_000_000)
            peer.signal(SIGCONT)
            run.wait(seconds: 60)
            let classes = run.report.evidence(ofFinding: "connection_freeze", "class")
            #expect(classes == nil || classes == "paused", "\(run.said)")
        }

        @Test func theSceneAlone() throws {
            let peer = try sick([])
            let scratch = Scratch()
            let watch = try RunningCommand(
                Project.gatecrash, ["watch", "--pid", "\(peer.pid)", "--scene", "--out", scratch.path + "/scene"])
            #expect(watch.wait(seconds: 30) == 0, "\(watch.output)\(watch.errors)")
            let files = try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/scene/evidence")
            #expect(files.contains { $0.hasPrefix("threads-") } && files.contains { $0.hasPrefix("descriptors-") })
        }

        @Test func whatCannotBeWatchedIsSaid() throws {
            let none = try RunningCommand(Project.gatecrash, ["watch"])
            #expect(none.wait(seconds: 20) == 64)
            let gone = try RunningCommand(Project.gatecrash, ["watch", "--pid", "4194304", "--duration", "2s"])
            _ = gone.wait(seconds: 20)
            #expect(gone.errors.contains("4194304"), "\(gone.errors)\(gone.output)")
        }

        /// A Go server that deadlocks on its own channels, with nothing but pprof to tell.
        @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/go"), "needs Debian's golang-go"))
        func aGoServersDeadlockIsNamedByItsGoroutines() throws {
            let server = try GoServer()
            let run = try GatecrashRun.finished(
                ["kick-storm", "--duration", "10s", "--stall-after", "3s", "--grace", "1s", "--quiet"]
                    + ["--target", "ws://\(server.address)/?account={account}", "--pprof", server.pprof],
                seconds: 90)
            #expect(run.status == 6, "\(run.said)")
            #expect(
                run.report.evidence(ofFinding: "connection_freeze", "class") == "deadlock_suspected", "\(run.said)")
            let lines = run.report.sceneLines
            #expect(lines.contains { $0.contains("alone: chan send") && $0.contains("kick") }, "\(lines)")
            #expect(lines.contains { $0.contains("goroutines: chan send") }, "\(lines)")
            for file in ["goroutines.txt", "heap.pb.gz", "cpu.pb.gz"] {
                #expect(FileManager.default.fileExists(atPath: run.folder + "/evidence/" + file), "\(file)")
            }
        }
    }
}

/// The Go peer, built once.
final class GoServer {
    private let command: RunningCommand
    let address: String
    let pprof: String

    init(_ options: [String] = []) throws {
        let folder = Project.root.appending(path: ".build/tools/peers").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let binary = folder + "/deadlocked_go_server"
        let build = try RunningCommand(
            "/usr/bin/env",
            ["GO111MODULE=off", "GOFLAGS=", "GOCACHE=\(folder)/go-cache", "go", "build", "-o", binary, "."],
            folder: Project.peer("deadlocked_go_server"))
        guard build.wait(seconds: 180) == 0 else { throw Peer.NotStarted(description: build.errors) }
        command = try RunningCommand(binary, options, keepsInputOpen: true)
        command.wait(seconds: 20, until: { $0.output.contains("\n") })
        let ready = ReportDocument(text: command.output)
        address = ready.value("address") as? String ?? ""
        pprof = ready.value("pprof") as? String ?? ""
    }
}
