internal import LoadMetrics

/// Takes one scene.
struct SceneCapture {
    private let request: SceneRequest
    private let records: [SourceRecord]
    private let startNs: Int64
    private let originNs: Int64
    private var folder: SceneFolder
    private var telling: [TellingLine] = []
    private var owners: [UInt32: SocketScene.Owner] = [:]
    private var sockets: [TCPSocket] = []
    private var problems: [String] = []

    init(_ request: SceneRequest, records: [SourceRecord], originNs: Int64) {
        self.request = request
        self.records = records
        self.originNs = originNs
        startNs = MonotonicClock.nowNs
        folder = SceneFolder(request.folder)
    }

    mutating func run(probes: [any SceneProbe], state: WatchState) -> Scene {
        let round = ProbeRound(probes, folder: request.folder)
        // Threads first: they move on, descriptors and sockets stay.
        for record in records { captureThreads(record) }
        captureDescriptors()
        captureSockets()
        for log in request.logs { captureLog(log) }
        let (contributions, late) = round.wait(startedNs: startNs) { state.mustStop }
        for name in late { problems.append("\(name) did not answer in time") }
        problems += folder.problems
        telling += problems.map { TellingLine(weight: 10, text: "the scene is not whole: \($0)") }
        var scene = Scene(folder: request.folder, title: request.title, files: folder.files)
        for contribution in contributions {
            scene.files += contribution.files
            telling += contribution.telling
        }
        scene.telling = telling.enumerated()
            .sorted { ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset) }.map(\.element)
        return scene
    }

    private func heading(_ subject: String) -> String {
        let tenths = (startNs - originNs) / 100_000_000
        return "\(request.title)\n\(subject), at second \(tenths / 10).\(abs(tenths % 10)) of the run\n\n"
    }

    private func subject(_ record: SourceRecord) -> String {
        "\(record.source.name) (pid \(record.pid))" + (record.source.command.map { ": \($0)" } ?? "")
    }

    private mutating func captureThreads(_ record: SourceRecord) {
        let name = record.source.name
        do {
            let scene = try ThreadScene.read(
                ProcFolder(process: record.pid), pid: record.pid, known: record.threads, atNs: MonotonicClock.nowNs)
            folder.write(
                heading(subject(record)) + scene.text, stem: "threads", subject: name,
                what: "threads of \(name): state, wait channel, system call, kernel stack")
            telling += scene.telling(name: name)
        } catch {
            problems.append("threads of \(name): \(error)")
        }
    }

    /// The links of all processes come before the first table: see DescriptorCensus.
    private mutating func captureDescriptors() {
        let links = records.map { record in
            Result { () throws(ProcError) in
                try DescriptorLinks(
                    ProcFolder("/proc/\(record.pid)/fd"), examplesOfEachKind: DescriptorScene.examplesOfEachKind)
            }
        }
        var tables: [String: SocketTable] = [:]
        for (record, links) in zip(records, links) {
            do {
                let process = try ProcFolder(process: record.pid)
                let namespace = (try? process.link("ns/net")) ?? ""
                let table = try tables[namespace] ?? SocketTable.read(of: process, states: SocketDiagnostics.allStates)
                if tables[namespace] == nil { sockets += table.sockets }
                tables[namespace] = table
                try captureDescriptors(of: record, process, links.get(), table)
            } catch {
                problems.append("descriptors of \(record.source.name): \(error)")
            }
        }
    }

    private mutating func captureDescriptors(
        of record: SourceRecord, _ process: borrowing ProcFolder, _ links: DescriptorLinks, _ table: SocketTable
    ) throws(ProcError) {
        let name = record.source.name
        let census = DescriptorCensus(
            links, table: table, memory: record.memory, process: process,
            descriptors: try ProcFolder("fd", in: process),
            examplesOfEachKind: DescriptorScene.examplesOfEachKind)
        for owned in census.connections {
            owners[owned.socket.inode] = SocketScene.Owner(pid: record.pid, descriptor: owned.descriptor)
        }
        let limit = (try? process.read("limits")).flatMap { ProcessLimits($0)?.openFiles }
        let scene = DescriptorScene(
            census, first: record.firstCounts, sinceS: record.firstCountsNs.map { Double(startNs - $0) / 1e9 },
            limit: limit, port: record.source.port)
        folder.write(
            heading(subject(record)) + scene.text, stem: "descriptors", subject: name,
            what: "descriptors of \(name) by kind, those that have grown first")
        telling += scene.telling(name: name)
    }

    private mutating func captureSockets() {
        let ports = Set(records.compactMap(\.source.port))
        guard !ports.isEmpty, !sockets.isEmpty else { return }
        let scene = SocketScene(sockets, ports: ports, owners: owners)
        folder.write(
            heading("TCP sockets on the watched ports") + scene.text, stem: "sockets",
            what: "TCP sockets on the watched ports: states, queues, owners")
        telling += scene.telling
    }

    private mutating func captureLog(_ log: SceneRequest.Log) {
        switch LogScene.read(log.path) {
        case .success(let scene):
            folder.write(
                heading("Log of \(log.name)") + scene.text, stem: "log", subject: log.name,
                what: "the last \(scene.lines.count) lines of the log of \(log.name)")
            telling += scene.telling(name: log.name)
        case .failure(let error):
            problems.append("log of \(log.name): \(error == .gone ? "no such file" : "\(error)")")
        }
    }
}
