internal import ArgumentParser
internal import CLinux
internal import LoadEngine

/// One shard of a run; `gatecrash run` starts as many as it needs.
struct ShardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shard", abstract: "Plays a shard of a run (started by `gatecrash run`).", shouldDisplay: false)

    func run() throws {
        // Timers are due to the microsecond; the kernel's default lets each be 50 µs late.
        _ = clinux_set_timer_slack(1)
        try ShardProcess.run()
    }
}
