import Foundation
import Synchronization

/// A server that allows one login per account: a newer one closes the older with 4001.
final class KickingGateway: Sendable {
    /// The latest login of each account.
    private let logins = Mutex<[String: Kicked]>([:])

    /// Set by another connection's thread, looked at by its own.
    private final class Kicked: Sendable {
        private let flag = Mutex(false)
        var isSet: Bool { flag.withLock { $0 } }
        func set() { flag.withLock { $0 = true } }
    }

    /// Echoes messages, and looks after each wait of a few milliseconds whether it was kicked.
    var script: ScriptedPeer.Script {
        { [self] conversation in
            let kicked = Kicked()
            login(conversation.request, kicked)
            while true {
                guard !kicked.isSet else {
                    try conversation.sendClose(code: 4001)
                    while try conversation.nextMessage() != nil {}
                    return
                }
                guard try conversation.hasInput(withinMs: 5) else { continue }
                guard let message = try conversation.nextMessage() else { return }
                try conversation.send(message)
            }
        }
    }

    private func login(_ request: String, _ kicked: Kicked) {
        let account = request.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        logins.withLock { logins in
            logins[account]?.set()
            logins[account] = kicked
        }
    }
}
