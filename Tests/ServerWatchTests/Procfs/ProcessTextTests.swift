import Testing

@testable import ServerWatch

/// Recorded text of /proc, and text that no kernel writes.
@Suite struct ProcessTextTests {
    private static let stat =
        "14877 (cat) R 14863 14863 11962 0 -1 4194304 99 0 0 0 12 34 0 0 20 0 5 0 1251121 3133440 390 "
        + "18446744073709551615 94445030129664 94445030149545 140726253396480 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 "
        + "94445030165552 94445030167168 94445456846848 140726253398539 140726253398559 140726253398559 140726253400043 256\n"

    private static let status = """
        Name:\treader 812
        Umask:\t0022
        State:\tS (sleeping)
        Tgid:\t14876
        VmHWM:\t    1736 kB
        VmRSS:\t    1635 kB
        Threads:\t1
        voluntary_ctxt_switches:\t150
        nonvoluntary_ctxt_switches:\t545
        """

    private static let limits = """
        Limit                     Soft Limit           Hard Limit           Units
        Max cpu time              unlimited            unlimited            seconds
        Max open files            1024                 20000                files
        """

    @Test func stat() throws {
        let stat = try #require(ProcessStat(Array(Self.stat.utf8)))
        #expect(stat.name == "cat")
        #expect(stat.state == "R")
        #expect(stat.parent == 14863)
        #expect(stat.userTicks == 12)
        #expect(stat.systemTicks == 34)
        #expect(stat.threads == 5)
        #expect(stat.startTicks == 1_251_121)
        #expect(stat.residentPages == 390)
        #expect(stat.exitStatus == 256)
    }

    @Test(arguments: ["a) S 1 (b", ")", "", "((((", "tab\tnew\nline", "\u{1F600}"])
    func aNameMayHoldAnything(name: String) throws {
        let text = Self.stat.replacing("(cat)", with: "(\(name))")
        let stat = try #require(ProcessStat(Array(text.utf8)))
        #expect(stat.name == name)
        #expect(stat.residentPages == 390)
    }

    @Test func taskStatus() throws {
        let status = try #require(TaskStatus(Array(Self.status.utf8)))
        #expect(status.name == "reader 812")
        #expect(status.state == "S")
        #expect(status.residentKiB == 1635)
        #expect(status.voluntarySwitches == 150)
        #expect(status.involuntarySwitches == 545)
        #expect(TaskStatus(Array("Name:\tx\n".utf8)) == nil)
    }

    @Test func limits() throws {
        #expect(ProcessLimits(Array(Self.limits.utf8))?.openFiles == 1024)
        let unlimited = Self.limits.replacing("1024 ", with: "unlimited")
        #expect(ProcessLimits(Array(unlimited.utf8)) != nil)
        #expect(ProcessLimits(Array(unlimited.utf8))?.openFiles == nil)
        #expect(ProcessLimits(Array("Max open files            soon".utf8)) == nil)
    }

    @Test func commandLine() {
        #expect(CommandLine.text(Array("/usr/bin/server\0--port\08080\0".utf8)) == "/usr/bin/server --port 8080")
        #expect(CommandLine.text([]) == nil)
        #expect(CommandLine.text(Array("a\u{1B}[31m\nb".utf8)) == "a [31m b")
        let long = CommandLine.text(Array(repeating: 0x78, count: 5000)) ?? ""
        #expect(long.count == CommandLine.readableLength + 1)
    }

    @Test func systemCall() {
        let text = "232 0x4 0x7f5b5c0 0x80 0xffffffffffffffff 0x0 0x0 0x7ffe3e9c 0x7f5b61\n"
        let call = ThreadWait.call(Array(text.utf8))
        #expect(call == .call(number: 232, arguments: [4, 0x7f5_b5c0, 0x80, .max, 0, 0]))
        #expect(ThreadWait.call(Array("running\n".utf8)) == .running)
        #expect(ThreadWait.call(Array("-1 0x7ffe 0x7f5b\n".utf8)) == .outside)
        for text in ["", "232", "232 0x1 0x2", "x", "99999999999999999999999 0x1"] {
            #expect(ThreadWait.call(Array(text.utf8)) == .unreadable)
        }
    }

    @Test func waitChannelAndStack() {
        #expect(ThreadWait.channel(Array("futex_wait_queue".utf8)) == "futex_wait_queue")
        #expect(ThreadWait.channel(Array("0".utf8)) == nil)
        let stack = "[<0>] futex_wait_queue+0x66/0x90\n[<0>] do_futex+0x105/0x260\nnonsense\n"
        #expect(ThreadWait.stack(Array(stack.utf8)) == ["futex_wait_queue", "do_futex"])
    }

    /// Every prefix of real text, and real text with bytes changed.
    @Test func brokenTextNeverTraps() {
        var random = SeededRandom()
        for text in [Self.stat, Self.status, Self.limits] {
            let bytes = Array(text.utf8)
            for count in 0...bytes.count { readAll(Array(bytes[..<count])) }
            for _ in 0..<100 {
                var changed = bytes
                for _ in 0..<Int.random(in: 1...8, using: &random) {
                    changed[Int.random(in: changed.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                readAll(changed)
            }
        }
        for _ in 0..<100 { readAll(random.bytes(Int.random(in: 0...400, using: &random))) }
    }

    private func readAll(_ bytes: [UInt8]) {
        _ = ProcessStat(bytes)
        _ = TaskStatus(bytes)
        _ = ProcessLimits(bytes)
        _ = CommandLine.text(bytes)
        _ = ThreadWait.call(bytes)
        _ = ThreadWait.channel(bytes)
        _ = ThreadWait.stack(bytes)
        _ = TCPSocketText.parse(bytes, isIPv6: false)
        _ = TCPSocketText.parse(bytes, isIPv6: true)
        _ = SocketFiles.inodes(bytes, word: 9)
        _ = DescriptorLink.parse(bytes.span)
        _ = LogScene(bytes)
    }
}
