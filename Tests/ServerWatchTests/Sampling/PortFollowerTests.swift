import Testing

@testable import ServerWatch

@Suite struct PortFollowerTests {
    private static let secondNs: Int64 = 1_000_000_000

    @Test func looksEverywhereOnlyWhenSocketsChange() {
        var follower = PortFollower(port: 80, number: 3)
        #expect(follower.look([], atNs: 0) == .nowhere)
        #expect(follower.look([7], atNs: 1) == .everywhere)
        #expect(follower.look([7], atNs: 2) == .everywhere, "nobody was found")
        #expect(follower.arrivals([100]) { _ in 1 } == [.init(process: 100, place: 3)])
        #expect(follower.look([7], atNs: 3) == .nowhere)
        #expect(follower.look([7], atNs: 6 * Self.secondNs) == .amongNew)
        #expect(follower.look([7], atNs: 7 * Self.secondNs) == .nowhere)
        #expect(follower.look([7, 8], atNs: 7 * Self.secondNs) == .everywhere)
    }

    @Test func looksAtNewProcessesOnly() {
        var follower = PortFollower(port: 80, number: 0)
        #expect(follower.candidates(.everywhere, of: [1, 2, 3]) == [1, 2, 3])
        #expect(follower.candidates(.amongNew, of: [1, 2, 3, 4]) == [4])
        #expect(follower.candidates(.amongNew, of: [1, 2, 3, 4]) == [])
    }

    @Test func aSuccessorTakesThePlace() {
        var follower = PortFollower(port: 80, number: 2)
        _ = follower.look([7], atNs: 0)
        #expect(
            follower.arrivals([100, 101]) { _ in 1 } == [
                .init(process: 100, place: 2), .init(process: 101, place: nil),
            ])
        follower.place(101, number: 9)
        #expect(follower.numbers == [2, 9])
        follower.ended(number: 9)
        #expect(follower.arrivals([100, 102]) { _ in 1 } == [.init(process: 102, place: 9)])
        follower.ended(number: 2)
        follower.ended(number: 9)
        #expect(!follower.hasLiving)
        #expect(follower.look([7], atNs: 1) == .everywhere)
    }

    /// A shell command that a server starts has its listening socket open, too, for a moment.
    @Test func aChildIsBelievedAtSecondSight() {
        var follower = PortFollower(port: 80, number: 0)
        _ = follower.look([7], atNs: 0)
        #expect(follower.arrivals([100]) { _ in 1 } == [.init(process: 100, place: 0)])
        _ = follower.candidates(.everywhere, of: [100])
        _ = follower.look([7], atNs: 6 * Self.secondNs)
        #expect(follower.candidates(.amongNew, of: [100, 200, 201]) == [200, 201])
        #expect(follower.arrivals([200, 201]) { _ in 100 } == [])
        #expect(follower.look([7], atNs: 7 * Self.secondNs) == .amongNew, "earlier than without anybody on probation")
        #expect(follower.candidates(.amongNew, of: [100, 201]) == [201])
        #expect(follower.arrivals([201]) { _ in 100 } == [.init(process: 201, place: nil)])
    }

    @Test func aWholeServerIsBelievedAtOnce() {
        var follower = PortFollower(port: 80, number: 0)
        let arrivals = follower.arrivals([100, 101, 102]) { $0 == 100 ? 1 : 100 }
        #expect(arrivals.map(\.process) == [100, 101, 102])
    }

    @Test func thereIsAnEndToSources() {
        var follower = PortFollower(port: 80, number: 0)
        let arrivals = follower.arrivals(Array(100..<200)) { _ in 1 }
        #expect(arrivals.count == PortFollower.mostProcesses)
    }
}
