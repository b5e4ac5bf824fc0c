"""An OpenIM gateway: its connections' handshakes and the users that are online."""

import base64
import binascii
import re
import sys
from pathlib import Path
from typing import NamedTuple

import http_exchange
import openim_wire as wire
import protobuf_bodies as bodies
from http_exchange import HTTPConnection, HTTPRequest
from openim_accounts import IOS, Accounts, OpenIMError
from openim_messages import Messages
from openim_record import Record
from openim_session import Session

sys.path.append(str(Path(__file__).parent.parent))
from websocket_bytes import TEXT, accept_value, frame

_TRUE = {"1", "t", "T", "TRUE", "true", "True"}


class Behaviour(NamedTuple):
    """How the deployment is configured, and what it does wrong."""

    version: str = "3.5.1"
    most_connections: int = 100_000
    read_deadline_seconds: float = 30
    #: None: never.
    freeze_after: int | None = None
    push_before_ack: bool = False
    drop_pushes: bool = False
    refuse: int = 0

    @property
    def old(self) -> bool:
        return self.version == "3.5.1"


def envelope(code: int, message: str, detail: str, data: object = None) -> bytes:
    document = {"errCode": code, "errMsg": message, "errDlt": detail}
    if data is not None:
        document["data"] = data
    return wire.go_json(document).encode("utf-8", "replace")


class Gateway:
    """The table of those online, and what reaches them: pushes, kicks, changes of who is online."""

    def __init__(self, behaviour: Behaviour, accounts: Accounts, messages: Messages, record: Record):
        self.behaviour, self.accounts, self.messages, self.record = behaviour, accounts, messages, record
        self.online: dict[str, list[Session]] = {}
        self.registered = 0
        self._subscribers: dict[str, set[Session]] = {}

    @property
    def frozen(self) -> bool:
        return self.behaviour.freeze_after is not None and self.record.handshakes > self.behaviour.freeze_after

    def register(self, session: Session) -> None:
        others = self.online.setdefault(session.user, [])
        kicked = self.accounts.kicked_by_login(session.platform, [other.platform for other in others])
        for other in [other for other in others if other.platform in kicked]:
            others.remove(other)
            self.registered -= 1
            other.kick()
            if self.accounts.policy == 4:
                self.accounts.kick_token(other.user, other.platform, other.token)
        if kicked and self.accounts.policy != 4:
            self.accounts.kick_tokens(session.user, session.platform, except_for=session.token)
        others.append(session)
        self.registered += 1
        self.record.most_online = max(self.record.most_online, self.registered)
        self._tell_subscribers(session.user)

    def unregister(self, session: Session) -> None:
        for user in session.subscriptions:
            self._subscribers.get(user, set()).discard(session)
        others = self.online.get(session.user, [])
        if self.frozen or session not in others:
            return
        others.remove(session)
        self.registered -= 1
        if not others:
            del self.online[session.user]
        self._tell_subscribers(session.user)

    def force_logout(self, user: str, platform: int) -> None:
        for session in [each for each in self.online.get(user, []) if each.platform == platform]:
            self.online[user].remove(session)
            self.registered -= 1
            self.record.forced_logouts += 1
            session.kick()
        if not self.accounts.old:
            self.accounts.kick_tokens(user, platform)
        self._tell_subscribers(user)

    def push(self, message: dict, conversation: str, operation_id: str) -> None:
        """To the receiver's connections and to all of the sender's."""
        options = message.get("options", {})
        sender, receiver = message["sendID"], message["recvID"]
        pulled = {conversation: {"Msgs": [message]}}
        notification = not options.get("isNotNotification", True)
        body = bodies.encode(bodies.PUSH_MESSAGES, {"notificationMsgs" if notification else "msgs": pulled})
        response = wire.Response(wire.PUSH, operation_id=operation_id, data=body)
        encoded: dict[wire.Codec, bytes] = {}
        targets = [(session, False) for session in self.online.get(receiver, ())]
        if sender != receiver and options.get("senderSync", True):
            targets += [(session, True) for session in self.online.get(sender, ())]
        for session, own in targets:
            if session.platform == IOS and session.background:
                continue
            if self.behaviour.drop_pushes:
                self.record.dropped_pushes += 1
                continue
            if session.codec not in encoded:
                encoded[session.codec] = session.codec.encode(response)
            if session.send_encoded(encoded[session.codec]):
                if own:
                    self.record.own_pushes += 1
                else:
                    self.record.pushes += 1

    def platforms(self, user: str) -> list[int]:
        return sorted({session.platform for session in self.online.get(user, ())})

    def subscribe(self, session: Session, request: dict) -> bytes | None:
        for user in request.get("unsubscribeUserID", ()):
            session.subscriptions.discard(user)
            self._subscribers.get(user, set()).discard(session)
        wanted = request.get("subscribeUserID", ())
        for user in wanted:
            session.subscriptions.add(user)
            self._subscribers.setdefault(user, set()).add(session)
        return self._tips(wanted) or None

    def _tips(self, users: list[str]) -> bytes:
        statuses = [{"userID": user, "onlinePlatformIDs": self.platforms(user)} for user in users]
        return bodies.encode(bodies.SUBSCRIBE_TIPS, {"subscribers": statuses})

    def _tell_subscribers(self, user: str) -> None:
        for session in list(self._subscribers.get(user, ())):
            session.send(wire.Response(wire.SUBSCRIBE, data=self._tips([user])))


