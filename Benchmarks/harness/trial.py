"""One measured run of one client.

Start-up is left out for every client in the same way, from outside: once the server has seen all connections
(or, in churn, as many) and the warm-up is over, the client's CPU time is read from /proc and the cycles from the
server's counts, and both again at the end of the window.
"""

import dataclasses
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

from harness import build, tree
from harness.clients import Client
from harness.server import EchoServer, Failure, on_core
from harness.tree import CPU

WARM_UP_S = 1
#: Behind the window the client still runs this long, so that its end is never measured.
TAIL_S = 1
#: For start-up before the first connection, and to end after its time.
PATIENCE_S = 40
COUNTED = {"churn": "closes_clean", "echo": "messages"}


@dataclasses.dataclass(frozen=True)
class Cost:
    cycles: int
    seconds: float
    tree: CPU
    shards: CPU

    @property
    def per_cycle(self) -> CPU:
        return self.tree.per(self.cycles)

    @property
    def shard_per_cycle(self) -> CPU:
        return self.shards.per(self.cycles)

    @property
    def cycles_per_s(self) -> float:
        return self.cycles / self.seconds


class Running:
    """A client that has been started against the server; leaving the block ends it for certain."""

    def __init__(self, client: Client, server: EchoServer, mode: str, connections: int, seconds: int,
                 folder: pathlib.Path, core: int | None, environment: dict[str, str] | None = None):  # fmt: skip
        self.client, self.server, self.mode, self.connections = client, server, mode, connections
        self.before = server.counts()
        self.invocation = client.invoke(mode, server.port, connections, seconds, folder)
        self.log = open(folder / f"{client.name}-{mode}.log", "w+")
        self.process = subprocess.Popen(self.invocation.command, stdout=subprocess.PIPE, stderr=self.log,
                                        stdin=subprocess.DEVNULL, preexec_fn=on_core(core), text=True,
                                        env={**os.environ, **self.invocation.environment, **(environment or {})})  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for pid in tree.members(self.process.pid) if self.process.poll() is None else []:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.log.close()

    def wait_until_up(self, timeout_s: float = PATIENCE_S) -> None:
        wanted = self.before["upgraded"] + self.connections
        deadline = time.monotonic() + timeout_s
        while self.server.counts()["upgraded"] < wanted:
            if self.process.poll() is not None:
                raise Failure(f"{self._what()} ended with status {self.process.returncode} before its connections were up"
                              + self._log_text())  # fmt: skip
            if time.monotonic() > deadline:
                raise Failure(f"{self._what()} had not opened {self.connections} connections in {timeout_s:g} s"
                              + self._log_text())  # fmt: skip
            time.sleep(0.05)
        time.sleep(WARM_UP_S)

    def measure(self, window_s: float) -> Cost:
        pids = tree.shards(self.process.pid)
        counted = COUNTED[self.mode]

        def reading():
            return (time.monotonic(), tree.tree_cpu(self.process.pid), sum((tree.cpu(p) for p in pids), CPU()),
                    self.server.counts()[counted])  # fmt: skip

        start = reading()
        time.sleep(window_s)
        if self.process.poll() is not None:
            raise Failure(f"{self._what()} ended within the window" + self._log_text())
        stop = reading()
        cycles = stop[3] - start[3]
        if cycles <= 0:
            raise Failure(f"{self._what()}: the server counted no {counted} in {window_s:g} s" + self._log_text())
        return Cost(cycles, stop[0] - start[0], stop[1] - start[1], stop[2] - start[2])

    def finish(self) -> list[str]:
        """Waits for the end; what the client says against what the server counted, where they disagree."""
        try:
            output, _ = self.process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self._what()} had not ended {PATIENCE_S} s after its window" + self._log_text()) from None
        if self.process.returncode not in self.invocation.statuses:
            raise Failure(f"{self._what()} ended with status {self.process.returncode}" + self._log_text())
        after = self.server.wait_until(lambda c: c["open"] == 0, "all connections closed", 10)
        claim = self.invocation.claim(output)
        if claim is None:
            return []
        served = {k: after[k] - self.before[k] for k in ("upgraded", "messages", "violations")}
        wrong = []
        if claim.connections != served["upgraded"]:
            wrong.append(f"{claim.connections} connections by its count, {served['upgraded']} by the server's")
        # A message may be under way when the run is cut.
        if not 0 <= served["messages"] - claim.messages <= self.connections:
            wrong.append(f"{claim.messages} messages by its count, {served['messages']} by the server's")
        if claim.failed or served["violations"]:
            wrong.append(f"{claim.failed} failed, {served['violations']} protocol violations")
        return [f"{self._what()}: {w}" for w in wrong]

    def _what(self) -> str:
        return f"{self.client.name} ({self.mode})"

    def _log_text(self) -> str:
        self.log.flush()
        self.log.seek(0)
        text = self.log.read()[-2000:].strip()
        return f"; it wrote:\n{text}" if text else ""


def cost(client: Client, server: EchoServer, mode: str, connections: int, window_s: int, folder: pathlib.Path,
         core: int | None) -> tuple[Cost, list[str]]:  # fmt: skip
    seconds = WARM_UP_S + window_s + TAIL_S
    with Running(client, server, mode, connections, seconds, folder, core) as run:
        run.wait_until_up()
        measured = run.measure(window_s)
        return measured, run.finish()


def memory_kib(client: Client, server: EchoServer, connections: int, folder: pathlib.Path,
               core: int | None) -> tuple[int, list[str]]:  # fmt: skip
    """Resident memory of the whole process tree while it holds the connections."""
    # Opening 10,000 takes a while; the run must outlast it.
    with Running(client, server, "idle", connections, 8, folder, core) as run:
        run.wait_until_up()
        if (held := server.counts()["open"]) != connections:
            raise Failure(f"{client.name} (idle) holds {held} of {connections} connections")
        total = sum(tree.rss_kib(pid) for pid in tree.members(run.process.pid))
        return total, run.finish()


def allocations_per_cycle(client: Client, server: EchoServer, mode: str, connections: int, window_s: int,
                          folder: pathlib.Path, core: int | None) -> float:  # fmt: skip
    """Heap allocations of the generating process in steady state, counted by a preloaded library."""
    counts = pathlib.Path(tempfile.mkdtemp(prefix="allocations-", dir=folder))
    library = build.c_program("count_allocations", "-shared", "-fPIC")
    environment = {"LD_PRELOAD": str(library), "COUNT_ALLOCATIONS_DIR": str(counts)}
    seconds = WARM_UP_S + window_s + TAIL_S
    with Running(client, server, mode, connections, seconds, folder, core, environment) as run:
        run.wait_until_up()
        files = [counts / str(pid) for pid in tree.shards(run.process.pid)]

        def allocations() -> int:
            return sum(int.from_bytes(f.read_bytes(), sys.byteorder) for f in files)

        before = allocations()
        cycles = run.measure(window_s).cycles
        made = allocations() - before
        run.finish()
        return made / cycles
