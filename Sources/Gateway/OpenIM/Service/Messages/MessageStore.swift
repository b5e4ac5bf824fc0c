internal import NIOCore
internal import SwiftProtobuf
internal import Synchronization

/// Conversations, their sequence numbers, and the latest messages: so many that their bytes stay below a limit.
final class MessageStore: Sendable {
    private struct Conversation {
        var maxSeq: Int64 = 0
        /// Milliseconds since 1970.
        var maxSeqTime: Int64 = 0
        /// The latest, serialized; the last has `maxSeq`.
        var kept = CircularBuffer<[UInt8]>(initialCapacity: 1)
        /// Of those who have sent something: they have read up to their own message.
        var readSeqs: [String: Int64] = [:]

        var firstKept: Int64 { maxSeq - Int64(kept.count) + 1 }

        /// - Parameter bytes: `message`, serialized.
        mutating func append(_ message: WireMessage, as bytes: [UInt8]) {
            maxSeq = message.seq
            maxSeqTime = message.sendTime
            readSeqs[message.sendID] = message.seq
            kept.append(bytes)
        }
    }

    private struct State {
        var conversations: [String: Conversation] = [:]
        var ofUser: [String: Set<String>] = [:]
        /// The conversation of each message kept, the oldest message first.
        var order = CircularBuffer<String>()
        var bytes = 0
    }

    struct Seqs: Equatable {
        var max: Int64
        /// 0 until a message has gone.
        var min: Int64
        var maxTime: Int64
        var read: Int64
    }

    struct Pulled {
        var messages: [WireMessage]
        /// Of all that the conversation has, not only of those kept.
        var maxSeq: Int64
        var minSeq: Int64
    }

    /// What a message costs besides its bytes.
    private static let overheadBytes = 64
    private let limitBytes: Int
    private let state = Mutex(State())

    init(limitBytes: Int) {
        self.limitBytes = limitBytes
    }

    /// Gives the message its number, keeps it, and notes that its sender has read it.
    ///
    /// - Throws: what the serialization throws.
    func append(_ message: inout WireMessage, to conversation: String) throws {
        try state.withLock { state in
            message.seq = (state.conversations[conversation]?.maxSeq ?? 0) + 1
            let bytes: [UInt8] = try message.serializedBytes()
            state.conversations[conversation, default: Conversation()].append(message, as: bytes)
            for user in [message.sendID, message.recvID] { state.ofUser[user, default: []].insert(conversation) }
            state.order.append(conversation)
            state.bytes += bytes.count + Self.overheadBytes
            while state.bytes > limitBytes, let oldest = state.order.popFirst() {
                guard let gone = state.conversations[oldest]?.kept.popFirst() else { continue }
                state.bytes -= gone.count + Self.overheadBytes
            }
        }
    }

    /// Of the conversations asked for, or of all that the user has part in.
    func seqs(of userID: String, in conversations: [String]? = nil) -> [String: Seqs] {
        state.withLock { state in
            var found: [String: Seqs] = [:]
            for conversation in conversations ?? Array(state.ofUser[userID] ?? []) {
                guard let entry = state.conversations[conversation] else { continue }
                found[conversation] = Seqs(
                    max: entry.maxSeq, min: entry.firstKept > 1 ? entry.firstKept : 0, maxTime: entry.maxSeqTime,
                    read: entry.readSeqs[userID] ?? 0)
            }
            return found
        }
    }

    /// Messages from `begin` to `end`, the latest `count` of them.
    ///
    /// - Parameter budget: bytes; lowered by what was pulled. Whatever is beyond it is left out.
    /// - Returns: nil: no such conversation.
    func pull(
        _ conversation: String, from begin: Int64, to end: Int64, count: Int64, budget: inout Int
    ) throws -> Pulled? {
        try state.withLock { state in
            guard let entry = state.conversations[conversation] else { return nil }
            let last = min(end, entry.maxSeq)
            var first = max(begin, entry.firstKept)
            if count > 0, last >= first, last - first >= count { first = last - count + 1 }
            return try Self.read(entry, first <= last ? first...last : 0...0, budget: &budget)
        }
    }

    /// Those of the numbers that are kept.
    func pull(_ conversation: String, seqs: [Int64], budget: inout Int) throws -> Pulled? {
        try state.withLock { state in
            guard let entry = state.conversations[conversation] else { return nil }
            return try Self.read(entry, seqs, budget: &budget)
        }
    }

    func last(_ conversation: String) throws -> WireMessage? {
        var budget = Int.max
        guard let maxSeq = state.withLock({ $0.conversations[conversation]?.maxSeq }) else { return nil }
        return try pull(conversation, seqs: [maxSeq], budget: &budget)?.messages.first
    }

    private static func read(_ entry: Conversation, _ seqs: some Sequence<Int64>, budget: inout Int) throws -> Pulled {
        var messages: [WireMessage] = []
        for seq in seqs where seq >= entry.firstKept && seq <= entry.maxSeq {
            let bytes = entry.kept[offset: Int(seq - entry.firstKept)]
            guard bytes.count <= budget else { break }
            budget -= bytes.count
            messages.append(try WireMessage(serializedBytes: bytes))
        }
        return Pulled(messages: messages, maxSeq: entry.maxSeq, minSeq: entry.firstKept)
    }
}
