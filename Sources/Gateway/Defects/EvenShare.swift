internal import Synchronization

/// Picks a share of a sequence of events, evenly spread and exact: of the first n, the share of n rounded down.
///
/// 0.01 picks the 100th, the 200th, and so on. Any thread may ask.
final class EvenShare: Sendable {
    private static let whole = 1_000_000_000
    private let partsPerBillion: Int
    private let events = Atomic<Int>(0)

    /// - Parameter share: from 0 to 1.
    init(_ share: Double) {
        partsPerBillion = Int((share * Double(Self.whole)).rounded())
    }

    /// Counts an event and says whether it is one of the share.
    func takes() -> Bool {
        let number = events.add(1, ordering: .relaxed).newValue
        return picked(of: number) > picked(of: number - 1)
    }

    private func picked(of count: Int) -> Int {
        // Whole rounds apart, so that the product cannot overflow.
        let (rounds, rest) = count.quotientAndRemainder(dividingBy: Self.whole)
        return rounds * partsPerBillion + rest * partsPerBillion / Self.whole
    }
}
