import Diagnosis
import LoadMetrics
import Testing

@Suite struct ServerCountTests {
    private func count(serverSays: (Int) -> Int?, weSay: (Int) -> Int, seconds: Int = 30) throws -> ServerCount? {
        var run = RecordedRun()
        try run.seconds(seconds) { number, interval in interval.phase(.open, count: weSay(number)) }
        var diagnostician = Diagnostician(stallAfterMs: 5000)
        for group in run.groups {
            var sample = ServerSample(source: 0, atS: group.endS)
            sample.accountsOnline = serverSays(group.second)
            diagnostician.observe(sample)
            diagnostician.observe(group)
        }
        return diagnostician.serverCount
    }

    @Test func aServerThatDoesNotSayIsNotAsked() throws {
        #expect(try count(serverSays: { _ in nil }, weSay: { _ in 5 }) == nil)
    }

    @Test func whoStaysOnlineForTheServerOnlyIsAGhost() throws {
        let count = try #require(try count(serverSays: { _ in 107 }, weSay: { _ in 100 }))
        #expect(count.ghosts == 7 && count.widows == 0 && count.serverSays == 107 && count.weSay == 100)
    }

    @Test func whoStaysOnlineForUsOnlyIsAWidow() throws {
        let count = try #require(try count(serverSays: { _ in -3 }, weSay: { _ in 10 }))
        #expect(count.ghosts == 0 && count.widows == 13)
    }

    @Test func whatDiffersNowAndThenIsOnItsWay() throws {
        let count = try #require(try count(serverSays: { 100 + $0 % 4 * 5 }, weSay: { _ in 105 }))
        #expect(count.ghosts == 0 && count.widows == 0)
    }
}
