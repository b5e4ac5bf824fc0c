internal import Synchronization

/// Gets accounts registered, whether or not some of them exist already.
///
/// The server creates all accounts of a call or, when one of them exists, none (1102). Then it is asked which exist; where that is
/// not allowed, the accounts are halved until it is clear.
final class Registration: Sendable {
    struct Tally: Equatable, Sendable {
        var registered = 0
        var alreadyRegistered = 0

        static func + (a: Tally, b: Tally) -> Tally {
            Tally(
                registered: a.registered + b.registered, alreadyRegistered: a.alreadyRegistered + b.alreadyRegistered)
        }
    }

    /// RegisteredAlreadyError.
    private static let alreadyRegistered = 1102

    private let api: OpenIMAPI
    private let cannotAsk = Atomic<Bool>(false)

    init(_ api: OpenIMAPI) {
        self.api = api
    }

    func register(_ userIDs: [String], mayAsk: Bool = true) async throws(APIFailure) -> Tally {
        guard !userIDs.isEmpty else { return Tally() }
        do throws(APIFailure) {
            try await api.register(userIDs)
            return Tally(registered: userIDs.count)
        } catch {
            guard case .refused(code: Self.alreadyRegistered, _, _) = error else { throw error }
        }
        guard userIDs.count > 1 else { return Tally(alreadyRegistered: 1) }
        if mayAsk, let there = try await existing(of: userIDs) {
            let rest = userIDs.filter { !there.contains($0) }
            let known = Tally(alreadyRegistered: userIDs.count - rest.count)
            // Somebody else may have registered one of the rest meanwhile.
            if rest.count < userIDs.count { return try await known + register(rest, mayAsk: false) }
        }
        let middle = userIDs.count / 2
        let first = try await register(Array(userIDs[..<middle]), mayAsk: false)
        return try await first + register(Array(userIDs[middle...]), mayAsk: false)
    }

    /// nil when the server does not say.
    private func existing(of userIDs: [String]) async throws(APIFailure) -> Set<String>? {
        guard !cannotAsk.load(ordering: .relaxed) else { return nil }
        do throws(APIFailure) {
            return try await api.existing(of: userIDs)
        } catch {
            switch error {
            case .refused, .notJSON, .unexpected:
                cannotAsk.store(true, ordering: .relaxed)
                return nil
            case .badAddress, .unreachable, .secureConnection, .timeout, .cutShort, .cancelled: throw error
            }
        }
    }
}

extension OpenIMAPI {
    /// Registers those of `userIDs` that do not exist yet, and says how many that were.
    package func registerMissing(_ userIDs: [String]) async throws(APIFailure) -> Int {
        try await Registration(self).register(userIDs).registered
    }
}
