import Testing

@testable import Gateway

struct BoundedQueueTests {
    @Test func keepsOrderAcrossTheLine() {
        var queue = BoundedQueue<Int>(capacity: 3)
        for number in 0..<3 {
            #expect(queue.offer(number) == .queued)
        }
        for number in 3..<10 {
            #expect(queue.offer(number) == .waiting)
        }
        #expect(queue.count == 3)
        #expect(queue.waitingCount == 7)
        for number in 0..<10 {
            #expect(queue.takeFirst() == number)
        }
        #expect(queue.takeFirst() == nil)
    }

    /// Random offers and takes against an unbounded array.
    @Test(arguments: [1, 2, 7, 1000])
    func neverExceedsItsCapacity(capacity: Int) {
        let seed = TestSeed.value
        var random = TestRandom(seed: seed)
        var queue = BoundedQueue<Int>(capacity: capacity)
        var model: [Int] = []
        for number in 0..<5000 {
            if Bool.random(using: &random) {
                let offer = queue.offer(number)
                #expect((offer == .queued) == (model.count < capacity), "seed \(seed)")
                model.append(number)
            } else {
                let expected = model.isEmpty ? nil : model.removeFirst()
                #expect(queue.takeFirst() == expected, "seed \(seed)")
            }
            #expect(queue.count == min(model.count, capacity), "seed \(seed)")
            #expect(queue.waitingCount == max(0, model.count - capacity), "seed \(seed)")
        }
    }
}
