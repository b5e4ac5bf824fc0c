#!/usr/bin/env python3
"""A WebSocket server that breaks in one chosen way; see README.md beside it.

mute-…     takes everything and does not answer the handshake, the message or the close frame; mute-pong: 101, then nothing
rst:…      resets the connection; fin:… closes its own side and goes on reading: at that point of the connection's life
fault:…    answers each message with a frame, or frames, that RFC 6455 forbids
"""

import asyncio

import peer_contract
import websocket_bytes as wire
from peer_connection import Gone, PeerConnection

ANNOUNCED_BYTES = 1 << 30
HUGE_BYTES = 1 << 20
FRAGMENTS = 1000
LONG_BODY_BYTES = 100_000
#: `rst:idle`: so long after the 101.
IDLE_S = 0.2

#: Ends of a connection, by the moment at which they happen.
MOMENTS = {"rst": ("accept", "handshake", "message", "close", "idle"), "fin": ("accept", "handshake", "message", "close")}
#: Answers to the request that are no acceptable upgrade, and what follows: the client must refuse all of them.
REFUSALS = {
    "not-found": lambda head: wire.response("404 Not Found", b"no such path here\n"),
    "bad-request-long-body": lambda head: wire.response("403 Forbidden", b"forbidden " * (LONG_BODY_BYTES // 10)),
    "not-websocket": lambda head: wire.response("200 OK", b"<html>hello</html>\n", "text/html"),
    "wrong-accept": lambda head: wire.switching_protocols(head, accept=wire.accept_value("another key")),
    "no-upgrade-header": lambda head: wire.switching_protocols(head, upgrade=False),
    "extension-unasked": lambda head: wire.switching_protocols(head, extra="Sec-WebSocket-Extensions: permessage-deflate"),
    "subprotocol-unasked": lambda head: wire.switching_protocols(head, extra="Sec-WebSocket-Protocol: chat"),
}
#: Behind a valid 101, in the same segment.
BEHIND_101 = {"garbage-after-101": b"\xff" * 64, "frame-behind-101": wire.frame(wire.TEXT, b"welcome")}
SERVING = ["echo", "mute-message", "mute-close", "mute-pong", "announce-1gb", "drip", "slow-read", "huge-message",
           "many-fragments", "pushes", "close-first"]  # fmt: skip
MODES = ["mute-handshake", "ssh-banner", *REFUSALS, *BEHIND_101, *SERVING,
         *(f"{how}:{moment}" for how, moments in MOMENTS.items() for moment in moments),
         *(f"fault:{name}" for name in wire.FRAME_FAULTS)]  # fmt: skip


class BrokenPeerCounts(peer_contract.Counts):
    def __init__(self):
        super().__init__()
        self.accepted = 0
        #: Of received close frames, by code.
        self.close_codes: dict[str, int] = {}


class BrokenPeer:
    def __init__(self, mode: str):
        self.mode, self.counts = mode, BrokenPeerCounts()

    async def on_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.counts.accepted += 1
        connection = PeerConnection(reader, writer, drip=self.mode == "drip")
        upgraded = False
        try:
            await self._end_at("accept", connection)
            await self._open(connection)
            upgraded = True
            self.counts.connections += 1
            await self._serve(connection)
        except Gone:
            pass
        finally:
            if upgraded:
                self.counts.closed(clean=connection.close_received and connection.close_sent)
            connection.close()

    async def _end_at(self, moment: str, connection: PeerConnection) -> None:
        """Ends the connection here, if the mode says so."""
        if self.mode == f"rst:{moment}":
            connection.reset()
        elif self.mode == f"fin:{moment}":
            connection.half_close()
            await connection.read_until_gone()

    async def _open(self, connection: PeerConnection) -> None:
        if self.mode == "ssh-banner":
            await connection.send(b"SSH-2.0-OpenSSH_9.2p1\r\n")
            await connection.read_until_gone()
        head = await connection.read_head()
        if self.mode == "mute-handshake":
            await connection.read_until_gone()
        await self._end_at("handshake", connection)
        if self.mode in REFUSALS:
            await connection.send(REFUSALS[self.mode](head))
            if self.mode in ("not-found", "bad-request-long-body", "not-websocket"):
                connection.half_close()
            await connection.read_until_gone()
        await connection.send(wire.switching_protocols(head) + BEHIND_101.get(self.mode, b""))

    async def _serve(self, connection: PeerConnection) -> None:
        if self.mode == "mute-pong":
            await connection.read_until_gone()
        elif self.mode == "slow-read":
            await connection.stop_reading()
        elif self.mode == "pushes":
            await connection.send(wire.frame(wire.TEXT, b"push on arrival"))
        elif self.mode == "rst:idle":
            await asyncio.sleep(IDLE_S)
            connection.reset()
        message, opcode_of_message = b"", wire.TEXT
        while True:
            opcode, fin, payload = await connection.read_frame()
            if opcode == wire.PING:
                await connection.send(wire.frame(wire.PONG, payload))
            elif opcode == wire.CLOSE:
                await self._on_close(connection, payload)
                return
            elif opcode in (wire.TEXT, wire.BINARY, wire.CONTINUATION):
                if opcode != wire.CONTINUATION:
                    message, opcode_of_message = b"", opcode
                message += payload
                if fin:
                    self.counts.messages += 1
                    await self._on_message(connection, opcode_of_message, message)

    async def _on_message(self, connection: PeerConnection, opcode: int, message: bytes) -> None:
        await self._end_at("message", connection)
        reply = wire.frame(opcode, message)
        if self.mode == "mute-message":
            return
        if self.mode == "announce-1gb":
            reply = bytes([0x80 | opcode, 127]) + ANNOUNCED_BYTES.to_bytes(8, "big") + b"the first bytes of it"
        elif self.mode == "huge-message":
            reply = wire.frame(opcode, b"x" * HUGE_BYTES)
        elif self.mode == "many-fragments":
            reply = many_fragments(opcode, message)
        elif self.mode == "pushes":
            push = wire.frame(wire.TEXT, b"push")
            reply = push + reply + push
        elif self.mode.startswith("fault:"):
            reply = wire.FRAME_FAULTS[self.mode.removeprefix("fault:")]
        await connection.send(reply)
        if self.mode == "close-first":
            await connection.send_close(1001)

    async def _on_close(self, connection: PeerConnection, payload: bytes) -> None:
        code = str(int.from_bytes(payload[:2], "big")) if len(payload) >= 2 else "none"
        self.counts.close_codes[code] = self.counts.close_codes.get(code, 0) + 1
        await self._end_at("close", connection)
        if self.mode == "mute-close":
            await connection.read_until_gone()
        if self.mode == "pushes":
            await connection.send(wire.frame(wire.TEXT, b"push on departure"))
        if not connection.close_sent:
            await connection.send(wire.frame(wire.CLOSE, payload))
            connection.close_sent = True


def many_fragments(opcode: int, message: bytes) -> bytes:
    """The message in FRAGMENTS frames, most of them empty, with a PING in between now and then."""
    frames = []
    for i in range(FRAGMENTS):
        frames.append(wire.frame(opcode if i == 0 else wire.CONTINUATION, message[i : i + 1], fin=False))
        if i % 100 == 50:
            frames.append(wire.frame(wire.PING, b"between"))
    frames.append(wire.frame(wire.CONTINUATION, message[FRAGMENTS:]))
    return b"".join(frames)


async def main() -> None:
    parser = peer_contract.parser(__doc__)
    parser.add_argument("--mode", choices=MODES, metavar="MODE", default="echo", help="one of --list-modes")
    parser.add_argument("--list-modes", action="store_true", help="print every mode and end")
    options = parser.parse_args()
    if options.list_modes:
        print("\n".join(MODES))
        return
    peer_contract.raise_descriptor_limit()
    peer = BrokenPeer(options.mode)
    server = await asyncio.start_server(peer.on_connection, options.host, options.port, backlog=4096)
    peer_contract.announce(server.sockets[0].getsockname()[1])
    await peer_contract.until_told_to_end(options.max_seconds)
    peer_contract.end(peer.counts)


if __name__ == "__main__":
    asyncio.run(main())
