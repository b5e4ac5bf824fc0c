import Testing

@testable import ServerWatch

@Suite struct ThreadSceneTests {
    /// epoll_wait and futex on this machine.
    private static let calls = Dictionary(
        uniqueKeysWithValues: (0..<500).compactMap { number in
            SystemCallName.name(number, on: .current).map { ($0, number) }
        })

    private static func thread(
        _ id: Int32, _ name: String, _ state: Character = "S", channel: String? = "futex_wait_queue",
        call: String = "futex",
        stillS: Double? = 4.25
    ) throws -> ThreadScene.Thread {
        let number = try #require(calls[call] ?? calls["epoll_pwait"])
        let wait = ThreadWait(
            channel: channel, call: .call(number: UInt64(number), arguments: [5, 1, 2, 3, 4, 0]), stack: [])
        return ThreadScene.Thread(id: id, name: name, state: state, wait: wait, switches: 7, stillS: stillS)
    }

    @Test func equalThreadsAreOneGroup() throws {
        var threads = try (0..<61).map { try Self.thread(Int32(100 + $0), "reader-\($0)") }
        threads.append(try Self.thread(1, "server", channel: "ep_poll", call: "epoll_pwait"))
        threads.append(try Self.thread(2, "hub"))
        let scene = ThreadScene(pid: 1, threads: threads)
        #expect(scene.groups.map(\.threads.count) == [61, 1, 1])
        #expect(scene.text.contains("61 threads `reader-0` S futex_wait_queue, futex"))
        #expect(scene.text.contains("… and 41 more"))
        #expect(scene.text.contains("epoll_pwait(5, 0x1, 0x2"))
    }

    @Test func aLoneThreadThatWaitsIsTold() throws {
        let scene = ThreadScene(
            pid: 1,
            threads: [
                try Self.thread(1, "server", channel: "ep_poll", call: "epoll_pwait"), try Self.thread(4711, "hub"),
                try Self.thread(5, "loop-0", channel: "ep_poll", call: "epoll_pwait"),
                try Self.thread(6, "busy", stillS: nil),
            ])
        #expect(
            scene.telling(name: "gateway 0") == [
                TellingLine(
                    weight: 40,
                    text:
                        "gateway 0: thread hub (tid 4711) sleeps in futex_wait_queue since at least 4.2 s, 0 context switches"
                )
            ])
    }

    @Test func beforeABusyServerItMeansLess() throws {
        let scene = ThreadScene(
            pid: 1, threads: [try Self.thread(2, "hub"), try Self.thread(3, "worker", "R", channel: nil, stillS: nil)])
        #expect(scene.telling(name: "x").map(\.weight) == [10, 10])
    }

    @Test func withoutTheSystemCallTheWaitChannelTells() {
        func scene(_ channel: String) -> ThreadScene {
            let wait = ThreadWait(channel: channel, call: .unreadable, stack: [])
            return ThreadScene(
                pid: 1, threads: [.init(id: 2, name: "hub", state: "S", wait: wait, switches: 1, stillS: 5)])
        }
        #expect(scene("futex_wait_queue").telling(name: "x").map(\.weight) == [40])
        #expect(scene("ep_poll").telling(name: "x").isEmpty)
        #expect(scene("ep_poll").text.contains("not ours to read"))
    }

    @Test func aStoppedProcess() throws {
        let scene = ThreadScene(pid: 1, threads: [try Self.thread(1, "a", "T"), try Self.thread(2, "b", "T")])
        #expect(scene.telling(name: "x").map(\.weight) == [60])
        #expect(scene.telling(name: "x").first?.text.contains("stopped") == true)
        #expect(ThreadScene(pid: 1, threads: []).telling(name: "x").isEmpty)
    }
}
