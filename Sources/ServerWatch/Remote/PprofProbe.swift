/// Keeps what a Go server says of itself through net/http/pprof: all goroutines, grouped, with those that look like the
/// cause of a stop; its heap; five seconds of its CPU.
package struct PprofProbe: SceneProbe {
    static let profileSeconds = 5
    /// Go itself stops writing stacks at 64 MiB (runtime/pprof, writeGoroutineStacks).
    static let dumpLimitBytes = 80 << 20
    static let profileLimitBytes = 64 << 20

    /// Deadlines of the three documents. Writing all stacks stops the Go program for as long as it takes.
    package struct Deadlines: Sendable {
        package var dumpMs = 7000
        package var heapMs = 7000
        package var profileMs = 7500

        package init() {}
    }

    private let base: String
    private let label: String?
    private let deadlines: Deadlines
    private let fetch: HTTPFetch

    /// - Parameters:
    ///   - url: `http://host:port`, or with `/debug/pprof` already.
    ///   - label: goes into the files' names and the lines; needed when a scene has more than one Go server.
    package init(url: String, label: String? = nil, deadlines: Deadlines = Deadlines(), fetch: HTTPFetch) {
        base = Self.base(of: url)
        self.label = label
        self.deadlines = deadlines
        self.fetch = fetch
    }

    /// Writes `goroutines-raw.txt`, `goroutines.txt`, `heap.pb.gz` and `cpu.pb.gz`, as far as the server gives them.
    package func capture(into folder: String) async -> SceneContribution {
        let parts = await withTaskGroup(of: (Int, SceneContribution).self) { group in
            group.addTask { (0, await self.goroutines(into: folder)) }
            group.addTask { (1, await self.heap(into: folder)) }
            group.addTask { (2, await self.cpuProfile(into: folder)) }
            var parts: [(Int, SceneContribution)] = []
            for await part in group { parts.append(part) }
            return parts.sorted { $0.0 < $1.0 }.map(\.1)
        }
        return SceneContribution(files: parts.flatMap(\.files), telling: parts.flatMap(\.telling))
    }

    private func goroutines(into folder: String) async -> SceneContribution {
        await document(
            "goroutine?debug=2", deadlines.dumpMs, Self.dumpLimitBytes, named: "the goroutines"
        ) { body, contribution in
            contribution.add(
                name("goroutines-raw.txt"), "all goroutines as Go prints them", body, into: folder)
            let report = GoroutineReport(of: GoroutineDump(parsing: body), source: base)
            contribution.add(
                name("goroutines.txt"), "goroutines grouped by stack, and those that may block the others",
                Array(report.text.utf8), into: folder)
            contribution.telling += report.tellingLines.map { line in
                TellingLine(weight: line.weight, text: label.map { "\($0): \(line.text)" } ?? line.text)
            }
        }
    }

    private func heap(into folder: String) async -> SceneContribution {
        await document("heap", deadlines.heapMs, Self.profileLimitBytes, named: "the heap profile") {
            $1.add(name("heap.pb.gz"), "Go heap profile (go tool pprof)", $0, into: folder)
        }
    }

    private func cpuProfile(into folder: String) async -> SceneContribution {
        let path = "profile?seconds=\(Self.profileSeconds)"
        return await document(path, deadlines.profileMs, Self.profileLimitBytes, named: "the CPU profile") {
            $1.add(
                name("cpu.pb.gz"), "Go CPU profile of \(Self.profileSeconds) s (go tool pprof)", $0, into: folder)
        }
    }

    private func document(
        _ path: String, _ timeoutMs: Int, _ limitBytes: Int, named what: String,
        keep: ([UInt8], inout SceneContribution) -> Void
    ) async -> SceneContribution {
        var contribution = SceneContribution()
        do throws(ScrapeFailure) {
            keep(try await fetch.get("\(base)/\(path)", timeoutMs: timeoutMs, limitBytes: limitBytes), &contribution)
        } catch {
            contribution.telling.append(TellingLine(weight: 20, text: "\(what) could not be kept: \(error)"))
        }
        return contribution
    }

    private func name(_ file: String) -> String {
        guard let label else { return file }
        let allowed = label.unicodeScalars.map { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                ? Character(scalar) : "-"
        }
        let stem = file.prefix { $0 != "." }
        return "\(stem)-\(String(allowed))\(file.dropFirst(stem.count))"
    }

    static func base(of url: String) -> String {
        var base = Substring(url)
        while base.last == "/" { base = base.dropLast() }
        return base.hasSuffix("/debug/pprof") ? String(base) : base + "/debug/pprof"
    }
}