class GatewayConnection(HTTPConnection):
    """One TCP connection: HTTP until the upgrade, then a session's."""

    def __init__(self, gateway: Gateway):
        super().__init__()
        self._gateway = gateway
        self._session: Session | None = None
        self._deaf = False

    def data_received(self, data: bytes) -> None:
        if self._session:
            self._session.received(data)
        elif not self._deaf:
            super().data_received(data)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, error: Exception | None) -> None:
        if self._session:
            self._session.lost()

    def pause_writing(self) -> None:
        if self._session:
            self._session.blocked()

    def resume_writing(self) -> None:
        if self._session:
            self._session.unblocked()

    # The handshake.

    def request(self, request: HTTPRequest) -> None:
        behaviour = self._gateway.behaviour
        token, platform, in_frame = request.query.get("token", ""), 0, False
        try:
            if behaviour.refuse:
                raise OpenIMError(behaviour.refuse)
            if self._gateway.registered >= behaviour.most_connections:
                raise OpenIMError(1601)
            platform = self._arguments(request)
            in_frame = not behaviour.old and request.query.get("isMsgResp", "") in _TRUE
            self._check_token(request.query["sendID"], platform, token)
        except OpenIMError as error:
            self._refuse(request, error, in_frame=in_frame and 1501 <= error.code <= 1507 and error.detail != "mismatch")
            return
        if self._is_upgrade(request):
            self._accept(request, platform, in_frame)

    def _arguments(self, request: HTTPRequest) -> int:
        query = request.query
        platform = query.get("platformID", "")
        if not query.get("token") or not query.get("sendID") or not re.fullmatch("[+-]?[0-9]{1,18}", platform):
            raise OpenIMError(1602)
        if not self._gateway.behaviour.old and query.get("sdkType", "") not in ("", "go", "js"):
            raise OpenIMError(1602)
        return int(platform)

    def _check_token(self, user: str, platform: int, token: str) -> None:
        accounts = self._gateway.accounts
        named = accounts.jwt.read(token) if accounts.old else accounts.check(token)
        if named[:2] != (user, platform):
            raise OpenIMError(1502, "mismatch")
        if accounts.old:
            accounts.check(token)

    def _refuse(self, request: HTTPRequest, error: OpenIMError, *, in_frame: bool) -> None:
        record, old = self._gateway.record, self._gateway.behaviour.old
        record.refused[error.code] += 1
        if error.code in (1601, 1602):
            detail = f"{error.code} {error.name}" if old else ""
        else:
            detail = f": {error.code} {error.name}" if old else error.name
        body = envelope(error.code, error.name, detail)
        if in_frame and self._is_upgrade(request):
            self.respond(self._switching_protocols(request) + frame(TEXT, body), close=True)
        elif not in_frame:
            self.respond(http_exchange.response(200, [("Content-Type", http_exchange.JSON_TYPE)], body))

    def _is_upgrade(self, request: HTTPRequest) -> bool:
        """Answers what is no WebSocket handshake, as the server's library does."""
        key = request.headers.get("sec-websocket-key", "")
        problem, status = "", 400
        if not request.mentions("connection", "upgrade"):
            problem = "the client is not using the websocket protocol: 'upgrade' token not found in 'Connection' header"
        elif not request.mentions("upgrade", "websocket"):
            problem = "the client is not using the websocket protocol: 'websocket' token not found in 'Upgrade' header"
        elif request.method != "GET":
            problem, status = "the client is not using the websocket protocol: request method is not GET", 405
        elif not request.mentions("sec-websocket-version", "13"):
            problem = "unsupported version: 13 not found in 'Sec-Websocket-Version' header"
        elif not key or not (self._gateway.behaviour.old or _is_key(key)):
            problem = "not a websocket handshake: 'Sec-WebSocket-Key' header must be Base64 encoded value of 16-byte in length"
        if not problem:
            return True
        self._gateway.record.handshake_errors[status] += 1
        body = f"{http_exchange.REASONS[status]}\n".encode()
        if self._gateway.behaviour.old:
            body += envelope(500, f"websocket: {problem}", "")
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Sec-Websocket-Version", "13"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        self.respond(http_exchange.response(status, headers, body))
        return False

    @staticmethod
    def _switching_protocols(request: HTTPRequest) -> bytes:
        accept = accept_value(request.headers["sec-websocket-key"])
        return (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n"
        ).encode()

    def _accept(self, request: HTTPRequest, platform: int, first_response: bool) -> None:
        gateway, query = self._gateway, request.query
        if self.buffer:
            # The server's library (gorilla/websocket) takes no frame from before the 101.
            gateway.record.server_ended["hasty"] += 1
            self.transport.close()
            return
        gateway.record.handshakes += 1
        answer = self._switching_protocols(request)
        if first_response:
            answer += frame(TEXT, envelope(0, "", ""))
        self.transport.write(answer)
        if gateway.frozen:
            gateway.record.frozen += 1
            self._deaf = True
            self.transport.pause_reading()
            return
        packed = (query.get("compression") or request.headers.get("compression")) == "gzip"
        in_json = not gateway.behaviour.old and query.get("sdkType") == "js"
        codec = wire.Codec(in_json, packed, 65 if gateway.behaviour.old else 64)
        self._session = Session(gateway, self.transport, query["sendID"], platform, query["token"], codec)
        gateway.register(self._session)


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == 16
    except (binascii.Error, ValueError):
        return False
