import Testing

@testable import Reactor

@Suite struct TimerWheelTests {
    /// Takes all timers that have expired.
    private func expired(_ wheel: inout TimerWheel) -> Set<UInt32> {
        var timers: Set<UInt32> = []
        while let timer = wheel.nextExpired() { timers.insert(timer) }
        return timers
    }

    @Test func aTimerExpiresAtItsDeadlineToTheNanosecond() {
        for distance: Int64 in [1, 1000, 131_072, 8_388_608, 1_000_000_000, 60_000_000_000, 1 << 48, 1 << 55] {
            var wheel = TimerWheel(capacity: 1, nowNs: 123_456_789)
            let deadline = 123_456_789 + distance
            wheel.schedule(0, atNs: deadline)
            let next = wheel.nextExpiryNs
            #expect(next == deadline)
            wheel.advance(toNs: deadline - 1)
            #expect(expired(&wheel).isEmpty)
            wheel.advance(toNs: deadline)
            #expect(expired(&wheel) == [0])
            let isScheduled = wheel.isScheduled(0)
            #expect(!isScheduled)
            let further = wheel.nextExpiryNs
            #expect(further == nil)
        }
    }

    @Test func aDeadlineInThePastExpiresWithTheNextAdvance() {
        var wheel = TimerWheel(capacity: 2, nowNs: 1_000_000)
        wheel.schedule(0, atNs: 1)
        wheel.schedule(1, atNs: -5)
        wheel.advance(toNs: 1_000_000)
        #expect(expired(&wheel) == [0, 1])
    }

    @Test func anExpiredTimerCanStillBeCancelledOrMoved() {
        var wheel = TimerWheel(capacity: 3, nowNs: 0)
        for timer: UInt32 in 0..<3 { wheel.schedule(timer, atNs: 10) }
        wheel.advance(toNs: 10)
        wheel.cancel(0)
        wheel.schedule(1, atNs: 20)
        #expect(expired(&wheel) == [2])
        wheel.advance(toNs: 20)
        #expect(expired(&wheel) == [1])
    }

    @Test func cancelledTimersLeaveNothingToWaitFor() {
        var wheel = TimerWheel(capacity: 100, nowNs: 0)
        for timer: UInt32 in 0..<100 { wheel.schedule(timer, atNs: Int64(timer) * 77_777_777) }
        for timer: UInt32 in 0..<100 { wheel.cancel(timer) }
        var wakes = 0
        while let time = wheel.nextExpiryNs {
            wheel.advance(toNs: time)
            let timer = wheel.nextExpired()
            #expect(timer == nil)
            wakes += 1
            guard wakes <= 1000 else { break }
        }
        #expect(wakes <= 200)
    }

    /// Sleeping exactly as told, each timer is met at its deadline, with few wakes for nothing.
    @Test func sleepingUntilTheNextExpiryMeetsEachDeadline() {
        var random = SeededRandom()
        var wheel = TimerWheel(capacity: 1000, nowNs: 0)
        var deadlines: [Int64] = []
        for timer: UInt32 in 0..<1000 {
            let deadline = Int64.random(in: 0...(1 << Int64.random(in: 1...50, using: &random)), using: &random)
            deadlines.append(deadline)
            wheel.schedule(timer, atNs: deadline)
        }
        var wakes = 0
        var met = 0
        while let time = wheel.nextExpiryNs, wakes < 10_000 {
            wakes += 1
            wheel.advance(toNs: time)
            while let timer = wheel.nextExpired() {
                #expect(deadlines[Int(timer)] == time, "seed \(random.seed)")
                met += 1
            }
        }
        #expect(met == 1000, "seed \(random.seed)")
        #expect(wakes <= 4000, "seed \(random.seed)")
    }

    /// Random operations against a dictionary of deadlines.
    @Test(arguments: 0..<20) func behavesLikeADictionaryOfDeadlines(round: Int) {
        var random = SeededRandom(stream: UInt64(round))
        let seed = random.seed
        let count: UInt32 = 200
        var now = Int64.random(in: 0...(1 << 45), using: &random)
        var wheel = TimerWheel(capacity: Int(count), nowNs: now)
        var model: [UInt32: Int64] = [:]
        for step in 0..<20_000 {
            let timer = UInt32.random(in: 0..<count, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let spread = Int64(1) << Int64.random(in: 0...Int64.random(in: 20...52, using: &random), using: &random)
                let deadline = now + Int64.random(in: -1000...spread, using: &random)
                wheel.schedule(timer, atNs: deadline)
                model[timer] = deadline
            case 5..<7:
                wheel.cancel(timer)
                model[timer] = nil
            case 7:
                let earliest = model.values.min()
                let next = wheel.nextExpiryNs
                if let earliest {
                    #expect(next != nil && next! <= max(earliest, 0), "seed \(seed) round \(round) step \(step)")
                } else if let next {
                    // Cancelled timers may cost a wake, but never a spin.
                    wheel.advance(toNs: max(next, now))
                    let timer = wheel.nextExpired()
                    #expect(timer == nil)
                    now = max(next, now)
                }
            default:
                let jump = Int64(1) << Int64.random(in: 0...Int64.random(in: 18...50, using: &random), using: &random)
                now += Int64.random(in: 0...jump, using: &random)
                wheel.advance(toNs: now)
                let due = Set(model.filter { $0.value <= now }.keys)
                let fired = expired(&wheel)
                guard fired == due else {
                    Issue.record("seed \(seed) round \(round) step \(step): \(fired) instead of \(due)")
                    return
                }
                for timer in due { model[timer] = nil }
            }
            guard wheel.isScheduled(timer) == (model[timer] != nil) else {
                Issue.record("seed \(seed) round \(round) step \(step): timer \(timer)")
                return
            }
        }
    }
}
