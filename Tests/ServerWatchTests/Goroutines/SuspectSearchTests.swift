import Testing

@testable import ServerWatch

/// Dumps made up for one pattern each.
@Suite struct SuspectSearchTests {
    private static let handler = "net/http.(*conn).serve(0xc000aaa000)\n\t/go/src/net/http/server.go:1995\n"
    private static let byServer = "created by net/http.(*Server).Serve\n\t/go/src/net/http/server.go:3089\n\n"
    private static let byMain = "created by main.main\n\t/src/main.go:9\n\n"

    /// Goroutines 100…: handlers that wait for a place in a channel of the hub.
    private static func handlers(_ count: Int, hub: String = "0xc000111000") -> String {
        (0..<count).map {
            "goroutine \(100 + $0) [chan send, 3 minutes]:\nmain.(*hub).join(\(hub), 0xc00022\($0)000)\n\t/src/hub.go:50\n"
                + handler + byServer
        }.joined()
    }

    /// Goroutines 200…: readers that hold their session's lock and wait for a place in the leave channel.
    private static func readers(_ count: Int) -> String {
        (0..<count).map {
            "goroutine \(200 + $0) [chan send]:\nmain.(*session).leave(...)\n\t/src/session.go:80\n"
                + "main.(*session).close(0xc00033\($0)000)\n\t/src/session.go:70\nmain.(*session).read(0xc00033\($0)000)\n"
                + "\t/src/session.go:30\ncreated by main.(*hub).join\n\t/src/hub.go:51\n\n"
        }.joined()
    }

    private func report(_ text: String) -> GoroutineReport {
        GoroutineReport(of: GoroutineDump(parsing: Array(text.utf8)), source: "test")
    }

    private func suspects(_ report: GoroutineReport) -> [UInt64] {
        report.suspects.map { report.groups.dump.goroutines[$0.goroutine].id }
    }

    @Test func aLoopThatWaitsForALockWhoseHolderWaitsForTheLoop() throws {
        let hub =
            "goroutine 6 [semacquire]:\nsync.runtime_SemacquireMutex(0x0?, 0x0?, 0x0?)\n\t/go/src/runtime/sema.go:77\n"
            + "sync.(*Mutex).lockSlow(0xc000331008)\n\t/go/src/sync/mutex.go:171\nsync.(*Mutex).Lock(...)\n"
            + "\t/go/src/sync/mutex.go:90\nmain.(*session).close(0xc000331000?)\n\t/src/session.go:66\n"
            + "main.(*hub).kick(...)\n\t/src/hub.go:33\nmain.(*hub).run(0xc000111000)\n\t/src/hub.go:20\n" + Self.byMain
        let report = report(Self.readers(9) + hub)
        let suspect = try #require(report.suspects.first)
        #expect(suspects(report) == [6] && suspect.confidence == .likely)
        #expect(
            report.tellingLines.first?.text
                == "goroutine 6, alone: semacquire ← close ← kick ← run: it waits for a lock that goroutine 201 seems "
                + "to hold, which itself waits in chan send ← leave ← close ← read")
        #expect(suspect.why.contains { $0.contains("past the line") && $0.contains("0xc000331000") })
    }

    @Test func aLoopThatWaitsForTheNetworkKeepsItsSendersWaiting() {
        let hub =
            "goroutine 6 [IO wait, 3 minutes]:\ninternal/poll.runtime_pollWait(0x7f00, 0x77)\n\t/go/src/netpoll.go:345\n"
            + "net.(*conn).Write(0xc000444000)\n\t/go/src/net/net.go:195\nmain.(*session).write(0xc000221000)\n"
            + "\t/src/session.go:99\nmain.(*hub).broadcast(0xc000111000)\n\t/src/hub.go:90\n"
            + "main.(*hub).run(0xc000111000)\n\t/src/hub.go:20\n" + Self.byMain
        let report = report(hub + Self.handlers(8))
        #expect(suspects(report) == [6] && report.suspects.first?.confidence == .possible)
        #expect(report.suspects.first?.effect.hasSuffix("by all signs, and waits for the network") == true)
        #expect(report.tellingLines.contains { $0.text == "8 goroutines: chan send ← join (for up to 3 minutes)" })
    }

    @Test(arguments: ["chan receive", "select", "running", "runnable"])
    func aLoopThatRestsOrWorksIsNoSuspect(state: String) {
        let hub = "goroutine 6 [\(state)]:\nmain.(*hub).run(0xc000111000)\n\t/src/hub.go:20\n" + Self.byMain
        #expect(suspects(report(hub + Self.handlers(8))).isEmpty)
    }

    @Test func oneOfManyWorkersIsNoSuspect() {
        let workers = (0..<6).map { worker in
            let depth = String(repeating: "main.(*hub).visit(0xc000111000)\n\t/src/hub.go:77\n", count: worker)
            return
                "goroutine \(10 + worker) [chan send]:\nmain.(*hub).join(0xc000111000, 0x1)\n\t/src/hub.go:50\n\(depth)"
                + "main.(*hub).work(0xc000111000)\n\t/src/hub.go:60\n" + Self.byMain
        }.joined()
        #expect(suspects(report(workers + Self.handlers(8))).isEmpty)
    }

    @Test func ofSeveralHubsTheOneWhoseCrowdWaitsIsTheSuspect() {
        func hub(_ id: Int, _ state: String, _ object: String, _ inner: String) -> String {
            "goroutine \(id) [\(state)]:\n\(inner)main.(*hub).run(\(object))\n\t/src/hub.go:20\n" + Self.byMain
        }
        let stuck =
            "main.(*hub).join(0xc000111000, 0x1)\n\t/src/hub.go:50\nmain.(*hub).kick(0xc000111000)\n\t/src/hub.go:33\n"
        let report = report(
            hub(5, "select", "0xc000999000", "") + hub(6, "chan send", "0xc000111000", stuck)
                + hub(7, "select", "0xc000888000", "") + Self.handlers(8))
        #expect(suspects(report) == [6])
    }

    @Test func theHolderOfALockIsPastTheLineWhereTheOthersWait() throws {
        let waiters = (0..<5).map {
            "goroutine \(30 + $0) [sync.Mutex.Lock]:\ninternal/sync.(*Mutex).lockSlow(0x6f2a40)\n\t/go/src/mutex.go:149\n"
                + "sync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:46\nmain.count(...)\n\t/src/count.go:10\n"
                + Self.handler + Self.byServer
        }.joined()
        let holder =
            "goroutine 77 [IO wait]:\nnet.(*conn).Read(0xc000444000)\n\t/go/src/net/net.go:179\nmain.count(...)\n"
            + "\t/src/count.go:15\n" + Self.handler + Self.byServer
        let bystander = "goroutine 78 [IO wait]:\nmain.count(...)\n\t/src/count.go:4\n" + Self.handler + Self.byServer
        let report = report(waiters + bystander + holder)
        #expect(suspects(report) == [77])
        #expect(
            report.suspects.first?.effect
                == "it seems to hold the lock that 5 goroutines wait for, and waits for the network")
        #expect(report.tellingLines.contains { $0.weight == 95 && $0.text == "5 goroutines: sync.Mutex.Lock ← count" })
    }
}
