"""System calls per cycle: strace is attached to the generating process while it is under load."""

import pathlib
import shutil
import signal
import subprocess
import time

from harness import tree
from harness.clients import Client
from harness.results import aligned
from harness.server import EchoServer, Failure
from harness.trial import Running

#: One of these is made in each cycle by any client, so that cycles are counted by strace itself.
ONE_PER_CYCLE = {"churn": "connect", "echo": "recvfrom"}
SECONDS = 2
#: Rarer than this is housekeeping, not part of a cycle.
LEAST_SHOWN = 0.005


def per_cycle(client: Client, server: EchoServer, mode: str, connections: int, folder: pathlib.Path,
              core: int | None) -> dict[str, float]:  # fmt: skip
    if not shutil.which("strace"):
        raise Failure("--syscalls needs strace: tools/install-packages bench")
    summary = folder / "strace.txt"
    with Running(client, server, mode, connections, SECONDS + 4, folder, core) as run:
        run.wait_until_up()
        shards = tree.shards(run.process.pid)
        if len(shards) != 1:
            raise Failure(f"{client.name} runs {len(shards)} shards; one was asked for")
        strace = subprocess.Popen(["strace", "-q", "-f", "-c", "-o", str(summary), "-p", str(shards[0])])
        time.sleep(SECONDS)
        strace.send_signal(signal.SIGINT)
        strace.wait(timeout=10)
        run.finish()
    calls = {}
    for line in summary.read_text().splitlines():
        fields = line.split()
        # % time, seconds, usecs/call, calls, [errors], syscall
        if len(fields) >= 5 and fields[3].isdigit() and fields[-1] != "total":
            calls[fields[-1]] = int(fields[3])
    # Other calls for the same thing.
    for alias, name in (("recv", "recvfrom"), ("read", "recvfrom"), ("readv", "recvfrom"), ("recvmsg", "recvfrom")):
        if name not in calls and calls.get(alias):
            calls[name] = calls.pop(alias)
    cycles = calls.get(ONE_PER_CYCLE[mode])
    if not cycles:
        raise Failure(f"strace saw no {ONE_PER_CYCLE[mode]} of {client.name} in {SECONDS} s")
    return {name: round(n / cycles, 4) for name, n in sorted(calls.items(), key=lambda item: -item[1])}


def table(counted: dict[str, dict[str, float]]) -> str:
    names = [n for n in dict.fromkeys(n for calls in counted.values() for n in calls)
             if any(calls.get(n, 0) >= LEAST_SHOWN for calls in counted.values())]  # fmt: skip
    rows = [("", *counted)]
    for name in names:
        rows.append((name, *(f"{calls.get(name, 0):.3f}" for calls in counted.values())))
    rows.append(("all", *(f"{sum(calls.values()):.3f}" for calls in counted.values())))
    return aligned(rows)
