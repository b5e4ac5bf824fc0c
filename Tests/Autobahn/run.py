#!/usr/bin/env python3
"""Runs Autobahn's fuzzing server against a WebSocket client and judges the client by the suite's own report.

    run.py [options] -- CLIENT [ARGUMENT…]

starts the suite (see install.sh) on a free loopback port, runs

    CLIENT [ARGUMENT…] --autobahn ws://127.0.0.1:PORT --agent gatecrash --cases 1-N

which opens, for each case n, /runCase?case=n&agent=gatecrash and echoes every message with its type until the server
closes; then asks the suite for its report. Every case, and the way its connection was closed, has to be OK,
NON-STRICT or INFORMATIONAL; otherwise, or when a case is missing, the exit status is 1.
"""

import argparse
import base64
import collections
import json
import os
import pathlib
import re
import select
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SUITE = HERE.parent.parent / ".build" / "tools" / "autobahn"
ACCEPTABLE = ("OK", "NON-STRICT", "INFORMATIONAL")
START_S = 60


class Failure(Exception):
    """The suite could not be run; the text says why."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", type=pathlib.Path, default=SUITE, metavar="FOLDER", help="where install.sh put it")
    parser.add_argument("--agent", default="gatecrash", help="the client's name in the report")
    parser.add_argument("--cases", metavar="A-B", help="only these, by number (default: all of fuzzingserver.json)")
    parser.add_argument("--max-seconds", type=float, default=600, metavar="S", help="for the client (default: 600)")
    parser.add_argument("--keep", type=pathlib.Path, metavar="FOLDER", help="keep the suite's HTML and JSON reports there")
    parser.add_argument("client", nargs="+", metavar="CLIENT", help="the command")
    options = parser.parse_args()
    if options.cases and not re.fullmatch(r"[1-9]\d*-[1-9]\d*", options.cases):
        parser.error(f"--cases {options.cases}: expected A-B")
    return options


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class FuzzingServer:
    """The suite's server in a folder of its own, which also takes its reports."""

    def __init__(self, suite: pathlib.Path, folder: pathlib.Path):
        program = suite / "wstest"
        if not program.exists():
            raise Failure(f"{program} does not exist: run {HERE / 'install.sh'}")
        self.reports = folder / "reports"
        specification = json.loads((HERE / "fuzzingserver.json").read_text())
        self.port = free_port()
        specification |= {"url": f"ws://127.0.0.1:{self.port}", "outdir": str(self.reports)}
        (folder / "fuzzingserver.json").write_text(json.dumps(specification))
        self._log = open(folder / "wstest.log", "wb")
        self.process = subprocess.Popen(
            [str(program), "-m", "fuzzingserver", "-s", str(folder / "fuzzingserver.json"), "-u", "0"],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
        try:
            self.cases = self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def _wait_until_ready(self) -> int:
        """The number of cases."""
        said, deadline = b"", time.monotonic() + START_S
        cases = None
        while time.monotonic() < deadline:
            if select.select([self.process.stdout], [], [], 0.1)[0]:
                chunk = os.read(self.process.stdout.fileno(), 65536)
                if not chunk:
                    raise Failure(f"the suite ended at once:\n{said.decode(errors='replace')[-2000:]}")
                said += chunk
            if found := re.search(rb"Ok, will run (\d+) test cases", said):
                cases = int(found[1])
            if cases and self._accepts():
                # From now on nobody reads what it prints; a full pipe would stop it.
                os.set_blocking(self.process.stdout.fileno(), False)
                return cases
        raise Failure(f"the suite was not ready after {START_S} s:\n{said.decode(errors='replace')[-2000:]}")

    def _accepts(self) -> bool:
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def drain(self) -> None:
        try:
            while chunk := os.read(self.process.stdout.fileno(), 65536):
                self._log.write(chunk)
        except BlockingIOError:
            pass

    def write_report(self, agent: str) -> dict[str, dict]:
        """The agent's results by case; the server writes them when it is asked to, over a connection of their own."""
        key = base64.b64encode(os.urandom(16)).decode()
        request = (f"GET /updateReports?agent={agent} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUpgrade: websocket\r\n"
                   f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n")  # fmt: skip
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as s:
            s.sendall(request.encode())
            received = b""
            # It writes, then starts the closing handshake: 0x88 begins its close frame.
            while b"\r\n\r\n\x88" not in received:
                self.drain()
                chunk = s.recv(65536)
                if not chunk:
                    break
                received += chunk
        index = self.reports / "index.json"
        if not index.exists():
            raise Failure(f"the suite wrote no {index}; the client ran no case")
        return json.loads(index.read_text()).get(agent, {})

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()


def run_client(server: FuzzingServer, options: argparse.Namespace, cases: str) -> None:
    command = [*options.client, "--autobahn", f"ws://127.0.0.1:{server.port}", "--agent", options.agent, "--cases", cases]
    deadline = time.monotonic() + options.max_seconds
    client = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        while client.poll() is None:
            if time.monotonic() > deadline:
                raise Failure(f"the client had not ended after {options.max_seconds:g} s")
            server.drain()
            time.sleep(0.05)
    finally:
        if client.poll() is None:
            client.kill()
            client.wait()
    if client.returncode:
        raise Failure(f"the client ended with status {client.returncode}")


def in_order(case: str) -> list[int]:
    return [int(part) for part in case.split(".")]


def table(results: dict[str, dict]) -> str:
    sections: dict[str, collections.Counter] = {}
    for case in sorted(results, key=in_order):
        sections.setdefault(case.split(".")[0], collections.Counter())[results[case]["behavior"]] += 1
    total = sum(sections.values(), collections.Counter())
    columns = [*ACCEPTABLE, *sorted(set(total) - set(ACCEPTABLE))]
    lines = ["section " + "".join(f"{c:>15}" for c in columns) + f"{'cases':>8}"]
    for name, counts in [*sections.items(), ("all", total)]:
        lines.append(f"{name:8}" + "".join(f"{counts[c]:15}" for c in columns) + f"{counts.total():8}")
    return "\n".join(lines)


def faults(results: dict[str, dict]) -> list[str]:
    found = []
    for case in sorted(results, key=in_order):
        result = results[case]
        for what, key in (("", "behavior"), ("closing: ", "behaviorClose")):
            if result[key] not in ACCEPTABLE:
                found.append(f"{case:8} {what}{result[key]}, close code {result['remoteCloseCode']}")
    return found


def judge(options: argparse.Namespace, folder: pathlib.Path) -> int:
    server = FuzzingServer(options.suite, folder)
    try:
        first, last = map(int, (options.cases or f"1-{server.cases}").split("-"))
        if not first <= last <= server.cases:
            raise Failure(f"--cases {options.cases}: the suite has {server.cases}")
        start = time.monotonic()
        run_client(server, options, f"{first}-{last}")
        seconds = time.monotonic() - start
        results = server.write_report(options.agent)
    finally:
        server.stop()
    wrong = faults(results)
    if (missing := last - first + 1 - len(results)) != 0:
        wrong.append(f"{missing} cases of {last - first + 1} are missing from the report")
    print(table(results))
    for line in wrong:
        print(line)
    print(f"autobahn: {len(results)} cases in {seconds:.1f} s: {'all accepted' if not wrong else f'{len(wrong)} faults'}")
    return 1 if wrong else 0


def main() -> int:
    options = arguments()
    try:
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            return judge(options, options.keep.resolve())
        with tempfile.TemporaryDirectory(prefix="autobahn-") as folder:
            return judge(options, pathlib.Path(folder))
    except Failure as failure:
        print(f"autobahn: {failure}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
