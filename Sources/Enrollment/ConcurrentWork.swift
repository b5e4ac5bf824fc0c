/// Work on many items, a few at a time.
enum ConcurrentWork {
    /// Calls `work` for each item, at most `limit` at once; the first failure ends the rest and is thrown.
    static func forEach<Item: Sendable, Failure: Error>(
        _ items: [Item], limit: Int, _ work: @escaping @Sendable (Item) async -> Result<Void, Failure>
    ) async throws(Failure) {
        let outcome = await withTaskGroup(of: Result<Void, Failure>.self) { group in
            var rest = items[...]
            for item in rest.prefix(max(limit, 1)) { group.addTask { await work(item) } }
            rest = rest.dropFirst(max(limit, 1))
            while let result = await group.next() {
                if case .failure = result {
                    group.cancelAll()
                    return result
                }
                if let item = rest.popFirst() { group.addTask { await work(item) } }
            }
            return .success(())
        }
        try outcome.get()
    }
}
