/// What the registry has done; written by its thread alone (in a hub: under its monitor), read by anyone.
///
/// `registered` = `sessions` + `unregistered` + `replaced`.
final class RegistryCounters: Sendable {
    let registered = SingleWriterCounter()
    let unregistered = SingleWriterCounter()
    /// Sessions that gave way to a newer login of their account.
    let replaced = SingleWriterCounter()
    /// Those of the replaced whose connection was still open.
    let kicked = SingleWriterCounter()
    /// Sessions whose connection had ended before their turn came; a hub registers those too.
    let abandoned = SingleWriterCounter()
    let accounts = SingleWriterCounter()
    let sessions = SingleWriterCounter()

    func publish(_ table: borrowing AccountTable) {
        accounts.set(table.accountCount)
        sessions.set(table.sessionCount)
    }

    func publish(_ table: borrowing HubClientTable) {
        accounts.set(table.accountCount)
        sessions.set(table.sessionCount)
    }
}
