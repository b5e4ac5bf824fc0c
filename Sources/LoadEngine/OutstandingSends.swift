/// When each unanswered message was due and when it was really sent: one short ring per account, all in one allocation.
///
/// Where answers say which message they belong to, they may come in any order; otherwise the n-th answer belongs to the n-th message.
/// When more are unanswered than the ring holds, the newest are not timed.
struct OutstandingSends: ~Copyable {
    struct Times: BitwiseCopyable {
        var dueNs: Int64
        var sentNs: Int64
        /// From 1, where answers repeat it; 0: they do not, or this one's answer has come.
        var number: UInt32 = 0
    }

    private let capacity: Int
    private let times: UnsafeMutablePointer<Times>

    init(accounts: Int, perAccount: Int) {
        capacity = perAccount
        // Not initialised: an account's ring costs no memory until it sends.
        times = .allocate(capacity: max(accounts * perAccount, 1))
    }

    deinit {
        times.deallocate()
    }

    /// False when there is no room.
    @discardableResult
    func push(_ sent: Times, account index: Int, _ account: inout Account) -> Bool {
        guard account.outstandingCount < capacity else { return false }
        (times + slot(Int(account.outstandingCount), index, account)).initialize(to: sent)
        account.outstandingCount += 1
        return true
    }

    func popFirst(account index: Int, _ account: inout Account) -> Times? {
        guard account.outstandingCount > 0 else { return nil }
        let first = times[slot(0, index, account)]
        account.outstandingCount -= 1
        // An empty ring begins at its start again, so that no more of its memory is ever touched than was needed at once.
        let next = (Int(account.firstOutstanding) + 1) % capacity
        account.firstOutstanding = account.outstandingCount == 0 ? 0 : UInt16(next)
        return first
    }

    /// Takes the message with this number out, wherever it stands.
    func take(number: UInt32, account index: Int, _ account: inout Account) -> Times? {
        for place in 0..<Int(account.outstandingCount) {
            let slot = slot(place, index, account)
            guard times[slot].number == number else { continue }
            let found = times[slot]
            times[slot].number = 0
            // Those answered out of order leave when they are the oldest.
            while account.outstandingCount > 0, times[self.slot(0, index, account)].number == 0 {
                _ = popFirst(account: index, &account)
            }
            return found
        }
        return nil
    }

    private func slot(_ place: Int, _ index: Int, _ account: Account) -> Int {
        index * capacity + (Int(account.firstOutstanding) + place) % capacity
    }
}
