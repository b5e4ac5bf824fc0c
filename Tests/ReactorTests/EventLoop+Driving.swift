import Testing

@testable import Reactor

/// A completion with a copy of its bytes.
struct Told: CustomStringConvertible {
    let completion: Completion
    let bytes: [UInt8]

    var kind: Completion.Kind { completion.kind }
    var description: String { "\(completion.kind)(\(completion.owner), \(bytes.count) B, \(completion.failure))" }
}

extension EventLoop {
    /// The next completion, waiting for it if need be; fails after 10 s.
    func nextTold() throws -> Told {
        let deadline = refreshNow() + 10_000_000_000
        while nowNs < deadline {
            if let completion = next() { return Told(completion: completion, bytes: Array(received)) }
            wait(untilNs: deadline)
        }
        throw Silence(state: "\(openConnections) connections open, \(statistics)")
    }

    struct Silence: Error {
        let state: String
    }

    @discardableResult
    func expect(_ kind: Completion.Kind, of id: ConnectionID, _ location: SourceLocation = #_sourceLocation) throws
        -> Told
    {
        let told = try nextTold()
        #expect(told.kind == kind && told.completion.connection == id, "\(told)", sourceLocation: location)
        return told
    }

    func expectFailure(
        _ failure: NetworkFailure, of id: ConnectionID, _ location: SourceLocation = #_sourceLocation
    ) throws {
        let told = try expect(.failed, of: id, location)
        #expect(told.completion.failure == failure, "\(told)", sourceLocation: location)
    }

    /// Nothing is completed within a while.
    func expectSilence(_ location: SourceLocation = #_sourceLocation) {
        let deadline = refreshNow() + 20_000_000
        while nowNs < deadline {
            if let completion = next() {
                Issue.record("\(Told(completion: completion, bytes: Array(received)))", sourceLocation: location)
            }
            wait(untilNs: deadline)
        }
    }

    /// Bytes until `count` have come.
    func receive(_ count: Int, of id: ConnectionID, _ location: SourceLocation = #_sourceLocation) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            bytes += try expect(.received, of: id, location).bytes
        }
        return bytes
    }

    func begin(
        to address: SocketAddress, from source: SocketAddress? = nil, tls: TLSContext? = nil, owner: UInt32 = 0
    ) throws -> ConnectionID {
        let result = connect(to: address, from: source, tls: tls, owner: owner)
        guard case .pending(let id) = result else { throw Refusal(result: result) }
        return id
    }

    struct Refusal: Error {
        let result: ConnectResult
    }

    /// An established connection and its other end.
    func establish(_ listener: borrowing ScriptedListener, owner: UInt32 = 0) throws -> ScriptedPeer {
        let id = try begin(to: listener.address, owner: owner)
        try expect(.connected, of: id)
        return try listener.accept(as: id)
    }

    func send(_ id: ConnectionID, _ bytes: [UInt8]) -> SendResult {
        bytes.withUnsafeBytes { send(id, $0) }
    }
}
