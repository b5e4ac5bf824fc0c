"""The REST API: its envelope, what each call needs, registration and tokens, who is online."""

import base64
import json
import time

from openim_accounts import TOKEN_LIFE_SECONDS
from openim_check import check, new, old
from openim_connection import HTTPAnswer, equal, holds
from openim_world import ANDROID, LINUX, World

_OPERATION = {"operationID": "o"}


def _expect(answer: HTTPAnswer, code: int, name: str | None = None, status: int = 200) -> None:
    equal(f"status ({answer.body[:200]!r})", answer.status, status)
    document = answer.document
    equal(f"errCode ({document})", document.get("errCode"), code)
    if name:
        equal("errMsg", document.get("errMsg"), name)
    for key in ("errMsg", "errDlt"):
        holds(f"{key} is a string in {document}", isinstance(document.get(key), str))
    # gin has sent the head of a 400 before the envelope is written: that one's type is Go's guess.
    if status == 200:
        holds("Content-Type", answer.headers.get("content-type", "").startswith("application/json"))


@check("rest/operation-id-is-needed")
def _(world: World) -> None:
    path = "/auth/user_token" if world.old else "/auth/get_admin_token"
    body = {"secret": world.options.secret, "userID": world.new_name(), "platformID": 1}
    _expect(world.call(path, body, headers={}), 1001, "ArgsError")
    _expect(world.call("/auth/parse_token", {"token": "x"}, headers={}), 1001, "ArgsError")


@check("rest/token-is-needed")
def _(world: World) -> None:
    paths = {
        "/auth/force_logout": {"platformID": 1, "userID": "u"},
        "/user/account_check": {"checkUserIDs": ["u"]},
        "/user/get_users_online_status": {"userIDs": ["u"]},
        "/msg/send_msg": {},
    }
    if not world.old:
        paths |= {
            "/user/user_register": {"users": [{"userID": world.new_name(), "nickname": "n"}]},
            "/auth/get_user_token": {"platformID": 1, "userID": "u"},
        }
    for path, body in paths.items():
        _expect(world.call(path, body), 1001, "ArgsError")


@check("rest/bad-tokens")
def _(world: World) -> None:
    user = world.new_user()
    expired = world.tokens.make(user, ANDROID, not_before=world.old, now=time.time() - TOKEN_LIFE_SECONDS - 60)
    for token, precise in (("bad", 1503), (expired, 1501)):
        answer = world.call("/user/account_check", {"checkUserIDs": [user]}, token=token)
        _expect(answer, 1505 if world.old else precise)


@check("rest/administrators-alone")
def _(world: World) -> None:
    user = world.new_user()
    token = world.token(user)
    calls = {
        "/user/account_check": {"checkUserIDs": [user]},
        "/user/get_users_online_status": {"userIDs": [user]},
        "/auth/force_logout": {"platformID": ANDROID, "userID": user},
    }
    if not world.old:
        calls["/auth/get_user_token"] = {"platformID": ANDROID, "userID": user}
    for path, body in calls.items():
        _expect(world.call(path, body, token=token), 1002, "NoPermissionError")


@check("rest/wrong-secret")
def _(world: World) -> None:
    path = "/auth/user_token" if world.old else "/auth/get_admin_token"
    admin = "openIMAdmin" if world.old else "imAdmin"
    answer = world.call(path, {"secret": "wrong", "platformID": 1, "userID": admin})
    equal("status", answer.status, 200)
    holds(f"refused: {answer.body!r}", answer.code not in (0, -1) and "data" not in answer.document)
    if world.old:
        name = world.new_name()
        body = {"secret": "wrong", "users": [{"userID": name, "nickname": "n"}]}
        holds("refused", world.call("/user/user_register", body).code not in (0, -1))
        _expect(world.register(name), 0)


@check("rest/routes-of-the-version")
def _(world: World) -> None:
    other = ["/auth/get_admin_token", "/auth/get_user_token"] if world.old else ["/auth/user_token"]
    for path in (*other, "/no/such_route"):
        answer = world.call(path, {"secret": world.options.secret, "userID": "imAdmin", "platformID": 1}, token=world.admin())
        equal(f"status of {path}", answer.status, 404)


@check("rest/registration")
def _(world: World) -> None:
    first, second, third = world.new_name(), world.new_name(), world.new_name()
    answer = world.register(first, second)
    _expect(answer, 0, "")
    equal("keys", sorted(answer.document), ["errCode", "errDlt", "errMsg"])
    _expect(world.register(third, second), 1102, "RegisteredAlreadyError")
    status = world.call_well("/user/account_check", {"checkUserIDs": [first, third]}, token=world.admin())
    words = ("unregistered", "registered") if world.old else (0, 1)
    found = {each["userID"]: each["accountStatus"] for each in status["results"]}
    equal("accounts", found, {first: words[1], third: words[0]})
    _expect(world.register(third), 0)


