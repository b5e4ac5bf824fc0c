"""OpenIM's REST API: registration, tokens, who is online, forced logouts, messages by an administrator."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable
from typing import NamedTuple

import http_exchange
import protobuf_bodies as bodies
from http_exchange import HTTPConnection, HTTPRequest
from openim_accounts import ADMIN, PLATFORMS, OpenIMError
from openim_gateway import Gateway, envelope


class APIBehaviour(NamedTuple):
    delay_seconds: float = 0
    fail_register_times: int = 0


#: Called without a token header.
_OPEN = {
    "3.5.1": {"/user/user_register", "/auth/user_token", "/auth/parse_token"},
    "3.8.3": {"/auth/get_admin_token", "/auth/parse_token"},
}
#: Those of 3.8 that answer a body that is no JSON with 400; in 3.5 all do.
_STRICT = {"/msg/send_msg", "/user/get_users_online_status"}


def _text(body: dict, key: str) -> str:
    value = body.get(key, "")
    if not isinstance(value, str):
        raise OpenIMError(1001, f"{key} is no string")
    return value


def _number(body: dict, key: str) -> int:
    value = body.get(key, 0)
    if type(value) is not int:
        raise OpenIMError(1001, f"{key} is no number")
    return value


def _list(body: dict, key: str) -> list:
    value = body.get(key)
    if value is None:
        value = []
    if not isinstance(value, list):
        raise OpenIMError(1001, f"{key} is no list")
    return value


def _texts(body: dict, key: str) -> list[str]:
    values = _list(body, key)
    if any(not isinstance(value, str) for value in values):
        raise OpenIMError(1001, f"{key} is no list of strings")
    return values


class API:
    def __init__(self, gateway: Gateway, behaviour: APIBehaviour):
        self._gateway, self._accounts, self._record = gateway, gateway.accounts, gateway.record
        self.behaviour = behaviour
        self._failures_left = behaviour.fail_register_times
        shared: dict[str, Callable[[dict, str], object]] = {
            "/user/user_register": self._register,
            "/auth/parse_token": self._parse_token,
            "/auth/force_logout": self._force_logout,
            "/user/account_check": self._account_check,
            "/user/get_users_online_status": self._online_status,
            "/user/get_users_status": self._users_status,
            "/msg/send_msg": self._send_message,
            "/msg/newest_seq": self._newest_seq,
        }
        own = (
            {"/auth/user_token": self._old_token}
            if self._accounts.old
            else {"/auth/get_admin_token": self._admin_token, "/auth/get_user_token": self._user_token}
        )
        self._routes = shared | own

    def answer(self, request: HTTPRequest) -> bytes:
        call = self._routes.get(request.path) if request.method == "POST" else None
        if call is None:
            return http_exchange.response(404, [("Content-Type", "text/plain")], b"404 page not found")
        self._record.api_calls[request.path] += 1
        if request.path == "/user/user_register" and self._failures_left > 0:
            self._failures_left -= 1
            return http_exchange.response(500, [("Content-Type", "text/plain")], b"Internal Server Error")
        status = 200
        try:
            user = self._caller(request)
            try:
                body = json.loads(request.body)
                if not isinstance(body, dict):
                    raise ValueError("no object")
            except (ValueError, RecursionError) as error:
                if self._accounts.old or request.path in _STRICT:
                    status = 400
                raise OpenIMError(1001, str(error)) from None
            answer = envelope(0, "", "", call(body, user))
        except OpenIMError as error:
            self._record.api_errors[error.code] += 1
            answer = envelope(error.code, error.name, error.detail or error.name)
        return http_exchange.response(status, [("Content-Type", http_exchange.JSON_TYPE)], answer)

    def _caller(self, request: HTTPRequest) -> str:
        """The user whose token the request has; empty where it needs none."""
        if not request.headers.get("operationid"):
            raise OpenIMError(1001, "header must have operationID")
        if request.path in _OPEN[self._gateway.behaviour.version]:
            return ""
        token = request.headers.get("token", "")
        if not token:
            raise OpenIMError(1001, "header must have token")
        try:
            return self._accounts.check(token)[0]
        except OpenIMError as error:
            # 3.5 reads the JWT with one code for all its faults; the record behind it has its own.
            if self._accounts.old and error.code <= 1505:
                raise OpenIMError(1505) from None
            raise

    def _as_admin(self, user: str) -> None:
        if user not in self._accounts.admins:
            raise OpenIMError(1002, "not an administrator")

    def _with_secret(self, body: dict) -> None:
        if _text(body, "secret") != self._accounts.secret:
            raise OpenIMError(1002, "secret invalid")

    # Registration and tokens.

    def _register(self, body: dict, user: str) -> None:
        if self._accounts.old:
            self._with_secret(body)
        else:
            self._as_admin(user)
        users = _list(body, "users")
        self._accounts.register(users)
        self._record.users_registered += len(users)

    def _made(self, token: str) -> dict:
        self._record.tokens_made += 1
        return {"token": token, "expireTimeSeconds": 90 * 24 * 3600}

    def _old_token(self, body: dict, _user: str) -> dict:
        self._with_secret(body)
        return self._made(self._accounts.token(_text(body, "userID"), _number(body, "platformID")))

    def _admin_token(self, body: dict, _user: str) -> dict:
        self._with_secret(body)
        wanted = _text(body, "userID")
        if wanted not in self._accounts.admins:
            raise OpenIMError(1001, "userID is no administrator")
        return self._made(self._accounts.admin_token(wanted))

    def _user_token(self, body: dict, user: str) -> dict:
        self._as_admin(user)
        wanted, platform = _text(body, "userID"), _number(body, "platformID")
        if platform == ADMIN or wanted in self._accounts.admins:
            raise OpenIMError(1002, "no tokens of administrators here")
        return self._made(self._accounts.token(wanted, platform))

    def _parse_token(self, body: dict, _user: str) -> dict:
        user, platform, expiry = self._accounts.check(_text(body, "token"))
        named = {"platform": PLATFORMS[platform]} if self._accounts.old else {"platformID": platform}
        return {"userID": user, **named, "expireTimeSeconds": max(0, expiry - int(time.time()))}

    def _force_logout(self, body: dict, user: str) -> None:
        self._as_admin(user)
        platform = _number(body, "platformID")
        if platform not in PLATFORMS:
            raise OpenIMError(1001, "platformID is invalid")
        self._gateway.force_logout(_text(body, "userID"), platform)

    # Who is there.

    def _account_check(self, body: dict, user: str) -> dict:
        self._as_admin(user)
        wanted = _texts(body, "checkUserIDs")
        if len(set(wanted)) != len(wanted):
            raise OpenIMError(1001, "userID repeated")
        words = ("unregistered", "registered") if self._accounts.old else (0, 1)
        known = self._accounts.users
        return {"results": [{"userID": each, "accountStatus": words[each in known]} for each in wanted]}

    def _online_status(self, body: dict, user: str) -> list[dict]:
        self._as_admin(user)
        words, answer = ("offline", "online") if self._accounts.old else (0, 1), []
        for wanted in _texts(body, "userIDs"):
            details = []
            for session in self._gateway.online.get(wanted, ()):
                if self._accounts.old:
                    detail: dict = {"platform": PLATFORMS[session.platform], "status": "online"}
                else:
                    detail = {"platformID": session.platform}
                detail |= {"connID": f"{id(session):x}", "isBackground": session.background, "token": session.token}
                details.append(detail)
            status: dict = {"userID": wanted, "status": words[bool(details)]}
            if details:
                status["detailPlatformStatus"] = details
            answer.append(status)
        return answer

    def _users_status(self, body: dict, _user: str) -> dict:
        listed = []
        for wanted in _texts(body, "userIDs"):
            platforms = self._gateway.platforms(wanted)
            listed.append({"userID": wanted, "status": int(bool(platforms)), "platformIDs": platforms})
        return {"statusList": listed}

    # Messages.

    def _send_message(self, body: dict, user: str) -> dict:
        self._as_admin(user)
        content = body.get("content")
        if not isinstance(content, dict) or not content:
            raise OpenIMError(1001, "content is no object")
        message: dict = {
            "sendID": _text(body, "sendID"),
            "recvID": _text(body, "recvID"),
            "groupID": _text(body, "groupID"),
            "clientMsgID": uuid.uuid4().hex,
            "senderPlatformID": _number(body, "senderPlatformID"),
            "senderNickname": _text(body, "senderNickname"),
            "sessionType": _number(body, "sessionType"),
            "msgFrom": 100,
            "contentType": _number(body, "contentType"),
            "content": json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"),
            "createTime": time.time_ns() // 1_000_000,
            "sendTime": _number(body, "sendTime"),
        }
        if body.get("isOnlineOnly"):
            message["options"] = dict.fromkeys(("history", "persistent", "senderSync", "conversationUpdate"), False)
        sent, conversation = self._gateway.messages.send(message)
        self._gateway.push(sent, conversation, "")
        return {name: sent[name] for name, _ in bodies.SEND_MSG_RESP.fields.values()}

    def _newest_seq(self, body: dict, user: str) -> dict:
        if _text(body, "userID") != user and user not in self._accounts.admins:
            raise OpenIMError(1002)
        maximum = self._gateway.messages.max_seqs(_text(body, "userID"))
        return {"maxSeqs": maximum, "minSeqs": {name: 0 for name in maximum}}


class APIConnection(HTTPConnection):
    def __init__(self, api: API):
        super().__init__()
        self._api = api

    def request(self, request: HTTPRequest) -> None:
        close = request.mentions("connection", "close")
        if self._api.behaviour.delay_seconds > 0:
            asyncio.get_running_loop().call_later(
                self._api.behaviour.delay_seconds, lambda: self.respond(self._api.answer(request), close=close)
            )
        else:
            self.respond(self._api.answer(request), close=close)
