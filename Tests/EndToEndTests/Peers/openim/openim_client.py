#!/usr/bin/env python3
"""Checks an OpenIM deployment from outside: REST API and WebSocket gateway against what is known of the real ones.

One line for each check; exit 0 when all hold, 1 when one does not, 2 when there is nothing to check. See README.md beside it.
"""

import argparse
import fnmatch
import json
import sys
import time
import traceback
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))

import checks_delivery  # noqa: F401  the import registers the checks
import checks_frames  # noqa: F401
import checks_handshake  # noqa: F401
import checks_kicks  # noqa: F401
import checks_rest  # noqa: F401
from openim_check import CHECKS, Check
from openim_connection import Failed
from openim_world import World


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateway", help="ws://HOST:PORT/")
    parser.add_argument("--api", help="http://HOST:PORT")
    parser.add_argument("--version", choices=("3.5.1", "3.8.3"), required=True)
    parser.add_argument("--json", action="store_true", help="JSON frames instead of gob (3.8.3)")
    parser.add_argument("--gzip", action="store_true")
    parser.add_argument("--secret", default="openIM123")
    parser.add_argument("--policy", type=int, choices=(0, 1, 4, 5), default=1, help="the deployment's login policy")
    parser.add_argument("--connection-limit", type=int, default=0, metavar="N", help="the deployment's, if it is small")
    parser.add_argument(
        "--read-deadline", type=float, default=0, metavar="SECONDS", help="the gateway's; 0: its checks are left out"
    )
    parser.add_argument(
        "--settle", type=float, default=0, metavar="SECONDS", help="after each login (3.8 pushes to users known for a second)"
    )
    parser.add_argument("--vectors", help="openim-vectors.json: recorded frames and handshake answers")
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN", help="checks whose names match")
    parser.add_argument("--skip", action="append", default=[], metavar="PATTERN")
    parser.add_argument("--list", action="store_true", help="only the names of the checks")
    options = parser.parse_args()
    if options.json and options.version == "3.5.1":
        parser.error("3.5.1 has no JSON frames")
    if not options.list and not (options.gateway and options.api):
        parser.error("--gateway and --api are needed")
    return options


def _matches(name: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def _run(each: Check, world: World) -> str | None:
    """Why it fails, if it does."""
    try:
        each.run(world)
    except Failed as failed:
        return str(failed)
    except Exception:  # noqa: BLE001  a broken answer may break a check anywhere: that is a failure with its place
        return traceback.format_exc(limit=-2).strip().replace("\n", " | ")
    finally:
        world.close_all()
    return None


def main() -> int:
    options = _options()
    world = World(options.gateway or "ws://127.0.0.1/", options.api or "http://127.0.0.1", options)
    if options.vectors:
        with open(options.vectors, encoding="utf-8") as file:
            world.vectors = json.load(file)
    chosen = [each for each in CHECKS if not options.only or _matches(each.name, options.only)]
    chosen = [each for each in chosen if not _matches(each.name, options.skip) and each.applies(world)]
    if options.list:
        print("\n".join(each.name for each in chosen))
        return 0
    failures, begun = 0, time.monotonic()
    for each in chosen:
        why = _run(each, world)
        failures += why is not None
        print(f"FAIL {each.name}: {why}" if why else f"ok   {each.name}", flush=True)
    print(f"{len(chosen) - failures} of {len(chosen)} checks hold ({time.monotonic() - begun:.1f} s)")
    if not chosen:
        return 2
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
