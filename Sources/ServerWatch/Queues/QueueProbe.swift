internal import Foundation

/// Asks the bundled gateways who waits for what in them (`/debug/queues`), twice, and says which waits can never end.
package struct QueueProbe: SceneProbe {
    package struct Gateway: Equatable, Sendable {
        package var name: String
        /// `http://host:port`, or with `/debug/queues` already.
        package var url: String

        package init(name: String, url: String) {
            self.name = name
            self.url = url
        }

        var address: String {
            let path = "/debug/queues"
            if url.hasSuffix(path) { return url }
            return (url.hasSuffix("/") ? String(url.dropLast()) : url) + path
        }
    }

    static let pauseMs = 300
    static let timeoutMs = 2000
    static let limitBytes = 8 << 20

    private let gateways: [Gateway]
    private let fetch: HTTPFetch

    package init(gateways: [Gateway], fetch: HTTPFetch) {
        self.gateways = gateways
        self.fetch = fetch
    }

    /// Writes `queues.txt` and `queues.json`; takes less than 5 s.
    package func capture(into folder: String) async -> SceneContribution {
        let first = await answers()
        try? await Task.sleep(for: .milliseconds(Self.pauseMs))
        let second = await answers()
        let graph = WaitGraph(first: first.compactMap(\.report), second: second.compactMap(\.report))
        var contribution = SceneContribution(telling: graph.tellingLines)
        for answer in second {
            guard let failure = answer.failure else { continue }
            contribution.telling.append(
                TellingLine(weight: 20, text: "\(answer.gateway.name) does not tell its queues: \(failure)"))
        }
        let text = QueueText(graph: graph, reports: second.compactMap(\.report), failures: second.compactMap(\.failure))
        contribution.add("queues.txt", "who waits for what in the gateways", Array(text.text.utf8), into: folder)
        contribution.add(
            "queues.json", "the gateways' own reports of their queues, twice", document(first, second), into: folder)
        return contribution
    }

    private struct Answer: Sendable {
        var gateway: Gateway
        var json: [UInt8] = []
        var report: QueueReport?
        var failure: ScrapeFailure?
    }

    /// One of each gateway, asked side by side: two reports that belong together.
    private func answers() async -> [Answer] {
        await withTaskGroup(of: (Int, Answer).self) { group in
            for (index, gateway) in gateways.enumerated() {
                group.addTask { (index, await self.answer(gateway)) }
            }
            var answers = gateways.map { Answer(gateway: $0) }
            for await (index, answer) in group { answers[index] = answer }
            return answers
        }
    }

    private func answer(_ gateway: Gateway) async -> Answer {
        var answer = Answer(gateway: gateway)
        do throws(ScrapeFailure) {
            answer.json = try await fetch.get(
                gateway.address, timeoutMs: Self.timeoutMs, limitBytes: Self.limitBytes)
            answer.report = try? QueueReport(parsing: answer.json)
            if answer.report == nil {
                answer.failure = ScrapeFailure(
                    .unreadable, url: gateway.address, what: "the answer is no report of queues",
                    advice: "is it a bundled gateway?")
            }
        } catch {
            answer.failure = error
        }
        return answer
    }

    /// The answers as they came, since what could not be read of them may matter most.
    private func document(_ first: [Answer], _ second: [Answer]) -> [UInt8] {
        func array(_ answers: [Answer]) -> [UInt8] {
            let readable = answers.filter { $0.report != nil }.map(\.json)
            return Array("[\n".utf8) + readable.joined(separator: ",\n".utf8) + Array("\n]".utf8)
        }
        return Array("{\"pause_ms\":\(Self.pauseMs),\"first\":".utf8) + array(first)
            + Array(",\"second\":".utf8) + array(second) + Array("}\n".utf8)
    }
}
