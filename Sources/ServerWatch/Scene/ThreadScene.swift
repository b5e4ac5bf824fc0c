/// All threads of a process and where they are, equal ones together.
struct ThreadScene {
    struct Thread: Equatable {
        var id: Int32
        var name: String
        var state: Character
        var wait: ThreadWait
        var switches: UInt64
        /// For how long its context switches have not risen, as far as samples tell; nil when they have.
        var stillS: Double?
    }

    struct Group: Equatable {
        var threads: [Thread]

        var first: Thread { threads[0] }
    }

    static let mostThreads = 4096
    private static let patienceNs: Int64 = 800_000_000
    /// Calls in which threads wait for work when nothing is wrong.
    private static let idleCalls: Set<String> = [
        "epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll", "select", "pselect6", "accept", "accept4",
        "nanosleep",
        "clock_nanosleep", "pause", "rt_sigtimedwait", "rt_sigsuspend", "wait4", "waitid", "io_uring_enter", "read",
        "recvfrom", "recvmsg", "restart_syscall",
    ]

    let pid: Int32
    let threads: [Thread]
    /// Biggest first.
    let groups: [Group]
    let isCut: Bool

    /// - Parameters:
    ///   - known: the threads as of the last sample.
    ///   - Throws: `gone` when the process has ended.
    static func read(
        _ process: borrowing ProcFolder, pid: Int32, known: ThreadTable, atNs: Int64
    ) throws(ProcError) -> ThreadScene {
        let tasks = try ProcFolder("task", in: process)
        let ids = try tasks.numbers(limit: mostThreads + 1)
        var threads: [Thread] = []
        var isCut = ids.count > mostThreads
        for id in ids.prefix(mostThreads) {
            if MonotonicClock.nowNs - atNs > patienceNs {
                isCut = true
                break
            }
            guard let folder = try? ProcFolder("\(id)", in: tasks),
                let status = (try? folder.read("status")).flatMap({ TaskStatus($0) })
            else { continue }
            let switches = status.voluntarySwitches &+ status.involuntarySwitches
            var stillS: Double?
            if let entry = known.entries[id], entry.switches == switches {
                stillS = Double(atNs - entry.unchangedSinceNs) / 1e9
            }
            threads.append(
                Thread(
                    id: id, name: PrintableText.of(status.name, atMost: 32), state: status.state,
                    wait: ThreadWait(folder),
                    switches: switches, stillS: stillS))
        }
        return ThreadScene(pid: pid, threads: threads, isCut: isCut)
    }

    init(pid: Int32, threads: [Thread], isCut: Bool = false) {
        self.pid = pid
        self.threads = threads
        self.isCut = isCut
        groups = Dictionary(grouping: threads) { Key($0) }.values
            .map { Group(threads: $0.sorted { $0.id < $1.id }) }
            .sorted { ($1.threads.count, $0.first.id) < ($0.threads.count, $1.first.id) }
    }

    /// Threads of a pool differ in the number at the end of their names.
    private struct Key: Hashable {
        var name: Substring
        var state: Character
        var channel: String?
        var call: String?
        var stack: [String]

        init(_ thread: Thread) {
            name = thread.name[...]
            while name.count > 1, name.last?.isNumber == true { name.removeLast() }
            state = thread.state
            channel = thread.wait.channel
            call = thread.wait.callName
            stack = thread.wait.stack
        }
    }

    var text: String {
        var text =
            "\(threads.count) threads\(isCut ? ", the first ones: the rest was not read" : ""), equal ones together.\n"
        if !threads.isEmpty, threads.allSatisfy({ $0.wait.call == .unreadable }) {
            text +=
                "System calls and kernel stacks are not ours to read: they need root, or CAP_SYS_PTRACE and CAP_SYS_ADMIN.\n"
        }
        for group in groups { text += "\n" + Self.text(group) }
        return text
    }

    private static func text(_ group: Group) -> String {
        let first = group.first
        let count = group.threads.count
        let place = [first.wait.channel, first.wait.callName].compactMap(\.self).joined(separator: ", ")
        var text = "\(count) \(count == 1 ? "thread" : "threads") `\(first.name)` \(first.state) \(place)\n"
        if !first.wait.stack.isEmpty { text += "  kernel stack: \(first.wait.stack.joined(separator: " ← "))\n" }
        for thread in group.threads.prefix(20) {
            let still = thread.stillS.map { ", none for at least \(Self.seconds($0))" } ?? ""
            text +=
                "  \(thread.id) \(thread.name): \(thread.wait.callText); \(thread.switches) context switches\(still)\n"
        }
        if count > 20 { text += "  … and \(count - 20) more\n" }
        return text
    }

    func telling(name: String) -> [TellingLine] {
        guard !threads.isEmpty else { return [] }
        if threads.allSatisfy({ $0.state == "T" || $0.state == "t" }) {
            return [
                TellingLine(
                    weight: 60,
                    text: "\(name): the process is stopped (SIGSTOP, or a debugger), all \(threads.count) threads")
            ]
        }
        let running = threads.filter { $0.state == "R" }
        var lines: [TellingLine] = []
        for group in groups {
            let thread = group.first
            let isLone = group.threads.count == 1 && thread.id != pid
            let isIdle = Self.isIdle(thread.wait)
            let who =
                group.threads.count == 1
                ? "thread \(thread.name) (tid \(thread.id))" : "\(group.threads.count) threads \(thread.name)"
            let verb = group.threads.count == 1 ? "s" : ""
            let channel = thread.wait.channel ?? thread.wait.callName ?? "the kernel"
            if thread.state == "D" {
                lines.append(
                    TellingLine(
                        weight: isLone ? 40 : 10, text: "\(name): \(who) wait\(verb) for a device in \(channel)"))
            } else if thread.state == "S", !isIdle {
                let still = group.threads.compactMap(\.stillS).min() ?? 0
                guard still >= 1, group.threads.allSatisfy({ $0.stillS != nil }) else { continue }
                lines.append(
                    TellingLine(
                        weight: isLone && running.isEmpty ? 40 : 10,
                        text:
                            "\(name): \(who) sleep\(verb) in \(channel) since at least \(Self.seconds(still)), 0 context switches"
                    ))
            }
        }
        if !running.isEmpty {
            let names = running.prefix(5).map { "\($0.name) (tid \($0.id))" }.joined(separator: ", ")
            lines.append(
                TellingLine(weight: 10, text: "\(name): \(running.count) of \(threads.count) threads run: \(names)"))
        }
        return lines
    }

    /// Where the system call is not ours to know, only a lock's wait channel speaks for itself.
    private static func isIdle(_ wait: ThreadWait) -> Bool {
        wait.callName.map { idleCalls.contains($0) } ?? !(wait.channel?.hasPrefix("futex") ?? false)
    }

    private static func seconds(_ seconds: Double) -> String {
        let tenths = Int(max(0, seconds) * 10)
        return tenths < 100 ? "\(tenths / 10).\(tenths % 10) s" : "\(tenths / 10) s"
    }
}
