internal import Synchronization

/// Who is online, on which platforms and at which gateways, as the gateways report it.
final class OnlineDirectory: Sendable {
    private struct Presence {
        var platform: Int32
        /// Its push address.
        var gateway: String
        /// Connections; below 0 while the report of an end has overtaken that of its login.
        var count: Int
        var since: MonotonicTime
    }

    private let presences = Mutex<[String: [Presence]]>([:])

    func loggedIn(_ userID: String, platform: Int32, gateway: String) {
        change(userID, platform, gateway, by: 1)
    }

    func loggedOut(_ userID: String, platform: Int32, gateway: String) {
        change(userID, platform, gateway, by: -1)
    }

    private func change(_ userID: String, _ platform: Int32, _ gateway: String, by amount: Int) {
        presences.withLock { presences in
            var ofUser = presences[userID] ?? []
            if let index = ofUser.firstIndex(where: { $0.platform == platform && $0.gateway == gateway }) {
                ofUser[index].count += amount
                if ofUser[index].count == 0 { ofUser.remove(at: index) }
            } else {
                ofUser.append(Presence(platform: platform, gateway: gateway, count: amount, since: .now))
            }
            presences[userID] = ofUser.isEmpty ? nil : ofUser
        }
    }

    /// Nobody is online at a gateway that has gone.
    func forget(gateway: String) {
        presences.withLock { presences in
            presences = presences.compactMapValues { ofUser in
                let rest = ofUser.filter { $0.gateway != gateway }
                return rest.isEmpty ? nil : rest
            }
        }
    }

    /// In ascending order.
    func platforms(of userID: String) -> [Int32] {
        presences.withLock { presences in
            Set((presences[userID] ?? []).filter { $0.count > 0 }.map(\.platform)).sorted()
        }
    }

    /// Online, and since before `instant`.
    func isOnline(_ userID: String, before instant: MonotonicTime) -> Bool {
        presences.withLock { $0[userID]?.contains { $0.count > 0 && $0.since <= instant } ?? false }
    }
}
