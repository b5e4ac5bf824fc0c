import Foundation
import Testing

@testable import ServerWatch

@Suite struct QueueProbeTests {
    private static let document = """
        {"gateway":"gateway-0","resources":[{"id":"q","what":"kick queue","capacity":2,"used":2,"freed_by":["hub"]}],
        "actors":[{"id":"hub","what":"hub \\u001bthread","tid":7,"doing":"kicking","waits_for":"q","waiting_ms":1500}]}
        """

    @Test func gatewaysAreAskedTwiceAndTheAnswersKept() async throws {
        let server = CannedServer { line in
            line.hasPrefix("GET /debug/queues ") ? CannedServer.ok(Self.document) : CannedServer.ok("{}")
        }
        let mute = CannedServer { _ in CannedServer.ok("no JSON") }
        defer {
            server.stop()
            mute.stop()
        }
        try await withSceneFolder { folder in
            let gateways = [
                QueueProbe.Gateway(name: "gateway 0", url: server.url + "/"),
                QueueProbe.Gateway(name: "gateway 1", url: mute.url + "/debug/queues"),
            ]
            let contribution = try await withFetch { fetch in
                await QueueProbe(gateways: gateways, fetch: fetch).capture(into: folder.path)
            }
            #expect(contribution.files.map(\.name) == ["queues.txt", "queues.json"])
            #expect(
                contribution.telling.first
                    == TellingLine(
                        weight: 110,
                        text: "the kick queue of gateway-0 is full (2 of 2) and the hub ?thread (tid 7), the only one "
                            + "that takes from it, waits for a place in it since 1.5 s, kicking"))
            #expect(contribution.telling.last?.text.hasPrefix("gateway 1 does not tell its queues: ") == true)
            let text = try String(contentsOf: folder.appending(path: "queues.txt"), encoding: .utf8)
            #expect(text.contains("    kick queue [q], 2 of 2 (full), freed by hub\n") && !text.contains("\u{1B}"))
            struct Kept: Decodable {
                var pauseMs: Int
                var first: [QueueReport]
                var second: [QueueReport]

                private enum CodingKeys: String, CodingKey { case pauseMs = "pause_ms", first, second }
            }
            let kept = try JSONDecoder().decode(
                Kept.self, from: Data(contentsOf: folder.appending(path: "queues.json")))
            #expect(kept.first == kept.second && kept.first.count == 1 && kept.pauseMs == 300)
        }
    }
}
