internal import Synchronization

/// Which tokens of each user and platform are good: OpenIM's hashes `UID_PID_TOKEN_STATUS:USER:PLATFORM` in Redis.
final class TokenRecords: Sendable {
    struct Key: Hashable {
        var userID: String
        var platform: Int32
    }

    enum Status {
        case normal
        /// 1506; a token without a record is 1507.
        case kicked
    }

    private struct Record {
        var token: String
        var status: Status
    }

    /// The oldest first.
    private let records = Mutex<[Key: [Record]]>([:])

    func status(of token: String, _ key: Key) -> Status? {
        records.withLock { $0[key]?.first { $0.token == token }?.status }
    }

    /// Records a new token as normal; of the older ones the kicked go, and `keeping` of the normal ones stay so.
    ///
    /// As `CreateToken` does in pkg/common/db/controller (3.5.1) and pkg/common/storage/controller (3.8.3).
    func add(_ token: String, _ key: Key, keeping count: Int) {
        records.withLock { records in
            var older = (records[key] ?? []).filter { $0.status == .normal }
            for index in 0..<max(0, older.count - count) { older[index].status = .kicked }
            // Two tokens of one second are the same text.
            older.removeAll { $0.token == token }
            older.append(Record(token: token, status: .normal))
            records[key] = older
        }
    }

    /// Marks one token, if it is known.
    func kick(_ token: String, _ key: Key) {
        records.withLock { records in
            guard let index = records[key]?.firstIndex(where: { $0.token == token }) else { return }
            records[key]?[index].status = .kicked
        }
    }

    /// Marks all tokens but one, or all.
    func kick(_ key: Key, except token: String? = nil) {
        records.withLock { records in
            guard let count = records[key]?.count else { return }
            for index in 0..<count where records[key]?[index].token != token {
                records[key]?[index].status = .kicked
            }
        }
    }
}
