"""One connection after the upgrade: frames in, frames out, requests answered one at a time, ended as OpenIM ends it."""

from __future__ import annotations

import asyncio
import json
import struct
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import openim_wire as wire
import protobuf_bodies as bodies
from openim_accounts import WEB, OpenIMError

sys.path.append(str(Path(__file__).parent.parent))
from websocket_bytes import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, close_frame, frame

if TYPE_CHECKING:
    from openim_gateway import Gateway

LARGEST_MESSAGE = 51_200
_WRITE_DEADLINE_SECONDS = 10
_PUSHED_WITHIN_MS = 10_000
#: These check the operation ID in the gateway itself.
_CHECKING_OPERATION = {wire.PULL_BY_RANGE, wire.PULL_BY_SEQS, wire.READ_AND_MAX_SEQ, wire.BACKGROUND}
_OLD_REQUESTS = {wire.NEWEST_SEQ, wire.PULL_BY_RANGE, wire.SEND, wire.SIGNAL, wire.LOGOUT, wire.BACKGROUND}
_REQUESTS = _OLD_REQUESTS | {wire.PULL_BY_SEQS, wire.READ_AND_MAX_SEQ, wire.LAST_MESSAGE, wire.SUBSCRIBE}


class _Fatal(Exception):
    """The server closes TCP without a word; the argument says why, for the record."""


class _Violation(Exception):
    """(close code, reason): told in a CLOSE frame, then TCP is closed."""


