internal import Dialects
internal import Glibc
internal import LoadPlan

/// What a shard needs to speak OpenIM, for all of its accounts: the codec, the parts of messages that never change, and room to render the others.
struct OpenIMClient: ~Copyable {
    let plan: OpenIMPlan
    let tokens: LoginTokens
    var codec: OpenIMCodec
    /// What an account's user ID is.
    let userID: CompiledTemplate
    let sender = ByteBuffer(capacity: 128)
    let receiver = ByteBuffer(capacity: 128)
    let operationID = ByteBuffer(capacity: 32)
    let msgIncr = ByteBuffer(capacity: 32)
    /// Nanoseconds since 1970 at CLOCK_MONOTONIC's zero, as of the start: messages need the time of day, but not a look at the clock each.
    private let epochNs: Int64
    /// To users, then to groups; for each of the plan's platforms one.
    private let bodies: UnsafeMutablePointer<MessageBody>
    private let platforms: Int

    init(_ plan: OpenIMPlan, tokens: consuming LoginTokens, accountID: Template, maxMessageBytes: Int) {
        self.plan = plan
        self.tokens = tokens
        userID = CompiledTemplate(accountID, accountID: accountID)
        codec = OpenIMCodec(
            encoding: plan.encoding == .gob ? .gob : .json, compresses: plan.compression,
            maxInflatedBytes: maxMessageBytes)
        epochNs = Self.nowNs(CLOCK_REALTIME) &- Self.nowNs(CLOCK_MONOTONIC)
        platforms = plan.platforms.count
        bodies = .allocate(capacity: max(2 * platforms, 1))
        for (place, platform) in plan.platforms.enumerated() {
            (bodies + place).initialize(to: MessageBody(to: .user, platform: Int32(clamping: platform)))
            (bodies + platforms + place).initialize(to: MessageBody(to: .group, platform: Int32(clamping: platform)))
        }
    }

    deinit {
        bodies.deinitialize(count: 2 * platforms)
        bodies.deallocate()
    }

    /// The body of messages that a login sends.
    func body(toGroup: Bool, login: Int) -> UnsafeMutablePointer<MessageBody> {
        bodies + (toGroup ? platforms : 0) + login % platforms
    }

    /// Milliseconds since 1970.
    func timeOfDayMs(_ nowNs: Int64) -> Int64 { (epochNs &+ nowNs) / 1_000_000 }

    /// Writes a new operation ID and the number of a request.
    func name(request number: UInt32, random: inout AccountRandom) {
        operationID.removeAll()
        operationID.append(hexadecimal: random.next())
        msgIncr.removeAll()
        msgIncr.append(decimal: UInt64(number))
    }

    private static func nowNs(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
