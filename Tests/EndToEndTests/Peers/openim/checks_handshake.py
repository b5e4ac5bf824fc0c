"""The opening handshake: refusals as recorded from the real gateways, tokens in every state, options of the query."""

import json
import time

from websocket_bytes import PING, PONG, TEXT

import openim_wire as wire
from openim_accounts import TOKEN_LIFE_SECONDS
from openim_check import check, new, old
from openim_connection import DEADLINE_SECONDS, Connection, Failed, HTTPAnswer, equal, holds
from openim_world import ANDROID, IOS, World


def _recorded(world: World, case: str) -> dict:
    version = f"v{world.options.version}"
    return next(each for each in world.vectors["handshakeResponses"] if (each["gateway"], each["case"]) == (version, case))


def _has_vectors(world: World) -> bool:
    return world.vectors is not None


def _expect_recorded(world: World, case: str, found: HTTPAnswer) -> None:
    """Status, the recorded headers and the body; a `Date` is not recorded."""
    recorded = _recorded(world, case)
    equal("status", found.status, int(recorded["status"].split(" ")[1]))
    for header in recorded["headers"]:
        name, _, value = header.partition(": ")
        equal(name, found.headers.get(name.lower()), value)
    equal("body", found.body.decode().strip(), recorded["body"].strip())


def _expect_refusal(answer: HTTPAnswer, code: int, name: str | None = None) -> None:
    equal(f"status ({answer.body[:200]!r})", answer.status, 200)
    equal("Content-Type", answer.headers.get("content-type"), "application/json; charset=utf-8")
    document = answer.document
    equal("errCode", document.get("errCode"), code)
    if name:
        equal("errMsg", document.get("errMsg"), name)
    equal("keys", sorted(document), ["errCode", "errDlt", "errMsg"])


for _case, _query in {
    "no-args": "",
    "no-token": "?sendID=u1&platformID=2&operationID=o",
    "no-platform": "?sendID=u1&token=t&operationID=o",
    "platform-not-int": "?sendID=u1&token=t&platformID=two&operationID=o",
}.items():

    def _refused_arguments(world: World, case: str = _case, query: str = _query) -> None:
        with world.dial() as connection:
            _expect_recorded(world, case, connection.handshake(world.path + query))

    check(f"handshake/recorded/{_case}", _has_vectors)(_refused_arguments)


@check("handshake/empty-arguments-are-missing")
def _(world: World) -> None:
    for query in ("?sendID=&token=t&platformID=2", "?sendID=u&token=&platformID=2", "?sendID=u&token=t&platformID="):
        with world.dial() as connection:
            answer = connection.handshake(world.path + query)
            _expect_refusal(answer, 1602, "args err, need token, sendID, platformID")


@check("handshake/recorded/bad-sdkType", lambda world: new(world) and _has_vectors(world))
def _(world: World) -> None:
    user = world.new_user()
    with world.dial() as connection:
        target = world.target(user, ANDROID, world.token(user), wire.Codec(), sdkType="swift")
        _expect_recorded(world, "bad-sdkType", connection.handshake(target))


@check("handshake/unknown-sdkType-is-ignored", old)
def _(world: World) -> None:
    user = world.new_user()
    equal("status", world.try_login(user, ANDROID, world.token(user), sdkType="swift").status, 101)


@check("handshake/recorded/good-handshake", _has_vectors)
def _(world: World) -> None:
    user = world.new_user()
    with world.dial() as connection:
        extensions = {"Sec-WebSocket-Extensions": "permessage-deflate", "Sec-WebSocket-Protocol": "chat"}
        answer = connection.handshake(world.target(user, ANDROID, world.token(user)), extensions)
        _expect_recorded(world, "good-handshake", answer)
        for header in extensions:
            holds(f"{header} is not negotiated", header.lower() not in answer.headers)


