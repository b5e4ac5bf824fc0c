"""Second logins, login policies, forced logouts, and what becomes of the tokens."""

import openim_wire as wire
from openim_check import check, new, old
from openim_connection import Connection, equal, holds
from openim_world import ANDROID, IOS, LINUX, WEB, WINDOWS, World, text_message

_CLASSES_8 = {IOS: "mobile", ANDROID: "mobile", WINDOWS: "pc", LINUX: "pc", WEB: "web"}
_PC = {WINDOWS, LINUX}


def _expect_kick(connection: Connection) -> None:
    """The frame's bytes are the recorded ones; then TCP ends without a CLOSE."""
    found = connection.next()
    while not isinstance(found, str) and connection.codec.decode(found[1], wire.Response).identifier == wire.PUSH:
        found = connection.next()
    holds(f"{found} instead of a kick", not isinstance(found, str))
    kick, codec = wire.Response(wire.KICK), connection.codec
    if codec.gzip:
        equal("kick", codec.decode(found[1], wire.Response), kick)
    else:
        holds(
            f"kick {found[1].hex()}",
            found[1] in [codec._replace(type_id=type_id).encode(kick) for type_id in (64, 65, 66)],
        )
    connection.expect_end()


def _kicks(world: World, first: int, second: int) -> bool:
    """Whether a login on `second` kicks one on `first`, by the sheet's table."""
    policy = world.options.policy
    if policy == 1:
        return first == second
    if policy == 4 and not world.old:
        return _CLASSES_8[first] == _CLASSES_8[second]
    if policy == 5:
        return first == second and second not in _PC
    return False


for _first, _second in (
    (ANDROID, ANDROID),
    (ANDROID, IOS),
    (WINDOWS, LINUX),
    (LINUX, LINUX),
    (WEB, WEB),
    (WEB, ANDROID),
):

    def _second_login(world: World, first: int = _first, second: int = _second) -> None:
        user = world.new_user()
        token = world.token(user, first)
        old_one = world.login(user, first, token)
        # The same token for the same platform: with 3.8 a second one would spoil the first.
        new_one = world.login(user, second, token if second == first else None)
        if _kicks(world, first, second):
            _expect_kick(old_one)
        else:
            old_one.alive()
        new_one.alive()

    check(f"kicks/second-login/{_first}-then-{_second}")(_second_login)


def _same_platform_kicks(world: World) -> bool:
    return _kicks(world, ANDROID, ANDROID)


def _kicks_spare_the_token(world: World) -> bool:
    """3.8's policy 4 marks the token that the kicked connection had, which may be the new one's too."""
    return _same_platform_kicks(world) and world.options.policy != 4


@check("kicks/recorded-bytes", lambda world: world.vectors is not None and _same_platform_kicks(world))
def _(world: World) -> None:
    version = f"v{world.options.version}"
    recorded = [each for each in world.vectors["capturedFrames"] if each["gateway"] == version and "what" in each]
    holds("kicks are recorded", recorded)
    for each in recorded:
        codec = wire.Codec(json=each["encoding"] == "json")
        user = world.new_user()
        token = world.token(user)
        with world.login(user, token=token, codec=codec) as kicked, world.login(user, token=token):
            found = kicked.next()
            holds(f"{found} instead of a kick", not isinstance(found, str))
            # The recorder's process gave type ids as Go 1.22 does, from 64; Go 1.20, which 3.5.1 ships with, from 65.
            wanted = [bytes.fromhex(each["hex"])]
            if not codec.json:
                wanted.append(wire.encode_gob(wire.Response(wire.KICK), 65))
            holds(f"kick {found[1].hex()}", found[1] in wanted)
            kicked.expect_end()


@check("kicks/only-the-new-one-is-online", _kicks_spare_the_token)
def _(world: World) -> None:
    user = world.new_user()
    token = world.token(user)
    connections = [world.login(user, token=token) for _ in range(5)]
    for connection in connections[:-1]:
        _expect_kick(connection)
    equal("sessions", len(world.sessions(user)), 1)
    connections[-1].ask_well(wire.SEND, text_message(user, user, "m"))
    equal("pushed", connections[-1].push()[1].get("clientMsgID"), "m")


@check("kicks/the-same-token-stays-good", _kicks_spare_the_token)
def _(world: World) -> None:
    user = world.new_user()
    token = world.token(user)
    first, second = world.login(user, token=token), world.login(user, token=token)
    _expect_kick(first)
    third = world.login(user, token=token)
    _expect_kick(second)
    third.alive()


@check("kicks/another-token-is-kicked", lambda world: old(world) and world.options.policy == 1)
def _(world: World) -> None:
    user = world.new_user()
    token = world.token(user)
    first = world.login(user, token=token)
    later = world.another_token(user, ANDROID, token)
    equal("before the login", world.call("/auth/parse_token", {"token": token}).code, 0)
    second = world.login(user, token=later)
    _expect_kick(first)
    equal("errCode", world.try_login(user, ANDROID, token).code, 1506)
    second.alive()


@check("kicks/a-second-token-spoils-the-first", lambda world: new(world) and world.options.policy == 1)
def _(world: World) -> None:
    user = world.new_user()
    first = world.token(user)
    connection = world.login(user, token=first)
    world.another_token(user, ANDROID, first)
    connection.alive()
    equal("errCode", world.try_login(user, ANDROID, first).code, 1506)


@check("kicks/all-tokens-stay-good", lambda world: world.options.policy == 0)
def _(world: World) -> None:
    user = world.new_user()
    first = world.token(user)
    second = world.another_token(user, ANDROID, first)
    for token in (first, second):
        world.login(user, token=token).alive()


@check("kicks/forced-logout")
def _(world: World) -> None:
    user = world.new_user()
    phone_token, desktop_token = world.token(user, ANDROID), world.token(user, LINUX)
    phone, desktop = world.login(user, ANDROID, phone_token), world.login(user, LINUX, desktop_token)
    body = {"platformID": ANDROID, "userID": user}
    denied = world.call("/auth/force_logout", body, token=phone_token)
    equal("errCode without an administrator's token", denied.code, 1002)
    answer = world.call("/auth/force_logout", body, token=world.admin())
    equal("errCode", answer.code, 0)
    holds("no data", "data" not in answer.document)
    _expect_kick(phone)
    desktop.alive()
    if world.old:
        world.login(user, ANDROID, phone_token).alive()
    else:
        equal("errCode", world.try_login(user, ANDROID, phone_token).code, 1506)
    equal("nobody there", world.call("/auth/force_logout", body | {"platformID": 9}, token=world.admin()).code, 0)
    holds("platform 11", world.call("/auth/force_logout", body | {"platformID": 11}, token=world.admin()).code != 0)


@check("kicks/vanished-clients-are-forgotten")
def _(world: World) -> None:
    user = world.new_user()
    world.login(user).socket.close()
    world.wait_offline(user)
