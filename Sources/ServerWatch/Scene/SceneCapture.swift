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
    /// Network namespaces whose sockets are among them.
    private var namespaces: Set<String> = []
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
        for record in records { captureDescriptors(record) }
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

    private mutating func captureDescriptors(_ record: SourceRecord) {
        let source = record.source
        do {
            let process = try ProcFolder(process: record.pid)
            // Before the table: see DescriptorCensus.
            let links = Result { () throws(ProcError) in
                try DescriptorLinks(
                    ProcFolder("fd", in: process), examplesOfEachKind: DescriptorScene.examplesOfEachKind)
            }
            let table = try SocketTable.read(of: process, states: SocketDiagnostics.allStates)
            if source.port != nil, namespaces.insert((try? process.link("ns/net")) ?? "").inserted {
                sockets += table.sockets
            }
            let descriptors = try ProcFolder("fd", in: process)
            let census = try DescriptorCensus(
                links.get(), table: table, memory: record.memory, process: process, descriptors: descriptors,
                examplesOfEachKind: DescriptorScene.examplesOfEachKind)
            for owned in census.connections {
                owners[owned.socket.inode] = SocketScene.Owner(pid: record.pid, descriptor: owned.descriptor)
            }
            let limit = (try? process.read("limits")).flatMap { ProcessLimits($0)?.openFiles }
            let scene = DescriptorScene(
                census, first: record.firstCounts, sinceS: record.firstCountsNs.map { Double(startNs - $0) / 1e9 },
                limit: limit, port: source.port)
            folder.write(
                heading(subject(record)) + scene.text, stem: "descriptors", subject: source.name,
                what: "descriptors of \(source.name) by kind, those that have grown first")
            telling += scene.telling(name: source.name)
        } catch {
            problems.append("descriptors of \(source.name): \(error)")
        }
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
