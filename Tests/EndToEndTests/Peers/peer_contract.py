"""What all Python peers have in common: their options, the listening line, when they end, and their counts."""

import argparse
import asyncio
import contextlib
import json
import os
import resource
import signal
import stat
import sys


class Counts:
    def __init__(self):
        self.connections = self.messages = self.closes_clean = self.closes_other = 0

    def closed(self, clean: bool) -> None:
        if clean:
            self.closes_clean += 1
        else:
            self.closes_other += 1


def parser(description: str) -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--host", default="127.0.0.1", help="loopback address (default: %(default)s)")
    options.add_argument("--port", type=int, default=0, help="0, the default: the kernel chooses")
    options.add_argument("--max-seconds", type=float, default=300, help="ends by itself (default: %(default)s)")
    return options


def raise_descriptor_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def until_told_to_end(max_seconds: float) -> None:
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)

    def standard_input_is_readable():
        if not os.read(0, 4096):
            told.set()

    mode = os.fstat(0).st_mode
    # A shell's background job has /dev/null there: that is no parent who has gone.
    watched = stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
    if watched:
        loop.add_reader(0, standard_input_is_readable)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(told.wait(), max_seconds)
    if watched:
        loop.remove_reader(0)


def announce(port: int) -> None:
    print(f"listening {port}", flush=True)


def end(counts: Counts) -> None:
    """Prints the counts and leaves, whatever connections are still open."""
    print(json.dumps(vars(counts)), flush=True)
    sys.stderr.flush()
    os._exit(0)
