import Foundation
import Testing

@testable import Gateway

/// Python's `websockets` against the gateway; GATECRASH_PYTHON names the interpreter, else `python3`.
enum PythonWebSockets {
    static let interpreter = ProcessInfo.processInfo.environment["GATECRASH_PYTHON"] ?? "python3"

    static let isInstalled = (try? run("import websockets.asyncio.client"))?.status == 0

    static func run(_ script: String, _ arguments: String...) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [interpreter, "-c", script] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}

extension GatewayTests {
    static let pythonScript = """
        import asyncio, sys
        from websockets.asyncio.client import connect

        async def account(port, number):
            url = f"ws://127.0.0.1:{port}/chat?account=user-{number}"
            async with asyncio.timeout(20), connect(url, compression=None) as socket:
                await (await socket.ping())
                for message in ["héllo", b"\\x00\\xff", "x" * 70000]:
                    await socket.send(message)
                    assert await socket.recv() == message
                await socket.send(["in ", "three ", "parts"])
                assert await socket.recv() == "in three parts"
                await socket.close(3001, "done")
                assert (socket.close_code, socket.protocol.close_rcvd.code) == (3001, 3001)

        async def main(port):
            await asyncio.gather(*(account(port, number) for number in range(50)))

        asyncio.run(main(sys.argv[1]))
        """

    @Test(
        .enabled(
            if: PythonWebSockets.isInstalled,
            "needs Python's websockets: pip install websockets, or GATECRASH_PYTHON=/path/to/python"))
    func servesPythonWebSockets() async throws {
        try await withGateway { gateway in
            let port = gateway.port
            let result = try await Task.detached { try PythonWebSockets.run(Self.pythonScript, "\(port)") }.value
            #expect(result.status == 0, "\(result.output)")
            try await expectEmpty(gateway)
            #expect(gateway.status.sum(\.messagesReceived) == 200)
        }
    }
}
