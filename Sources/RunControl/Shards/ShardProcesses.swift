internal import Foundation
internal import Glibc
internal import LoadEngine
internal import LoadMetrics

/// The shards of a run as child processes.
final class ShardProcesses {
    struct Member {
        let number: Int
        let process: ChildProcess
        var lines = LineReader()
        var isDone = false
        var saidLast = false
    }

    enum Event {
        case interval(Interval)
        /// It ended before it had said its last word.
        case died(shard: Int, pid: Int32, how: String)
        case garbled(shard: Int)
    }

    /// Both pipes, and the other ends of one while it is started.
    static let descriptorsEach = 4
    private static let endTimeoutMs: Int32 = 5_000
    private(set) var members: [Member] = []

    var isDone: Bool { members.allSatisfy(\.isDone) }
    var descriptors: [Int32] { members.filter { !$0.isDone }.map(\.process.output) }

    init(_ assignments: [ShardPlan], executable: String) throws {
        do {
            for assignment in assignments {
                let process = try ChildProcess(executable: executable, arguments: ["shard"])
                members.append(Member(number: assignment.shard, process: process))
                var line = Array(try JSONEncoder().encode(assignment))
                line.append(UInt8(ascii: "\n"))
                process.write(line)
            }
        } catch {
            kill()
            throw error
        }
    }

    /// Reads what all shards have written.
    func read() -> [Event] {
        var events: [Event] = []
        for index in members.indices where !members[index].isDone {
            switch members[index].lines.read(members[index].process.output) {
            case .lines(let lines):
                take(lines, from: index, into: &events)
            case .end(let lines):
                take(lines, from: index, into: &events)
                finish(index, into: &events)
            }
        }
        return events
    }

    private func take(_ lines: [[UInt8]], from index: Int, into events: inout [Event]) {
        for line in lines {
            guard let interval = try? JSONDecoder().decode(Interval.self, from: Data(line)),
                interval.shard == members[index].number
            else {
                events.append(.garbled(shard: members[index].number))
                continue
            }
            if interval.isLast { members[index].saidLast = true }
            events.append(.interval(interval))
        }
    }

    private func finish(_ index: Int, into events: inout [Event]) {
        let member = members[index]
        members[index].isDone = true
        member.process.closeOutput()
        member.process.closeInput()
        let end = member.process.reapOrKill(afterMilliseconds: Self.endTimeoutMs)
        guard end != .exited(0) || !member.saidLast else { return }
        let how = end.map { "\($0)" } ?? "unknown"
        events.append(.died(shard: member.number, pid: member.process.pid, how: how))
    }

    /// Has every shard finish its iterations, within the plan's grace.
    func drain() { command("drain\n") }

    /// Has every shard say where it stands and end.
    func stop() { command("stop\n") }

    /// Ends what is still there.
    func kill() {
        for member in members where !member.isDone { member.process.signal(SIGKILL) }
    }

    private func command(_ word: String) {
        for member in members where !member.isDone { member.process.write(Array(word.utf8)) }
    }
}
