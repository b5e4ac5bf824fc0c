internal import Synchronization

/// A number that one thread changes and any thread may read.
final class SingleWriterCounter: Sendable {
    private let number = Atomic<Int>(0)

    var value: Int { number.load(ordering: .relaxed) }

    func add(_ amount: Int) {
        set(value &+ amount)
    }

    func set(_ value: Int) {
        number.store(value, ordering: .relaxed)
    }
}
