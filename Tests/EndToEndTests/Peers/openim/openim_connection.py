"""A raw WebSocket connection to an OpenIM gateway, blocking: a check sees each frame, each byte of a refusal, and how TCP ended.

Every wait has a deadline.
"""

import itertools
import json
import os
import socket
import struct
import sys
import time
from pathlib import Path
from typing import NamedTuple, Self

import openim_wire as wire
import protobuf_bodies as bodies

sys.path.append(str(Path(__file__).parent.parent))
from websocket_bytes import BINARY, CLOSE, PING, PONG, TEXT, accept_value, frame

#: The key of RFC 6455 §1.3, for which the recorded answers hold.
SAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ=="
DEADLINE_SECONDS = 10.0
ENDED, RESET = "TCP ended", "TCP reset"


class Failed(Exception):
    """A check's expectation does not hold."""


def equal(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise Failed(f"{what}: {_short(found)} instead of {_short(wanted)}")


def holds(what: str, condition: object) -> None:
    if not condition:
        raise Failed(what)


def _short(value: object) -> str:
    text = value.hex() if isinstance(value, bytes) else repr(value)
    return text if len(text) < 400 else text[:400] + "…"


class HTTPAnswer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> dict:
        try:
            found = json.loads(self.body)
        except ValueError:
            raise Failed(f"no JSON: {self.status} {self.body[:200]!r}") from None
        holds(f"no object: {found!r}", isinstance(found, dict))
        return found

    @property
    def code(self) -> int:
        return self.document.get("errCode", -1)


class Connection:
    """One TCP connection to a gateway: the handshake's answer, then frames."""

    def __init__(self, address: tuple[str, int], codec: wire.Codec, user: str = ""):
        self.socket = socket.create_connection(address, DEADLINE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.codec, self.user = codec, user
        #: Pushes that came while something else was waited for.
        self.pushes: list[wire.Response] = []
        self._buffer = b""
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    # Bytes.

    def _more(self, deadline: float) -> bool:
        """Reads what is there; false at the end."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise Failed("nothing came in time")
        self.socket.settimeout(left)
        try:
            data = self.socket.recv(1 << 16)
        except TimeoutError:
            raise Failed("nothing came in time") from None
        self._buffer += data
        return bool(data)

    def handshake(
        self, target: str, headers: dict[str, str] | None = None, *, method: str = "GET", version: str = "13"
    ) -> HTTPAnswer:
        """Sends an upgrade and reads the answer. A header set to '' is left out."""
        sent = {
            "Host": "127.0.0.1",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": SAMPLE_KEY,
            "Sec-WebSocket-Version": version,
        } | (headers or {})
        lines = [f"{method} {target} HTTP/1.1"] + [f"{name}: {value}" for name, value in sent.items() if value]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        deadline = time.monotonic() + DEADLINE_SECONDS
        while b"\r\n\r\n" not in self._buffer:
            holds(f"TCP ended within the answer's head: {self._buffer[:200]!r}", self._more(deadline))
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        status_line, *lines = head.decode("latin-1").split("\r\n")
        found = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(status_line.split(" ")[1])
        if status == 101:
            equal("Sec-WebSocket-Accept", found.get("sec-websocket-accept"), accept_value(sent["Sec-WebSocket-Key"]))
            return HTTPAnswer(status, found, b"")
        holds("a refusal without Content-Length", "content-length" in found)
        size = int(found["content-length"])
        while len(self._buffer) < size:
            holds("TCP ended within the answer's body", self._more(deadline))
        body, self._buffer = self._buffer[:size], self._buffer[size:]
        return HTTPAnswer(status, found, body)

    def send_frame(self, opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, masked: bool = True):
        self.socket.sendall(frame(opcode, payload, fin=fin, rsv=rsv, mask=os.urandom(4) if masked else None))

    def next(self, seconds: float = DEADLINE_SECONDS) -> tuple[int, bytes] | str:
        """(opcode, payload) of the next frame, or how TCP ended. Server PINGs are answered and returned."""
        deadline = time.monotonic() + seconds
        try:
            while (taken := self._take_frame()) is None:
                if not self._more(deadline):
                    holds(f"TCP ended within a frame: {self._buffer[:50]!r}", not self._buffer)
                    return ENDED
        except ConnectionResetError:
            return RESET
        return taken

    def _take_frame(self) -> tuple[int, bytes] | None:
        data = self._buffer
        if len(data) < 2:
            return None
        holds(f"a server's frame is final, unmasked and without reserved bits: {data[:2].hex()}", data[0] & 0xF0 == 0x80)
        size, start = data[1], 2
        holds("a server's frame is not masked", size < 128)
        if size >= 126:
            start = 4 if size == 126 else 10
            if len(data) < start:
                return None
            size = int.from_bytes(data[2:start], "big")
        if len(data) < start + size:
            return None
        self._buffer = data[start + size :]
        return data[0] & 0x0F, data[start : start + size]

    # OpenIM.

    def send_request(self, identifier: int, data: bytes = b"", **fields: str) -> str:
        """Sends a request and returns its msgIncr."""
        increment = fields.pop("increment", f"{self.user}_{next(self._numbers)}")
        request = wire.Request(
            identifier,
            fields.pop("token", ""),
            fields.pop("send_id", self.user),
            fields.pop("operation_id", f"op-{increment}"),
            increment,
            data or None,
        )
        self.send_frame(BINARY, self.codec.encode(request))
        return increment

    def response(self) -> wire.Response:
        """The next binary frame's."""
        while True:
            found = self.next()
            holds(f"{found} instead of a frame", not isinstance(found, str))
            opcode, payload = found
            if opcode == PING:
                self.send_frame(PONG, payload)
                continue
            equal("opcode", opcode, BINARY)
            try:
                return self.codec.decode(payload, wire.Response)
            except wire.WireError as error:
                raise Failed(f"{error}: {payload[:100].hex()}") from None

    def answer(self, increment: str) -> wire.Response:
        """The response to that request; pushes that come before are kept."""
        while (found := self.response()).identifier in (wire.PUSH, wire.SUBSCRIBE) and not found.increment:
            self.pushes.append(found)
        equal("msgIncr", found.increment, increment)
        return found

    def ask(self, identifier: int, body: dict | bytes | None = None, **fields: str) -> wire.Response:
        data = body or b""
        if isinstance(body, dict):
            data = bodies.encode(bodies.BODIES[identifier][0], body)
        found = self.answer(self.send_request(identifier, data, **fields))
        equal("reqIdentifier", found.identifier, identifier)
        if "operation_id" in fields:
            equal("operationID", found.operation_id, fields["operation_id"])
        return found

    def ask_well(self, identifier: int, body: dict | bytes | None = None, **fields: str) -> dict:
        """The same where success is expected: the response's body."""
        found = self.ask(identifier, body, **fields)
        equal(f"errCode of {identifier} ({found.error_message})", found.error_code, 0)
        body_type = bodies.BODIES[identifier][1]
        return bodies.decode(body_type, found.data or b"") if body_type else {}

    def alive(self) -> None:
        """The connection still answers requests."""
        self.ask_well(wire.NEWEST_SEQ, {"userID": self.user})

    def push(self) -> tuple[str, dict, wire.Response]:
        """The next push: its conversation, its one message, and its frame."""
        found = self.pushes.pop(0) if self.pushes else self.response()
        equal("reqIdentifier", found.identifier, wire.PUSH)
        equal("errCode of a push", found.error_code, 0)
        pushed = bodies.decode(bodies.PUSH_MESSAGES, found.data or b"")
        conversations = list((pushed.get("msgs") or pushed.get("notificationMsgs") or {}).items())
        equal("conversations in a push", len(conversations), 1)
        name, pulled = conversations[0]
        equal("messages in a push", len(pulled.get("Msgs", ())), 1)
        return name, pulled["Msgs"][0], found

    def expect_end(self) -> None:
        """TCP ends, and nothing comes before it: no CLOSE frame above all."""
        found = self.next()
        if not isinstance(found, str):
            raise Failed(f"frame {found[0]} {found[1][:100].hex()} where TCP should end")

    def expect_close(self, code: int, reason: bytes | None = None) -> None:
        """A CLOSE frame with that code, then the end of TCP."""
        found = self.next()
        holds(f"{found} instead of a CLOSE frame", not isinstance(found, str))
        equal("opcode", found[0], CLOSE)
        equal("close code", struct.unpack("!H", found[1][:2])[0] if found[1] else None, code)
        if reason is not None:
            equal("close reason", found[1][2:], reason)
        self.expect_end()

    def expect_text(self, wanted: str) -> None:
        found = self.next()
        equal("frame", found, (TEXT, wanted.encode()))
