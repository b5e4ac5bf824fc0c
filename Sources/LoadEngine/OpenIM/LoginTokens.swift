internal import Dialects
internal import Glibc
internal import LoadPlan

/// The tokens of a shard's clients, one behind the other in one run of bytes; they are shown to nobody but the server.
struct LoginTokens: ~Copyable {
    private let text: ByteBuffer
    private let ends: UnsafeMutablePointer<Int>
    private let isEmpty: Bool

    /// No tokens: of a dialect or a target that asks for none.
    init() {
        text = ByteBuffer(capacity: 0)
        ends = .allocate(capacity: 1)
        isEmpty = true
    }

    /// Reads the file and keeps what belongs to this shard's clients.
    init(_ assignment: ShardPlan, platforms: OpenIMPlan, path: String) throws(ShardError) {
        var tokens: [Login: String] = [:]
        for credential in try Self.credentials(path) {
            tokens[Login(userID: credential.userID, platform: credential.platformID)] = credential.token
        }
        let wanted = Self.logins(assignment, platforms: platforms)
        if let missing = wanted.first(where: { tokens[$0] == nil }) {
            throw .noToken(userID: missing.userID, platform: missing.platform)
        }
        isEmpty = false
        text = ByteBuffer(capacity: 64 * wanted.count)
        ends = .allocate(capacity: max(wanted.count, 1))
        for (index, login) in wanted.enumerated() {
            var token = tokens[login] ?? ""
            token.withUTF8 { text.append(UnsafeRawBufferPointer($0)) }
            (ends + index).initialize(to: text.count)
        }
    }

    deinit {
        ends.deallocate()
    }

    /// The token of the shard's `index`-th client.
    subscript(index: Int) -> UnsafeRawBufferPointer {
        guard !isEmpty else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let start = index == 0 ? 0 : ends[index - 1]
        return UnsafeRawBufferPointer(rebasing: text.bytes[start..<ends[index]])
    }

    private static func logins(_ assignment: ShardPlan, platforms: OpenIMPlan) -> [Login] {
        let accounts = assignment.plan.accounts
        let id = CompiledTemplate(accounts.id, accountID: accounts.id)
        let scratch = ByteBuffer(capacity: 64)
        var random = AccountRandom(seed: 0, client: 0)
        return (0..<assignment.clientCount).map { local in
            let client = assignment.clientNumber(local)
            let values = TemplateValues(index: client / accounts.logins, login: 0, iteration: 0, sequence: 0)
            let userID = id.render(values, random: &random, scratch: scratch)
            return Login(
                userID: String(decoding: userID, as: UTF8.self),
                platform: platforms.platform(ofLogin: client % accounts.logins))
        }
    }

    private static func credentials(_ path: String) throws(ShardError) -> [Credential] {
        guard let file = fopen(path, "re") else { throw .credentialsUnreadable(path: path, errno: errno) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        guard ferror(file) == 0 else { throw .credentialsUnreadable(path: path, errno: errno) }
        do {
            return try Credential.parse(String(decoding: bytes, as: UTF8.self))
        } catch {
            throw .credentialsInvalid(path: path, error)
        }
    }
}

/// Who logs in.
private struct Login: Hashable {
    let userID: String
    let platform: Int
}
