internal import ArgumentParser
internal import LoadEngine

/// One shard of a run; `gatecrash run` starts as many as it needs.
struct ShardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shard", abstract: "Plays a shard of a run (started by `gatecrash run`).", shouldDisplay: false)

    func run() throws {
        try ShardProcess.run()
    }
}