class Session:
    def __init__(
        self, gateway: Gateway, transport: asyncio.Transport, user: str, platform: int, token: str, codec: wire.Codec
    ):
        self._gateway, self._transport = gateway, transport
        self.user, self.platform, self.token, self.codec = user, platform, token, codec
        self.background = False
        self.subscriptions: set[str] = set()
        self._known = _OLD_REQUESTS if gateway.behaviour.old else _REQUESTS
        self._buffer = bytearray()
        self._fragments, self._opcode = bytearray(), 0
        self._ended = False
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.time() + gateway.behaviour.read_deadline_seconds
        self._timer = self._loop.call_at(self._deadline, self._check_deadline)
        self._write_timer: asyncio.TimerHandle | None = None
        self._ping_timer: asyncio.TimerHandle | None = None
        if platform == WEB and not gateway.behaviour.old:
            self._schedule_ping()

    # Time.

    def _extend(self) -> None:
        self._deadline = self._loop.time() + self._gateway.behaviour.read_deadline_seconds

    def _check_deadline(self) -> None:
        if self._ended:
            return
        if self._loop.time() >= self._deadline:
            self._end("read_deadline")
        else:
            self._timer = self._loop.call_at(self._deadline, self._check_deadline)

    def _schedule_ping(self) -> None:
        self._ping_timer = self._loop.call_later(0.9 * self._gateway.behaviour.read_deadline_seconds, self._ping)

    def _ping(self) -> None:
        self._gateway.record.server_pings += 1
        self._transport.write(frame(PING))
        self._schedule_ping()

    def blocked(self) -> None:
        if not self._write_timer:
            self._write_timer = self._loop.call_later(_WRITE_DEADLINE_SECONDS, self._transport.abort)

    def unblocked(self) -> None:
        if self._write_timer and not self._ended:
            self._write_timer.cancel()
            self._write_timer = None

    # Endings.

    def _end(self, why: str) -> None:
        """Closes TCP, no CLOSE frame; what is written already still goes out, within the write deadline."""
        if self._ended:
            return
        self._ended = True
        self._gateway.record.server_ended[why] += 1
        self._transport.close()
        self.blocked()
        self._gateway.unregister(self)

    def kick(self) -> None:
        if self._ended:
            return
        self._gateway.record.kicks += 1
        self._transport.write(frame(BINARY, self.codec.encode(wire.Response(wire.KICK))))
        self._end("kicked")

    def lost(self) -> None:
        """TCP is closed, by whichever side."""
        for timer in (self._timer, self._write_timer, self._ping_timer):
            if timer:
                timer.cancel()
        if not self._ended:
            self._ended = True
            self._gateway.record.client_ended += 1
            self._gateway.unregister(self)

    # Frames out.

    def send_encoded(self, data: bytes) -> bool:
        if self._ended or self._transport.is_closing():
            return False
        self._transport.write(frame(BINARY, data))
        return True

    def send(self, response: wire.Response) -> None:
        self.send_encoded(self.codec.encode(response))

    # Frames in.

    def received(self, data: bytes) -> None:
        self._buffer += data
        try:
            while not self._ended and self._take_frame():
                pass
        except _Fatal as fatal:
            self._end(str(fatal))
        except _Violation as violation:
            code, reason = violation.args
            self._transport.write(close_frame(code, reason.encode()))
            self._end(str(code))

    def _take_frame(self) -> bool:
        buffer = self._buffer
        if len(buffer) < 2:
            return False
        opcode, final, size, start = buffer[0] & 0x0F, bool(buffer[0] & 0x80), buffer[1] & 0x7F, 2
        if buffer[0] & 0x70:
            raise _Violation(1002, "unexpected reserved bits")
        if opcode not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
            raise _Violation(1002, f"bad opcode {opcode}")
        if not buffer[1] & 0x80:
            raise _Violation(1002, "bad MASK")
        if opcode >= CLOSE and (size > 125 or not final):
            raise _Violation(1002, "bad control frame")
        if opcode < CLOSE and (opcode == CONTINUATION) != bool(self._opcode):
            raise _Violation(1002, "continuation of nothing, or a message within a message")
        if size >= 126:
            wide = 2 if size == 126 else 8
            if len(buffer) < 2 + wide:
                return False
            size, start = int.from_bytes(buffer[2 : 2 + wide], "big"), 2 + wide
        if opcode < CLOSE and len(self._fragments) + size > LARGEST_MESSAGE:
            raise _Violation(1009, "")
        end = start + 4 + size
        if len(buffer) < end:
            return False
        payload = _unmasked(buffer[start + 4 : end], bytes(buffer[start : start + 4]))
        del buffer[:end]
        if opcode >= CLOSE:
            self._control(opcode, payload)
            return True
        self._opcode = self._opcode or opcode
        self._fragments += payload
        if final:
            opcode, message = self._opcode, bytes(self._fragments)
            self._opcode = 0
            self._fragments.clear()
            self._message(opcode, message)
        return True

    def _control(self, opcode: int, payload: bytes) -> None:
        record, old = self._gateway.record, self._gateway.behaviour.old
        if opcode == PING:
            record.pings += 1
            self._extend()
            self._transport.write(frame(PONG, b"" if old else payload))
        elif opcode == PONG:
            record.pongs += 1
            if not old:
                self._extend()
        else:
            record.closes_received += 1
            if len(payload) == 1:
                raise _Violation(1002, "invalid close payload")
            code = struct.unpack("!H", payload[:2])[0] if payload else None
            if code is not None and (not (1000 <= code < 5000) or code in (1004, 1005, 1006, 1015)):
                raise _Violation(1002, "bad close code")
            self._transport.write(close_frame(code))
            self._end("closed_by_client")

    def _message(self, opcode: int, message: bytes) -> None:
        if opcode == BINARY:
            self._extend()
            try:
                request = self.codec.decode(message, wire.Request)
            except wire.WireError:
                raise _Fatal("undecodable") from None
            self._request(request)
        elif self._gateway.behaviour.old:
            raise _Fatal("text")
        else:
            self._extend()
            self._text(message)

    def _text(self, message: bytes) -> None:
        try:
            document = json.loads(message)
            kind = document["type"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise _Fatal("text") from None
        if kind == "ping":
            self._gateway.record.text_pings += 1
            answer = {"type": "pong", "body": document.get("body")}
            self._transport.write(frame(TEXT, wire.go_json(answer).encode("utf-8", "replace")))
        elif kind != "pong":
            raise _Fatal("text")

    # Requests.

    def _request(self, request: wire.Request) -> None:
        self._gateway.record.requests[request.identifier] += 1
        if request.send_id != self.user:
            raise _Fatal("send_id")
        if request.identifier not in self._known:
            raise _Fatal("unknown_identifier")
        if request.identifier == wire.SEND:
            self._gateway.record.messages += 1
        try:
            self._check_operation(request)
            if request.identifier == wire.SEND:
                self._send_message(request)
                return
            data = self._perform(request)
        except OpenIMError as error:
            self._fail(request, error.code, error.name)
            return
        except bodies.ProtobufError as error:
            self._fail(request, 500, f"proto: {error}")
            return
        self.send(wire.Response(request.identifier, request.increment, request.operation_id, 0, "", data))
        if request.identifier == wire.LOGOUT:
            self._gateway.record.logouts += 1
            self._end("logout")

    def _fail(self, request: wire.Request, code: int, text: str) -> None:
        self._gateway.record.errors += 1
        self.send(wire.Response(request.identifier, request.increment, request.operation_id, code, text))

    def _check_operation(self, request: wire.Request) -> None:
        if request.operation_id:
            return
        if request.identifier in _CHECKING_OPERATION:
            raise OpenIMError(500, name="operationID is empty")
        if self._gateway.behaviour.old:
            raise OpenIMError(3, name="operationID error")

    def _perform(self, request: wire.Request) -> bytes | None:
        if request.identifier == wire.SIGNAL:
            raise OpenIMError(1001)
        if request.identifier == wire.LOGOUT:
            bodies.decode(bodies.LOGOUT_REQ, request.data or b"")
            return None
        if request.identifier == wire.BACKGROUND:
            body = bodies.decode(bodies.BACKGROUND_REQ, request.data or b"")
            self.background = bool(body.get("isBackground", False))
            return None
        if request.identifier == wire.SUBSCRIBE:
            return self._gateway.subscribe(self, bodies.decode(bodies.SUBSCRIBE_REQ, request.data or b""))
        return self._gateway.messages.perform(self.user, request)

    def _send_message(self, request: wire.Request) -> None:
        gateway = self._gateway
        message, conversation = gateway.messages.send(bodies.decode(bodies.MSG_DATA, request.data or b""))
        answer = bodies.encode(bodies.SEND_MSG_RESP, message)
        response = wire.Response(wire.SEND, request.increment, request.operation_id, 0, "", answer)
        gateway.record.acks += 1
        if not gateway.behaviour.push_before_ack:
            self.send(response)
        if not gateway.behaviour.old or time.time_ns() // 1_000_000 - message["sendTime"] <= _PUSHED_WITHIN_MS:
            gateway.push(message, conversation, request.operation_id)
        if gateway.behaviour.push_before_ack:
            self.send(response)


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    if not size:
        return b""
    repeated = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")
