/// Deadlines of a fixed number of timers, each named by its index: a hierarchical timing wheel (Varghese and Lauck,
/// 1987, scheme 7).
///
/// Pure: the time comes in as an argument.
///
/// Made for deadlines that are mostly cancelled or moved back before they come: both only change a number, and the
/// timer is put right when the wheel comes across it. Scheduling and cancelling take constant time.
///
/// A tick is 2¹⁷ ns (131 µs). Level 0 has a bucket for each of 64 ticks, each further level 64 buckets of 64 times the
/// length; the five together span 39 hours, and what is due later waits in one more list. Ticks only sort the timers:
/// whether one has expired is decided by its deadline, to the nanosecond.
package struct TimerWheel: ~Copyable {
    struct Node: BitwiseCopyable {
        var deadlineNs: Int64
        /// The tick by which the timer was put into its bucket; its deadline is never earlier.
        var linkedTick: Int64
        var next: UInt32
        var previous: UInt32
        /// Bucket plus 1; 0 in none.
        var bucket: UInt16
        var isScheduled: Bool
    }

    static let tickShift: Int64 = 17
    static let levels = 5
    private static let bucketsPerLevel = 64
    /// The list for what is beyond the top level.
    static let beyond = levels * bucketsPerLevel
    /// The list of timers that have expired and were not taken yet.
    static let expired = beyond + 1
    /// Each bucket is a circular list through a node of its own, in front of the timers' nodes.
    private static let heads = expired + 1

    package let capacity: Int
    private let nodes: MappedMemory<Node>
    private let occupied: UnsafeMutablePointer<UInt64>
    /// No timer outside the expired list was linked by an earlier tick.
    private(set) var currentTick: Int64
    private var nowNs: Int64
    /// No later than any deadline in the wheel; `Int64.max` if there is none.
    private var earliestNs = Int64.max
    /// `earliestNs` may be too early, because the wheel has moved since it was found.
    private var earliestIsStale = false

    /// Timers `0..<capacity`, none of them scheduled.
    ///
    /// Those never scheduled cost no resident memory.
    package init(capacity: Int, nowNs: Int64) {
        precondition(capacity >= 0 && capacity < Int(UInt32.max) - Self.heads, "too many timers")
        self.capacity = capacity
        self.nowNs = max(nowNs, 0)
        currentTick = self.nowNs >> Self.tickShift
        nodes = MappedMemory(capacity: Self.heads + capacity)
        occupied = .allocate(capacity: Self.levels)
        occupied.initialize(repeating: 0, count: Self.levels)
        for head in 0..<UInt32(Self.heads) {
            nodes.base[Int(head)].next = head
            nodes.base[Int(head)].previous = head
        }
    }

    deinit {
        occupied.deallocate()
    }

    /// Sets the deadline of a timer, instead of the one it may have.
    ///
    /// A deadline in the past expires with the next `advance`.
    package mutating func schedule(_ timer: UInt32, atNs deadlineNs: Int64) {
        let index = index(of: timer)
        let deadlineNs = max(deadlineNs, 0)
        let node = nodes.base + index
        node.pointee.deadlineNs = deadlineNs
        node.pointee.isScheduled = true
        earliestNs = min(earliestNs, deadlineNs)
        let bucket = Int(node.pointee.bucket) - 1
        if bucket >= 0, bucket != Self.expired, deadlineNs >> Self.tickShift >= node.pointee.linkedTick { return }
        unlink(index)
        place(index)
    }

    /// Does nothing for a timer that is not scheduled.
    ///
    /// One that has expired and was not taken yet is cancelled, too.
    package mutating func cancel(_ timer: UInt32) {
        nodes.base[index(of: timer)].isScheduled = false
    }

    package func isScheduled(_ timer: UInt32) -> Bool {
        nodes.base[index(of: timer)].isScheduled
    }

    /// When to call `advance` next: never later than the earliest deadline; nil if nothing is scheduled.
    ///
    /// It can be earlier, by a deadline that was cancelled, or to sort timers that are far away; calling `advance` then does that and
    /// expires nothing.
    package var nextExpiryNs: Int64? {
        mutating get {
            if earliestIsStale || earliestNs <= nowNs { findEarliest() }
            return earliestNs == .max ? nil : earliestNs
        }
    }

    /// Moves the wheel: every timer with a deadline no later than `timeNs` is ready to be taken with `nextExpired`.
    ///
    /// A time before the last one changes nothing.
    package mutating func advance(toNs timeNs: Int64) {
        guard timeNs > nowNs || earliestNs <= nowNs else { return }
        nowNs = max(nowNs, timeNs)
        guard earliestNs <= nowNs else { return }
        earliestIsStale = true
        let target = nowNs >> Self.tickShift
        while let (bucket, tick) = firstOccupied(), tick <= target {
            currentTick = tick
            drain(bucket)
            // What is left there is due within this very tick, but later.
            if tick == target, bucket == Int(target & 63) { break }
        }
        currentTick = target
    }

    /// Takes the next expired timer, which is then not scheduled any more.
    ///
    /// In order of their ticks; within a tick in any order.
    package mutating func nextExpired() -> UInt32? {
        while true {
            let index = nodes.base[Self.expired].next
            guard index != UInt32(Self.expired) else { return nil }
            unlink(Int(index))
            guard nodes.base[Int(index)].isScheduled else { continue }
            nodes.base[Int(index)].isScheduled = false
            return index - UInt32(Self.heads)
        }
    }

    private func index(of timer: UInt32) -> Int {
        precondition(timer < capacity, "no such timer")
        return Int(timer) + Self.heads
    }
}