@check("rest/registration-rules")
def _(world: World) -> None:
    bad = ["", "a:b"] + ([] if world.old else ["a-b", "ä", "a b", "a.b"])
    for name in bad:
        holds(f"user ID {name!r} is refused", world.register(name).code not in (0, -1))
    double = world.new_name()
    holds("a repeated ID is refused", world.register(double, double).code not in (0, -1))
    body: dict = {"users": [{"userID": world.new_name(), "nickname": ""}]}
    token = ""
    if world.old:
        body["secret"] = world.options.secret
    else:
        token = world.admin()
    holds("an empty nickname is refused", world.call("/user/user_register", body, token=token).code not in (0, -1))
    _expect(world.register(*[world.new_name() for _ in range(300)]), 0)


@check("rest/account-check-refuses-repetition")
def _(world: World) -> None:
    _expect(world.call("/user/account_check", {"checkUserIDs": ["a", "a"]}, token=world.admin()), 1001)


@check("rest/tokens-and-their-claims")
def _(world: World) -> None:
    user = world.new_user()
    body: dict = {"platformID": LINUX, "userID": user}
    if world.old:
        data = world.call_well("/auth/user_token", {"secret": world.options.secret, **body})
    else:
        data = world.call_well("/auth/get_user_token", body, token=world.admin())
    equal("keys", sorted(data), ["expireTimeSeconds", "token"])
    equal("expireTimeSeconds", data["expireTimeSeconds"], TOKEN_LIFE_SECONDS)
    equal("the secret signs it", world.tokens.read(data["token"])[:2], (user, LINUX))
    head, payload, _ = data["token"].split(".")
    decode = lambda part: json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    equal("alg", decode(head).get("alg"), "HS256")
    claims = decode(payload)
    equal("claims", sorted(claims), sorted(["UserID", "PlatformID", "exp", "iat"] + (["nbf"] if world.old else [])))
    equal("life", claims["exp"] - claims["iat"], TOKEN_LIFE_SECONDS)
    if world.old:
        equal("nbf", claims["iat"] - claims["nbf"], 300)


@check("rest/parse-token")
def _(world: World) -> None:
    user = world.new_user()
    data = world.call_well("/auth/parse_token", {"token": world.token(user, LINUX)})
    equal("userID", data.get("userID"), user)
    equal("platform", data.get("platform" if world.old else "platformID"), "Linux" if world.old else LINUX)
    holds("expireTimeSeconds", data.get("expireTimeSeconds", 0) > 0)
    holds("a bad token", world.call("/auth/parse_token", {"token": "bad"}).code not in (0, -1))


@check("rest/platforms-1-to-10", old)
def _(world: World) -> None:
    user = world.new_user()
    for platform in (0, 11, -1):
        body = {"secret": world.options.secret, "platformID": platform, "userID": user}
        _expect(world.call("/auth/user_token", body), 1001)


@check("rest/no-tokens-of-administrators", new)
def _(world: World) -> None:
    user = world.new_user()
    for body in ({"platformID": 10, "userID": user}, {"platformID": 1, "userID": "imAdmin"}):
        _expect(world.call("/auth/get_user_token", body, token=world.admin()), 1002)
    holds(
        "an admin token for somebody else",
        world.call("/auth/get_admin_token", {"secret": world.options.secret, "userID": user}).code not in (0, -1),
    )


@check("rest/bad-json")
def _(world: World) -> None:
    path = "/auth/user_token" if world.old else "/msg/send_msg"
    answer = world.call(path, b"{", token="" if world.old else world.admin())
    _expect(answer, 1001, status=400)
    holds("refused", world.call("/auth/parse_token", b"[", headers=_OPERATION).code not in (0, -1))


@check("rest/who-is-online")
def _(world: World) -> None:
    user, absent = world.new_user(), world.new_user()
    token = world.token(user, LINUX)
    connection = world.login(user, LINUX, token)
    found = world.call_well("/user/get_users_online_status", {"userIDs": [user, absent]}, token=world.admin())
    words = ("offline", "online") if world.old else (0, 1)
    by_user = {each["userID"]: each for each in found}
    equal("online", by_user[user]["status"], words[1])
    if absent in by_user:
        equal("offline", by_user[absent]["status"], words[0])
    detail = by_user[user]["detailPlatformStatus"]
    equal("sessions", len(detail), 1)
    equal("platform", detail[0].get("platform" if world.old else "platformID"), "Linux" if world.old else LINUX)
    equal("token", detail[0].get("token"), token)
    connection.alive()


@check("rest/users-status")
def _(world: World) -> None:
    user, absent = world.new_user(), world.new_user()
    connection = world.login(user, LINUX)
    body = {"userID": user, "userIDs": [user, absent]}
    deadline = time.monotonic() + 10
    while True:  # told by the gateway, in 3.8 once a second
        listed = world.call_well("/user/get_users_status", body, token=world.admin())["statusList"]
        found = {each["userID"]: (each["status"], each.get("platformIDs") or []) for each in listed}
        if found.get(user) == (1, [LINUX]) or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    equal("statuses", found, {user: (1, [LINUX]), absent: (0, [])})
    connection.alive()


@check("rest/newest-seq")
def _(world: World) -> None:
    user = world.new_user()
    data = world.call_well("/msg/newest_seq", {"userID": user}, token=world.token(user))
    holds(f"data {data}", data is None or isinstance(data.get("maxSeqs") or {}, dict))
