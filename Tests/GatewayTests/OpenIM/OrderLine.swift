import NIOCore
import Testing

@testable import Gateway

/// The connection on which OpenIM's service gives its orders.
struct OrderLine {
    let raw: RawClient

    init(to gateway: Gateway) throws {
        raw = try RawClient(port: try #require(gateway.pushPort))
    }

    func send(_ orders: [GatewayOrder]) async throws {
        var bytes = ByteBuffer()
        for order in orders {
            var payload = ByteBuffer()
            order.write(to: &payload)
            MessageFrame.order(payload).write(to: &bytes)
        }
        try await raw.send(Array(bytes.readableBytesView))
    }

    func done() async throws -> ByteBuffer {
        let length = try await raw.read(4).reduce(0) { $0 << 8 | Int($1) }
        var bytes = ByteBuffer(bytes: try await raw.read(length))
        #expect(bytes.readInteger(as: UInt8.self) == 7)
        return bytes
    }

    func carryOut(_ order: GatewayOrder) async throws -> Int {
        try await send([order])
        var done = try await done()
        let number = done.readInteger(as: UInt32.self)
        return Int(try #require(number))
    }
}
