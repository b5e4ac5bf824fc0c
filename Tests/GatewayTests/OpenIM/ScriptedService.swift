import NIOCore
import NIOPosix
import Synchronization

@testable import Gateway

/// A service of OpenIM that answers as a test says, on one connection per call.
///
/// Its tokens are `USER:PLATFORM`; `bad…`, `kicked…` and `unknown…` are refused.
final class ScriptedService: Sendable {
    private struct State {
        var calls: [ServiceCall] = []
        var isSilent = false
    }

    private let state = Mutex(State())
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let listener: any Channel
    private let version: OpenIMVersion

    var address: String { "127.0.0.1:\(listener.localAddress?.port ?? 0)" }
    /// In the order in which they came.
    var calls: [ServiceCall] { state.withLock { $0.calls } }

    /// From now on it answers no request of a client.
    func fallSilent() { state.withLock { $0.isSilent = true } }

    static func with(
        _ version: OpenIMVersion = .v3_8_3, _ body: (ScriptedService) async throws -> Void
    ) async throws {
        let service = try await ScriptedService(version)
        do {
            try await body(service)
        } catch {
            try? await service.group.shutdownGracefully()
            throw error
        }
        try await service.group.shutdownGracefully()
    }

    private init(_ version: OpenIMVersion) async throws {
        self.version = version
        let answer = AnswerBox()
        listener = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ScriptedServiceHandler(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        answer.set { [weak self] call in self?.answer(call) }
    }

    func close() async throws {
        try await listener.close()
    }

    private func answer(_ call: ServiceCall) -> ServiceAnswer? {
        let isSilent = state.withLock {
            $0.calls.append(call)
            return $0.isSilent
        }
        switch call {
        case .checkToken(let token): return check(token)
        case .perform(let identifier, _, _, _, let data):
            if isSilent { return nil }
            if String(buffer: data).hasPrefix("refuse") {
                return ServiceAnswer(errorCode: 1001, errorMessage: "ArgsError", data: ByteBuffer(string: "no"))
            }
            return ServiceAnswer(data: ByteBuffer(string: "\(identifier):" + String(buffer: data)))
        case .loggedIn, .loggedOut, .kickToken, .kickOtherTokens: return ServiceAnswer()
        }
    }

    private func check(_ token: String) -> ServiceAnswer {
        func refusal(_ code: Int32, _ name: String, old: String) -> ServiceAnswer {
            ServiceAnswer(errorCode: code, errorMessage: name, errorDetail: version == .v3_5_1 ? old : "")
        }
        // The details are those of the harness that the recorded answers come from.
        if token.hasPrefix("bad") {
            return refusal(
                1502, "TokenInvalidError", old: "harness: token begins with bad: 1502 TokenInvalidError")
        }
        if token.hasPrefix("kicked") { return refusal(1506, "TokenKickedError", old: ": 1506 TokenKickedError") }
        if token.hasPrefix("unknown") { return refusal(1507, "TokenNotExistError", old: "1507 TokenNotExistError") }
        let parts = token.split(separator: ":")
        var data = ByteBuffer()
        data.writeText(String(parts.first ?? ""))
        data.writeInteger(parts.count > 1 ? Int32(parts[1]) ?? 0 : 0)
        return ServiceAnswer(data: data)
    }
}

/// Filled when the service is there to answer.
private final class AnswerBox: Sendable {
    private let answer = Mutex<(@Sendable (ServiceCall) -> ServiceAnswer?)?>(nil)

    func set(_ answer: @escaping @Sendable (ServiceCall) -> ServiceAnswer?) {
        self.answer.withLock { $0 = answer }
    }

    func callAsFunction(_ call: ServiceCall) -> ServiceAnswer? {
        answer.withLock { $0 }?(call)
    }
}

private final class ScriptedServiceHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: AnswerBox
    private let frames = NIOSingleStepByteToMessageProcessor(MessageFrameDecoder())

    init(_ answer: AnswerBox) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            try frames.process(buffer: Self.unwrapInboundIn(data)) { frame in
                guard case .request(_, _, _, var payload) = frame else { return }
                guard let answer = answer(try ServiceCall.read(from: &payload)) else { return }
                var bytes = ByteBuffer()
                answer.write(to: &bytes)
                var reply = ByteBuffer()
                MessageFrame.reply(bytes).write(to: &reply)
                context.writeAndFlush(Self.wrapOutboundOut(reply), promise: nil)
            }
        } catch {
            context.close(promise: nil)
        }
    }
}

@available(*, unavailable)
extension ScriptedServiceHandler: Sendable {}
