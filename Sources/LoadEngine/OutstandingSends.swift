/// When each unanswered message was due and when it was really sent: one short ring per account, all in one allocation.
///
/// The n-th reply belongs to the n-th message. When more are unanswered than the ring holds, the newest are not timed.
struct OutstandingSends: ~Copyable {
    struct Times: BitwiseCopyable {
        var dueNs: Int64
        var sentNs: Int64
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

    func push(_ sent: Times, account index: Int, _ account: inout Account) {
        guard account.outstandingCount < capacity else { return }
        let slot = (Int(account.firstOutstanding) + Int(account.outstandingCount)) % capacity
        (times + index * capacity + slot).initialize(to: sent)
        account.outstandingCount += 1
    }

    func popFirst(account index: Int, _ account: inout Account) -> Times? {
        guard account.outstandingCount > 0 else { return nil }
        let first = times[index * capacity + Int(account.firstOutstanding)]
        account.outstandingCount -= 1
        account.firstOutstanding = UInt16((Int(account.firstOutstanding) + 1) % capacity)
        return first
    }
}