for _case, _headers, _version in (("no-upgrade", {"Connection": "keep-alive"}, "13"), ("bad-version", {}, "12")):

    def _not_a_websocket(world: World, case: str = _case, headers: dict = _headers, version: str = _version) -> None:
        user = world.new_user()
        with world.dial() as connection:
            target = world.target(user, ANDROID, world.token(user))
            _expect_recorded(world, case, connection.handshake(target, headers, version=version))

    check(f"handshake/recorded/{_case}", _has_vectors)(_not_a_websocket)


@check("handshake/bad-key-and-method")
def _(world: World) -> None:
    user = world.new_user()
    target = world.target(user, ANDROID, world.token(user))
    # gorilla/websocket 1.5.0 of 3.5.1 takes any key that is not empty, 1.5.1 of 3.8.3 wants 16 bytes.
    for expected, headers, method in (
        (101 if world.old else 400, {"Sec-WebSocket-Key": "c2hvcnQ="}, "GET"),
        (400, {"Sec-WebSocket-Key": ""}, "GET"),
        (405, {}, "POST"),
    ):
        with world.dial() as connection:
            equal("status", connection.handshake(target, headers, method=method).status, expected)


@check("handshake/any-path-and-encoded-values")
def _(world: World) -> None:
    user = world.new_user()
    query = world.target(user, ANDROID, world.token(user)).partition("?")[2]
    for path in ("/", "/ws", "/msg_gateway", "/healthz", "/metrics"):
        with world.dial() as connection:
            equal(f"status of {path}", connection.handshake(f"{path}?{query}").status, 101)
    encoded = "&".join(
        f"{name}=" + "".join(f"%{ord(each):02x}" for each in value)
        for name, value in (part.split("=") for part in query.split("&"))
        if "%" not in value
    )
    with world.dial() as connection:
        equal("status of encoded values", connection.handshake(f"/?{encoded}").status, 101)


@check("handshake/bad-token-is-1503")
def _(world: World) -> None:
    _expect_refusal(world.try_login("u1", ANDROID, "bad"), 1503, "TokenMalformedError")


@check("handshake/wrong-signature-is-1505")
def _(world: World) -> None:
    user = world.new_user()
    token = world.token(user)
    head, payload, signature = token.split(".")
    forged = f"{head}.{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    _expect_refusal(world.try_login(user, ANDROID, forged), 1505)


@check("handshake/expired-token-is-1501")
def _(world: World) -> None:
    user = world.new_user()
    token = world.tokens.make(user, ANDROID, not_before=world.old, now=time.time() - TOKEN_LIFE_SECONDS - 60)
    _expect_refusal(world.try_login(user, ANDROID, token), 1501, "TokenExpiredError")


@check("handshake/token-of-the-future-is-1504")
def _(world: World) -> None:
    user = world.new_user()
    token = world.tokens.make(user, ANDROID, not_before=True, now=time.time() + 3600)
    _expect_refusal(world.try_login(user, ANDROID, token), 1504, "TokenNotValidYetError")


@check("handshake/self-minted-token-is-1507")
def _(world: World) -> None:
    user = world.new_user()
    world.token(user)
    token = world.tokens.make(user, ANDROID, not_before=world.old, now=time.time() - 100)
    _expect_refusal(world.try_login(user, ANDROID, token), 1507, "TokenNotExistError")


@check("handshake/token-of-another-is-1502")
def _(world: World) -> None:
    user, other = world.new_user(), world.new_user()
    token = world.token(user)
    _expect_refusal(world.try_login(other, ANDROID, token), 1502, "TokenInvalidError")
    _expect_refusal(world.try_login(user, IOS, token), 1502, "TokenInvalidError")


@check("handshake/recorded/kicked-token", lambda world: world.options.policy == 1 and _has_vectors(world))
def _(world: World) -> None:
    user = world.new_user()
    first = world.token(user)
    with world.login(user, token=first) as kicked, world.login(user, token=world.another_token(user, ANDROID, first)):
        if world.old:
            found = kicked.response()
            equal("reqIdentifier", found.identifier, wire.KICK)
        recorded = json.loads(_recorded(world, "kicked-token")["body"])
        _expect_refusal(world.try_login(user, ANDROID, first), recorded["errCode"], recorded["errMsg"])


