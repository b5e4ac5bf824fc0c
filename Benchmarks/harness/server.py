"""The echo server as a benchmark sees it: a port and counts that can be asked for at any moment."""

import json
import os
import select
import signal
import subprocess
import time

from harness import build


class Failure(Exception):
    """The benchmark cannot be carried out; the text says why."""


def on_core(core: int | None):
    """For subprocess: runs the child, and all it starts, on one core."""
    return None if core is None else lambda: os.sched_setaffinity(0, {core})


class EchoServer:
    def __init__(self, core: int | None, max_seconds: int = 3600):
        command = [str(build.c_program("echo_server")), "0", str(max_seconds)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=on_core(core))
        self._unread = b""
        self.port = int(self._line().split()[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=10)

    def _line(self, timeout_s: float = 10) -> str:
        deadline = time.monotonic() + timeout_s
        while b"\n" not in self._unread:
            if not select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))[0]:
                raise Failure(f"the echo server printed nothing for {timeout_s:g} s")
            chunk = os.read(self.process.stdout.fileno(), 65536)
            if not chunk:
                raise Failure(f"the echo server ended with status {self.process.wait()}")
            self._unread += chunk
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode()

    def counts(self) -> dict[str, int]:
        self.process.send_signal(signal.SIGUSR1)
        return json.loads(self._line())

    def wait_until(self, reached, what: str, timeout_s: float) -> dict[str, int]:
        """Counts that satisfy `reached`."""
        deadline = time.monotonic() + timeout_s
        while not reached(counts := self.counts()):
            if time.monotonic() > deadline:
                raise Failure(f"after {timeout_s:g} s: not {what}; the server counts {counts}")
            time.sleep(0.05)
        return counts