extension TimerWheel {
    /// The occupied bucket that begins first, and the tick at which it does (not before the current one).
    ///
    /// A bucket of a level holds timers whose tick differs from the current one in that level's six bits, and in none above. So
    /// lower levels always come first, and within a level no bucket lies behind the current one.
    private func firstOccupied() -> (bucket: Int, tick: Int64)? {
        for level in 0..<Self.levels where occupied[level] != 0 {
            let position = occupied[level].trailingZeroBitCount
            let shift = Int64(level * 6)
            let start = (currentTick >> shift & ~63 | Int64(position)) << shift
            return (level * 64 + position, max(start, currentTick))
        }
        guard !isEmpty(Self.beyond) else { return nil }
        let shift = Int64(Self.levels * 6)
        return (Self.beyond, ((currentTick >> shift) + 1) << shift)
    }

    private func isEmpty(_ bucket: Int) -> Bool {
        nodes.base[bucket].next == UInt32(bucket)
    }

    /// Goes through a bucket that begins now: what is due expires, the rest is put where it belongs by now.
    private mutating func drain(_ bucket: Int) {
        // Placed timers may come back to this list, behind this mark.
        let last = nodes.base[bucket].previous
        while !isEmpty(bucket) {
            let index = nodes.base[bucket].next
            unlink(Int(index))
            let node = nodes.base + Int(index)
            if node.pointee.isScheduled {
                if node.pointee.deadlineNs <= nowNs {
                    link(Int(index), to: Self.expired)
                } else {
                    place(Int(index))
                }
            }
            if index == last { break }
        }
    }

    /// Finds the earliest deadline exactly if it is on level 0, else when its bucket begins.
    ///
    /// Cleans buckets on its way.
    private mutating func findEarliest() {
        earliestIsStale = false
        earliestNs = .max
        while let (bucket, tick) = firstOccupied() {
            guard bucket < 64 else {
                earliestNs = tick << Self.tickShift
                return
            }
            let last = nodes.base[bucket].previous
            var index = nodes.base[bucket].next
            while index != UInt32(bucket) {
                let node = nodes.base + Int(index)
                let next = node.pointee.next
                let isLast = index == last
                if !node.pointee.isScheduled {
                    unlink(Int(index))
                } else if node.pointee.deadlineNs >> Self.tickShift > tick {
                    unlink(Int(index))
                    place(Int(index))
                } else {
                    earliestNs = min(earliestNs, node.pointee.deadlineNs)
                }
                if isLast { break }
                index = next
            }
            if earliestNs != .max { return }
        }
    }

    /// Puts an unlinked timer into the bucket of its deadline.
    private mutating func place(_ index: Int) {
        let node = nodes.base + index
        let tick = max(node.pointee.deadlineNs >> Self.tickShift, currentTick)
        node.pointee.linkedTick = tick
        let difference = UInt64(bitPattern: tick ^ currentTick)
        let level = (63 - (difference | 63).leadingZeroBitCount) / 6
        guard level < Self.levels else {
            link(index, to: Self.beyond)
            return
        }
        let position = Int(tick >> Int64(level * 6) & 63)
        occupied[level] |= 1 << UInt64(position)
        link(index, to: level * 64 + position)
    }

    private func link(_ index: Int, to bucket: Int) {
        let node = nodes.base + index
        let last = nodes.base[bucket].previous
        node.pointee.bucket = UInt16(bucket + 1)
        node.pointee.next = UInt32(bucket)
        node.pointee.previous = last
        nodes.base[Int(last)].next = UInt32(index)
        nodes.base[bucket].previous = UInt32(index)
    }

    private func unlink(_ index: Int) {
        let node = nodes.base + index
        guard node.pointee.bucket != 0 else { return }
        let bucket = Int(node.pointee.bucket) - 1
        nodes.base[Int(node.pointee.previous)].next = node.pointee.next
        nodes.base[Int(node.pointee.next)].previous = node.pointee.previous
        node.pointee.bucket = 0
        if bucket < Self.beyond, isEmpty(bucket) { occupied[bucket / 64] &= ~(1 << UInt64(bucket % 64)) }
    }
}
