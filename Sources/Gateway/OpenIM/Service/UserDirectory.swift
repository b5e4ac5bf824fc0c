internal import Synchronization

/// The registered users. Only registration makes users; the administrators are there from the start.
final class UserDirectory: Sendable {
    private let admins: Set<String>
    private let registered: Mutex<Set<String>>

    init(admins: [String]) {
        self.admins = Set(admins)
        registered = Mutex(self.admins)
    }

    func isAdmin(_ userID: String) -> Bool { admins.contains(userID) }

    func isRegistered(_ userID: String) -> Bool {
        registered.withLock { $0.contains(userID) }
    }

    /// Registers all of them, or none when one is there already.
    func register(_ userIDs: [String]) throws(OpenIMError) {
        try registered.withLock { registered throws(OpenIMError) in
            guard userIDs.allSatisfy({ !registered.contains($0) }) else {
                throw .registeredAlready("a user ID is registered already")
            }
            registered.formUnion(userIDs)
        }
    }
}
