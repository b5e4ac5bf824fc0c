"""What the checks of openim_client.py stand on: the REST API, logins, and accounts made as needed."""

import http.client
import itertools
import json
import os
import time
from urllib.parse import quote, urlsplit

import openim_wire as wire
from openim_accounts import Tokens
from openim_connection import DEADLINE_SECONDS, Connection, Failed, HTTPAnswer, equal, holds

ANDROID, IOS, WINDOWS, WEB, LINUX = 2, 1, 3, 5, 7


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
            if any(each.get("token", token) == token for each in self.sessions(user)) and self._is_known(user):
                return
            time.sleep(0.02)
        raise Failed(f"{user} on {platform} is not seen online by the API")

    def _is_known(self, user: str) -> bool:
        """3.8 pushes only to users whose login its push service has heard of; the gateways' own tables are ahead of it."""
        if self.old:
            return True
        found = self.call_well("/user/get_users_status", {"userID": user, "userIDs": [user]}, token=self.admin())
        return any(each["userID"] == user and each["status"] == 1 for each in found["statusList"])

    def wait_offline(self, user: str) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            if not self.sessions(user):
                return
            time.sleep(0.02)
        raise Failed(f"{user} is still seen online by the API")

    def close(self) -> None:
        self.close_all()
        if self._api:
            self._api.close()

    def close_all(self) -> None:
        """The connections to the gateway."""
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
