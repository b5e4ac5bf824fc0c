internal import Synchronization

/// A number that any thread may raise and any may read.
final class SharedCounter: Sendable {
    private let number = Atomic<Int>(0)

    var value: Int { number.load(ordering: .relaxed) }

    func add(_ amount: Int) {
        number.add(amount, ordering: .relaxed)
    }
}
