/// All connections of a loop: a flat array of slots, the free ones in a list, and two lists of those with something to do.
///
/// The lists are circular through sentinel slots, so that linking and unlinking have no special cases. Slots never used cost
/// no resident memory.
struct ConnectionTable: ~Copyable {
    /// To be looked at in this turn.
    static let current: UInt32 = 1
    /// To be looked at in the next turn.
    static let later: UInt32 = 2
    private static let firstSlot: UInt32 = 3

    private struct Counts: BitwiseCopyable {
        /// Slots from here on were never used.
        var untouched: UInt32
        /// Head of the list of free slots; 0 ends it.
        var free: UInt32
        var connections: Int
    }

    private let memory: MappedMemory<ConnectionSlot>
    private let counts: UnsafeMutablePointer<Counts>
    private let end: UInt32

    init(capacity: Int) {
        let slots = min(max(capacity, 1), Int(UInt32.max - Self.firstSlot)) + Int(Self.firstSlot)
        end = UInt32(slots)
        memory = MappedMemory(capacity: slots)
        counts = .allocate(capacity: 1)
        counts.initialize(to: Counts(untouched: Self.firstSlot, free: 0, connections: 0))
        for sentinel in [Self.current, Self.later] {
            memory.base[Int(sentinel)].next = sentinel
            memory.base[Int(sentinel)].previous = sentinel
        }
    }

    deinit {
        counts.deallocate()
    }

    func slot(_ index: UInt32) -> UnsafeMutablePointer<ConnectionSlot> { memory.base + Int(index) }

    func id(_ index: UInt32) -> ConnectionID { ConnectionID(slot: index, generation: slot(index).pointee.generation) }

    /// The slot of a connection or watch that still exists.
    func find(_ id: ConnectionID) -> UnsafeMutablePointer<ConnectionSlot>? {
        guard id.slot >= Self.firstSlot, id.slot < counts.pointee.untouched else { return nil }
        let slot = slot(id.slot)
        return slot.pointee.generation == id.generation && slot.pointee.state != .free ? slot : nil
    }

    /// Connections in any state, without watches.
    var connections: Int { counts.pointee.connections }

    /// Slots ever used, for those who must visit all.
    var usedSlots: Range<UInt32> { Self.firstSlot..<counts.pointee.untouched }

    /// Another slot can be taken into use.
    var hasRoom: Bool { counts.pointee.free != 0 || counts.pointee.untouched < end }

    /// Takes a slot into use; nil when all are.
    func allocate(descriptor: Int32, owner: UInt32, state: ConnectionSlot.State) -> UInt32? {
        let index: UInt32
        var generation: UInt32 = 1
        if counts.pointee.free != 0 {
            index = counts.pointee.free
            counts.pointee.free = slot(index).pointee.next
            generation = slot(index).pointee.generation
        } else {
            guard counts.pointee.untouched < end else { return nil }
            index = counts.pointee.untouched
            counts.pointee.untouched += 1
        }
        slot(index).initialize(
            to: ConnectionSlot(
                tls: nil, output: nil, descriptor: descriptor, generation: generation, owner: owner, next: 0,
                previous: 0, deferredFailure: nil, state: state, ready: [], sends: 0, flags: [], deferredErrno: 0))
        if state != .watched { counts.pointee.connections += 1 }
        return index
    }

    /// Forgets the slot's connection.
    ///
    /// What it held must have been given back.
    func release(_ index: UInt32) {
        unlink(index)
        let slot = slot(index)
        if slot.pointee.state != .watched { counts.pointee.connections -= 1 }
        let generation = slot.pointee.generation &+ 1
        slot.pointee.generation = generation == 0 ? 1 : generation
        slot.pointee.state = .free
        slot.pointee.next = counts.pointee.free
        counts.pointee.free = index
    }

    /// Nothing is to be looked at in this turn or the next.
    var isQuiet: Bool {
        slot(Self.current).pointee.next == Self.current && slot(Self.later).pointee.next == Self.later
    }

    /// Appends to a list, unless the slot is in one already.
    func link(_ index: UInt32, to list: UInt32) {
        guard slot(index).pointee.next == 0 else { return }
        insert(index, before: list)
    }

    /// Puts the slot at the front of this turn, unless it is in a list already.
    func linkFirst(_ index: UInt32) {
        guard slot(index).pointee.next == 0 else { return }
        insert(index, before: slot(Self.current).pointee.next)
    }

    func unlink(_ index: UInt32) {
        let slot = slot(index)
        guard slot.pointee.next != 0 else { return }
        self.slot(slot.pointee.previous).pointee.next = slot.pointee.next
        self.slot(slot.pointee.next).pointee.previous = slot.pointee.previous
        slot.pointee.next = 0
        slot.pointee.previous = 0
    }

    /// Takes the first slot of this turn out of the list; nil when the turn is over.
    func popCurrent() -> UInt32? {
        let first = slot(Self.current).pointee.next
        guard first != Self.current else { return nil }
        unlink(first)
        return first
    }

    /// Appends what waited for the next turn to the current one.
    func beginTurn() {
        let later = slot(Self.later)
        let first = later.pointee.next
        guard first != Self.later else { return }
        let last = later.pointee.previous
        let current = slot(Self.current)
        let tail = current.pointee.previous
        slot(tail).pointee.next = first
        slot(first).pointee.previous = tail
        slot(last).pointee.next = Self.current
        current.pointee.previous = last
        later.pointee.next = Self.later
        later.pointee.previous = Self.later
    }

    private func insert(_ index: UInt32, before successor: UInt32) {
        let predecessor = slot(successor).pointee.previous
        slot(index).pointee.next = successor
        slot(index).pointee.previous = predecessor
        slot(predecessor).pointee.next = index
        slot(successor).pointee.previous = index
    }
}
