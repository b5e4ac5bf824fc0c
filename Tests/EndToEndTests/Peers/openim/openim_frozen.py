#!/usr/bin/env python3
"""How a gateway treats old sessions and new logins: run it, load the gateway until it freezes, end this one's input.

It opens sessions and says `ready N`. When its standard input ends it sees whether each of them is still served, and
then logs in again with other accounts, as often as it had sessions. One JSON line says what came of it; the exit status
is 0 whatever that was.
"""

import argparse
import json
import socket
import sys
import time

from openim_connection import Failed
from openim_world import ANDROID, World, text_message

GET_NEWEST_SEQ, SEND_MESSAGE = 1001, 1003


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateway", required=True, help="ws://HOST:PORT/")
    parser.add_argument("--api", required=True, help="http://HOST:PORT")
    parser.add_argument("--version", choices=("3.5.1", "3.8.3"), required=True)
    parser.add_argument("--sessions", type=int, default=5)
    parser.add_argument("--silence", type=float, default=3, metavar="SECONDS", help="how long a new login is waited for")
    options = parser.parse_args()
    options.json = options.gzip = False
    options.secret, options.settle = "openIM123", 0
    return options


def _milliseconds(action) -> float:
    begun = time.monotonic()
    action()
    return round((time.monotonic() - begun) * 1000, 2)


def _online(world: World, user: str, token: str):
    connection = world.dial(None, user)
    connection.handshake(world.target(user, ANDROID, token))
    connection.alive()
    return connection


def _old_session(connection, partner: str) -> float:
    """Milliseconds until a request and a message were answered."""
    message = text_message(connection.user, partner, f"{connection.user}-{time.time_ns()}")
    return _milliseconds(
        lambda: (
            connection.ask_well(GET_NEWEST_SEQ, {"userID": connection.user}),
            connection.ask_well(SEND_MESSAGE, message),
        )
    )


def _new_login(world: World, user: str, token: str, seconds: float) -> tuple[int, float, str]:
    """Status of the handshake, milliseconds it took, and whether a request was `answered`, `silent` or `ended`."""
    connection = world.dial(None, user)
    answers = []
    handshake = _milliseconds(lambda: answers.append(connection.handshake(world.target(user, ANDROID, token))))
    status = answers[0].status
    if status != 101:
        return status, handshake, "refused"
    connection.send_request(GET_NEWEST_SEQ, b"")
    connection.socket.settimeout(seconds)
    try:
        return status, handshake, "answered" if connection.socket.recv(1 << 16) else "ended"
    except TimeoutError:
        return status, handshake, "silent"
    except OSError:
        return status, handshake, "ended"


def main() -> int:
    options = _options()
    world = World(options.gateway, options.api, options)
    accounts = [world.new_user() for _ in range(2 * options.sessions)]
    tokens = {user: world.token(user) for user in accounts}
    early, late = accounts[: options.sessions], accounts[options.sessions :]
    sessions = [_online(world, user, tokens[user]) for user in early]
    print(f"ready {len(sessions)}", flush=True)
    sys.stdin.read()
    served, slowest_old = 0, 0.0
    for session in sessions:
        try:
            slowest_old = max(slowest_old, _old_session(session, late[0]))
            served += 1
        except (Failed, OSError):
            pass
    upgraded, slowest_handshake, ends = 0, 0.0, {"answered": 0, "silent": 0, "ended": 0, "refused": 0}
    for user in late:
        try:
            status, handshake, end = _new_login(world, user, tokens[user], options.silence)
        except (Failed, socket.error):
            ends["ended"] += 1
            continue
        upgraded += status == 101
        slowest_handshake = max(slowest_handshake, handshake)
        ends[end] += 1
    found = {
        "old": {"sessions": len(sessions), "served": served, "slowest_ms": slowest_old},
        "new": {"logins": len(late), "upgraded": upgraded, "slowest_handshake_ms": slowest_handshake, **ends},
    }
    print(json.dumps(found), flush=True)
    world.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
