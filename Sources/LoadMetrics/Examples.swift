/// The first few of something, by time, whatever the order in which they are added: sorted by sequence number, shard
/// and place in the interval, and cut at `limit`.
///
/// Keeping the smallest N of a set is associative and commutative.
struct Examples<Value: Equatable & Sendable>: Equatable, Sendable {
    /// As many as a reader looks at.
    static var limit: Int { 20 }

    private struct Entry: Equatable, Sendable {
        var sequence: Int
        var shard: Int
        var place: Int
        var value: Value
    }

    private var entries: [Entry] = []

    var values: [Value] { entries.map(\.value) }

    mutating func add(_ values: [Value], shard: Int, sequence: Int) {
        guard !values.isEmpty else { return }
        keepFirst(
            of: values.enumerated().map { Entry(sequence: sequence, shard: shard, place: $0.offset, value: $0.element) }
        )
    }

    mutating func merge(_ other: Self) {
        guard !other.entries.isEmpty else { return }
        keepFirst(of: other.entries)
    }

    private mutating func keepFirst(of more: [Entry]) {
        entries.append(contentsOf: more)
        entries.sort { ($0.sequence, $0.shard, $0.place) < ($1.sequence, $1.shard, $1.place) }
        entries.removeLast(max(0, entries.count - Self.limit))
    }
}
