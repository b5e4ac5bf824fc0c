/// Finds who seems to hold a lock that others wait for.
///
/// Go keeps no record of a lock's holder. Two things give it away: it is on the stack past the line at which the others
/// wait for the lock, or it is inside a method of the object that the lock belongs to.
struct LockSearch {
    struct Holder: Equatable {
        var goroutine: Int
        var isPastTheLine: Bool
        var object: UInt64?
    }

    /// A lock lies inside its object; Go's bigger size classes are rare for objects with a lock.
    private static let maxObjectBytes: UInt64 = 4096

    let groups: GoroutineGroups

    /// The lock's address as the innermost functions of `sync` tell it.
    func lock(_ goroutine: Int) -> UInt64? {
        guard groups.kinds[goroutine] == .lock else { return nil }
        let outside = groups.blockingFrame(goroutine) ?? 0
        let inner = groups.dump.goroutines[goroutine].arguments.filter {
            Int($0.frame) < outside && $0.isFirst && $0.value >= GoroutineGroups.lowestAddress
        }
        // The methods' receiver is the lock itself, what the semaphore is given lies a few bytes into it.
        let methods = inner.filter { argument in
            groups.call(goroutine, frame: Int(argument.frame)).function.contains("utex).")
        }
        return (methods.first { $0.isCertain } ?? methods.first ?? inner.first)?.value
    }

    /// Best guess first.
    func holders(ofLockAwaitedBy waiter: Int) -> [Holder] {
        guard let frame = groups.blockingFrame(waiter), frame < groups.dump.goroutines[waiter].frames.count else {
            return []
        }
        let address = lock(waiter)
        let function = groups.function(waiter, frame: frame)
        let line = groups.call(waiter, frame: frame).line
        let receiver = groups.receiver(waiter, frame: frame)
        let object = address.flatMap { owner(of: $0, seenBy: waiter) }
        var holders: [Holder] = []
        for (position, goroutine) in groups.dump.goroutines.enumerated()
        where position != waiter && groups.kinds[position] != .other {
            if let address, lock(position) == address { continue }
            let isPast = goroutine.frames.indices.contains { index in
                guard groups.function(position, frame: index) == function,
                    groups.call(position, frame: index).line > line
                else { return false }
                guard let receiver, let other = groups.receiver(position, frame: index) else { return true }
                return receiver == other
            }
            let isInside = object.map { groups.objects(position).contains($0) } ?? false
            if isPast || isInside {
                holders.append(
                    Holder(goroutine: position, isPastTheLine: isPast, object: isInside ? object : nil))
            }
        }
        return holders.sorted { left, right in
            (score(right), left.goroutine) < (score(left), right.goroutine)
        }
    }

    private func score(_ holder: Holder) -> Int {
        (holder.isPastTheLine ? 4 : 0) + (holder.object != nil ? 2 : 0)
            + (groups.kinds[holder.goroutine].isObstructed ? 3 : 0)
    }

    /// The nearest object before the lock whose method the waiter is in; a stale number is hardly so near by chance.
    private func owner(of lock: UInt64, seenBy waiter: Int) -> UInt64? {
        let outside = groups.blockingFrame(waiter) ?? 0
        return groups.dump.goroutines[waiter].arguments.lazy.filter {
            Int($0.frame) >= outside && $0.isFirst && $0.value >= GoroutineGroups.lowestAddress
                && $0.value <= lock && lock - $0.value < Self.maxObjectBytes
        }.map(\.value).max()
    }
}
