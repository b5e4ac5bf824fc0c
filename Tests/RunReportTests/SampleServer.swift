import LoadMetrics
import RunReport

/// A gateway that was watched, its metrics, and a scene; the same every time.
enum SampleServer {
    static let gateway = WatchedSource(
        number: 0, kind: .process, role: .gateway, name: "gateway", pid: 4711, command: "gatecrash gateway --child",
        descriptorLimit: 1024, port: 9001)
    static let metrics = WatchedSource(number: 1000, kind: .url, role: .gateway, name: "gateway metrics")

    /// Ten descriptors at first, one netlink socket more each second; a quarter of a core.
    static func sample(_ second: Int, pid: Int32 = 4711) -> ServerSample {
        var sample = ServerSample(source: 0, atS: Double(second))
        sample.pid = pid
        sample.descriptors = 10 + second
        sample.descriptorsByKind = ["eventpoll": 2, "tcp:ESTABLISHED": 8].merging(
            second > 0 ? ["netlink": second] : [:]
        ) { $1 }
        sample.descriptorLimit = 1024
        sample.connections = ["ESTABLISHED": 8, "CLOSE_WAIT": 1]
        sample.acceptQueue = 3
        sample.userCPUSeconds = Double(second) * 0.2
        sample.systemCPUSeconds = Double(second) * 0.05
        sample.residentKiB = 20_480
        sample.threads = 5
        sample.voluntarySwitches = second * 100
        sample.involuntarySwitches = second * 10
        return sample
    }

    static func scraped(_ second: Int) -> ServerSample {
        var sample = ServerSample(source: 1000, atS: Double(second))
        sample.accountsOnline = 100 - second
        sample.goroutines = 40
        sample.series = ["queue_depth": Double(second) * 1.5]
        return sample
    }

    static let scene = Report.Scene(
        atS: 3.25, finding: "connection_freeze",
        lines: [
            Report.Scene.Line(weight: 60, text: "gateway: +812 tcp:CLOSE_WAIT since the start"),
            Report.Scene.Line(weight: 110, text: "the unregister queue is full, and the hub thread waits for it"),
        ],
        files: [Report.Evidence(file: "evidence/threads-gateway.txt", what: "threads of gateway by what they wait for")]
    )

    static var records: [JournalRecord] {
        [.source(gateway), .source(metrics)]
            + (0...5).flatMap { [.sample(sample($0)), .sample(scraped($0))] as [JournalRecord] }
            + [
                .event(ServerEvent(source: 0, kind: .unreadable, atS: 1, detail: "no permission")), .scene(scene),
            ]
    }

    /// Five good seconds of load on it.
    static func report() throws -> Report {
        var builder = ReportBuilder(header: SampleRun.header())
        for record in records {
            switch record {
            case .source(let source): builder.add(source)
            case .sample(let sample): builder.add(sample)
            case .event(let event): builder.add(event)
            case .scene(let scene): builder.add(scene)
            default: break
            }
        }
        for second in 0..<5 { try builder.add(SampleRun.good(second, isLast: second == 4)) }
        return builder.finish(RunEnd(wallS: 5.25))
    }
}