def _login_when_there_is_room(world: World) -> Connection:
    """The connections of the check before may not have been noticed gone yet."""
    user = world.new_user()
    token, deadline = world.token(user), time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        connection = world.dial(user=user)
        answer = connection.handshake(world.target(user, ANDROID, token))
        if answer.status == 101:
            connection.alive()
            world.wait_online(user, ANDROID, token)
            return connection
        equal("errCode", answer.code, 1601)
        time.sleep(0.05)
    raise Failed("no room for as many connections as the limit says")


@check("handshake/recorded/over-max-conn", lambda world: bool(world.options.connection_limit) and _has_vectors(world))
def _(world: World) -> None:
    online = [_login_when_there_is_room(world) for _ in range(world.options.connection_limit)]
    with world.dial() as connection:
        user = world.new_user()
        answer = connection.handshake(world.target(user, ANDROID, world.token(user)))
        _expect_recorded(world, "over-max-conn", answer)
    with world.dial() as connection:
        _expect_recorded(world, "over-max-conn", connection.handshake(world.path))
    online[0].alive()


@check("handshake/first-response-is-ignored", old)
def _(world: World) -> None:
    user = world.new_user()
    with world.login(user, isMsgResp="true") as connection:
        connection.send_frame(PING, b"x")
        equal("first frame", connection.next(), (PONG, b""))
    answer = world.try_login(user, ANDROID, "bad", isMsgResp="true")
    _expect_refusal(answer, 1503)


@check("handshake/first-response", new)
def _(world: World) -> None:
    user = world.new_user()
    token = world.token(user)
    for value in ("true", "1", "t", "T", "TRUE", "True"):
        with world.login(user, token=token, isMsgResp=value) as connection:
            connection.expect_text('{"errCode":0,"errMsg":"","errDlt":""}')
            connection.alive()
        world.wait_offline(user)
    for value in ("false", "yes", "0"):
        with world.dial(user=user) as connection:
            equal("status", connection.handshake(world.target(user, ANDROID, token, isMsgResp=value)).status, 101)
            connection.alive()
        world.wait_offline(user)


@check("handshake/first-response-of-a-bad-token", new)
def _(world: World) -> None:
    user = world.new_user()
    for token, code in (("bad", 1503), (world.tokens.make(user, ANDROID, not_before=False), 1507)):
        with world.dial() as connection:
            answer = connection.handshake(world.target(user, ANDROID, token, isMsgResp="true"))
            equal("status", answer.status, 101)
            found = connection.next()
            holds(f"a TEXT frame: {found!r}", not isinstance(found, str) and found[0] == TEXT)
            equal("errCode", json.loads(found[1]).get("errCode"), code)
            connection.expect_end()
    other = world.new_user()
    token = world.token(user)
    _expect_refusal(world.try_login(other, ANDROID, token, isMsgResp="true"), 1502)
    _expect_refusal(world.try_login(user, "two", token, isMsgResp="true"), 1602)


@check("handshake/compression-by-header")
def _(world: World) -> None:
    user = world.new_user()
    codec = world.codec._replace(gzip=True)
    with world.dial(codec, user) as connection:
        target = world.target(user, ANDROID, world.token(user), codec._replace(gzip=False))
        equal("status", connection.handshake(target, {"compression": "gzip"}).status, 101)
        connection.alive()


@check("handshake/other-compression-is-none")
def _(world: World) -> None:
    user = world.new_user()
    codec = world.codec._replace(gzip=False)
    with world.dial(codec, user) as connection:
        target = world.target(user, ANDROID, world.token(user), codec, compression="deflate")
        equal("status", connection.handshake(target).status, 101)
        connection.alive()
