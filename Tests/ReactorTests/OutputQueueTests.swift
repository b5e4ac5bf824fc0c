import Testing

@testable import Reactor

@Suite struct OutputQueueTests {
    /// Random appends and removals against an array.
    @Test func bytesComeOutInTheOrderTheyWentIn() {
        var random = SeededRandom()
        var pool = OutputQueuePool()
        defer { pool.deallocate() }
        let queue = pool.borrow()
        defer { pool.giveBack(queue) }
        var model: [UInt8] = []
        for _ in 0..<2000 {
            if Bool.random(using: &random) {
                let count = Int.random(in: 0...Int.random(in: 1...20_000, using: &random), using: &random)
                let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                bytes.withUnsafeBytes { queue.pointee.append($0) }
                model += bytes
            } else if !model.isEmpty {
                let count = Int.random(in: 1...model.count, using: &random)
                queue.pointee.removeFirst(count)
                model.removeFirst(count)
            }
            let isSame = queue.pointee.bytes.elementsEqual(model)
            guard isSame else {
                Issue.record("seed \(random.seed)")
                return
            }
        }
    }

    @Test func emptiedQueuesAreLentAgainAndLargeOnesAreNot() {
        var pool = OutputQueuePool()
        defer { pool.deallocate() }
        let small = pool.borrow()
        [1, 2, 3].withUnsafeBytes { small.pointee.append($0) }
        pool.giveBack(small)
        let again = pool.borrow()
        #expect(again == small)
        #expect(again.pointee.bytes.isEmpty)
        [UInt8](repeating: 0, count: 100_000).withUnsafeBytes { again.pointee.append($0) }
        let kept = pool.borrow()
        pool.giveBack(again)
        pool.giveBack(kept)
        #expect(pool.borrow() == kept)
        let fresh = pool.borrow()
        #expect(fresh.pointee.bytes.isEmpty)
        pool.giveBack(fresh)
        pool.giveBack(kept)
    }
}
