"""What the checks of openim_client.py stand on: raw WebSocket connections, the REST API, and accounts made as needed.

Everything is blocking and has a deadline. Nothing is hidden: a check sees each frame, each byte of a refusal, and how TCP ended.
"""

import http.client
import itertools
import json
import os
import socket
import struct
import sys
import time
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import quote, urlsplit

import openim_wire as wire
import protobuf_bodies as bodies
from openim_accounts import Tokens

sys.path.append(str(Path(__file__).parent.parent))
from websocket_bytes import BINARY, CLOSE, PING, PONG, TEXT, accept_value, frame

#: The key of RFC 6455 §1.3, for which the recorded answers hold.
SAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ=="
DEADLINE_SECONDS = 10.0
ENDED, RESET = "TCP ended", "TCP reset"
ANDROID, IOS, WINDOWS, WEB, LINUX = 2, 1, 3, 5, 7


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


class World:
    """The deployment under test, and accounts in it whose names nothing else uses."""

    def __init__(self, gateway: str, api: str, options):
        split = urlsplit(gateway)
        self.address = (split.hostname or "127.0.0.1", split.port or 80)
        self.path = split.path or "/"
        api_split = urlsplit(api)
        self.api_address = (api_split.hostname or "127.0.0.1", api_split.port or 80)
        self.old = options.version == "3.5.1"
        self.options = options
        self.codec = wire.Codec(options.json, options.gzip, 65 if self.old else 64)
        self.tokens = Tokens(options.secret)
        self._run = f"{os.getpid():x}{time.time_ns() // 1_000_000:x}"
        self._numbers = itertools.count(1)
        self._admin = ""
        self._api: http.client.HTTPConnection | None = None
        self.connections: list[Connection] = []
        #: Recorded frames and answers, where the file is given.
        self.vectors: dict | None = None

    # REST.

    def call(self, path: str, body: object, *, headers: dict[str, str] | None = None, token: str = "") -> HTTPAnswer:
        """POST; an operationID goes along unless `headers` are given."""
        sent = {"operationID": f"check-{next(self._numbers)}"} if headers is None else dict(headers)
        if token:
            sent["token"] = token
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        for again in (True, False):
            if self._api is None:
                self._api = http.client.HTTPConnection(*self.api_address, timeout=DEADLINE_SECONDS)
            try:
                self._api.request("POST", path, data, sent | {"Content-Type": "application/json"})
                answer = self._api.getresponse()
                found = {name.lower(): value for name, value in answer.getheaders()}
                return HTTPAnswer(answer.status, found, answer.read())
            except (http.client.HTTPException, OSError) as error:
                self._api.close()
                self._api = None
                # A kept connection may have been closed by the server meanwhile; a new one is not.
                if not again:
                    raise Failed(f"REST {path}: {error!r}") from None
        raise AssertionError

    def call_well(self, path: str, body: object, *, token: str = "") -> object:
        answer = self.call(path, body, token=token)
        equal(f"status and errCode of {path} ({answer.body[:200]!r})", (answer.status, answer.code), (200, 0))
        return answer.document.get("data")

    def admin(self) -> str:
        """An administrator's token."""
        if not self._admin:
            secret = self.options.secret
            data = (
                self.call_well("/auth/user_token", {"secret": secret, "platformID": 10, "userID": "openIMAdmin"})
                if self.old
                else self.call_well("/auth/get_admin_token", {"secret": secret, "userID": "imAdmin"})
            )
            self._admin = data["token"]
        return self._admin

    def register(self, *users: str) -> HTTPAnswer:
        body: dict = {"users": [{"userID": user, "nickname": user} for user in users]}
        if self.old:
            return self.call("/user/user_register", {"secret": self.options.secret, **body})
        return self.call("/user/user_register", body, token=self.admin())

    def new_name(self) -> str:
        return f"peer_{self._run}_{next(self._numbers)}"

    def new_user(self, name: str | None = None) -> str:
        user = name or self.new_name()
        answer = self.register(user)
        holds(f"registering {user}: {answer.body[:200]!r}", answer.code == 0 or (name and answer.code == 1102))
        return user

    def token(self, user: str, platform: int = ANDROID) -> str:
        body = {"platformID": platform, "userID": user}
        if self.old:
            data = self.call_well("/auth/user_token", {"secret": self.options.secret, **body})
        else:
            data = self.call_well("/auth/get_user_token", body, token=self.admin())
        return data["token"]

    def another_token(self, user: str, platform: int, first: str) -> str:
        """One that differs from `first`: they carry whole seconds."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            token = self.token(user, platform)
            if token != first:
                return token
            time.sleep(0.2)
        raise Failed("the same token again and again")

    # The gateway.

    def target(self, user: str, platform: int | str, token: str, codec: wire.Codec | None = None, **extra: str) -> str:
        codec = codec or self.codec
        query = {
            "sendID": user,
            "token": token,
            "platformID": str(platform),
            "operationID": f"handshake-{next(self._numbers)}",
            "isBackground": "false",
        }
        if codec.gzip:
            query["compression"] = "gzip"
        if codec.json:
            query["sdkType"] = "js"
        query |= extra
        return self.path + "?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items() if value)

    def dial(self, codec: wire.Codec | None = None, user: str = "") -> Connection:
        connection = Connection(self.address, codec or self.codec, user)
        self.connections.append(connection)
        return connection

    def try_login(self, user: str, platform: int | str, token: str, **extra: str) -> HTTPAnswer:
        """Only the handshake's answer."""
        with self.dial() as connection:
            return connection.handshake(self.target(user, platform, token, **extra))

    def login(
        self,
        user: str,
        platform: int = ANDROID,
        token: str | None = None,
        codec: wire.Codec | None = None,
        **extra: str,
    ) -> Connection:
        """A connection that is online: registered, as the API sees it."""
        token = token or self.token(user, platform)
        connection = self.dial(codec, user)
        answer = connection.handshake(self.target(user, platform, token, codec, **extra))
        equal(f"handshake ({answer.body[:200]!r})", answer.status, 101)
        if not extra.get("isMsgResp"):
            connection.alive()
        self.wait_online(user, platform, token)
        if self.options.settle:
            time.sleep(self.options.settle)
        return connection

    def sessions(self, user: str) -> list[dict]:
        found = self.call_well("/user/get_users_online_status", {"userIDs": [user]}, token=self.admin())
        return [each for status in found for each in status.get("detailPlatformStatus") or [] if status["userID"] == user]

    def wait_online(self, user: str, platform: int, token: str) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            if any(each.get("token", token) == token for each in self.sessions(user)):
                return
            time.sleep(0.02)
        raise Failed(f"{user} on {platform} is not seen online by the API")

    def wait_offline(self, user: str) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            if not self.sessions(user):
                return
            time.sleep(0.02)
        raise Failed(f"{user} is still seen online by the API")

    def close_all(self) -> None:
        for connection in self.connections:
            connection.socket.close()
        self.connections.clear()


def text_message(sender: str, receiver: str, identifier: str, text: str = "hello", **fields: object) -> dict:
    """A chat message as an SDK fills it."""
    return {
        "sendID": sender,
        "recvID": receiver,
        "clientMsgID": identifier,
        "senderPlatformID": ANDROID,
        "sessionType": 1,
        "msgFrom": 100,
        "contentType": 101,
        "content": json.dumps({"content": text}, ensure_ascii=False).encode(),
        "createTime": time.time_ns() // 1_000_000,
    } | fields
