internal import Synchronization

/// News on their way from the threads of a watch to whoever polls for them.
final class NewsBox: Sendable {
    /// An hour of ten sources: a reader that has gone away must not fill the memory.
    static let capacity = 36_000

    let signal = EventSignal()
    private let news = Mutex<[WatchNews]>([])

    /// The oldest samples make room when nobody takes them.
    func post(_ item: WatchNews) {
        news.withLock { news in
            if news.count >= Self.capacity {
                let oldest = news.firstIndex { if case .sample = $0 { true } else { false } }
                news.remove(at: oldest ?? 0)
            }
            news.append(item)
        }
        signal.raise()
    }

    func take() -> [WatchNews] {
        signal.clear()
        return news.withLock { news in
            defer { news = [] }
            return news
        }
    }
}
