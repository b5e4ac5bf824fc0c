#!/usr/bin/env python3
"""Plays healthy, slow, bursty, connection-limited and idle servers with the machine's other core kept busy, and counts what gatecrash
says against them. None of these servers has stopped or leaks, so a finding of a freeze, a leak or exhaustion is a false alarm.

    Tests/FalseAlarms/run.py [--runs 30] [--seconds 20] [--binary .build/release/gatecrash]

Exit status 1 when there was a false alarm.
"""

import argparse
import collections
import json
import multiprocessing
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ALARMS = {
    "handshake_stall", "admission_stall", "reply_stall", "close_stall", "connection_freeze", "fd_leak", "fd_exhaustion",
    "memory_growth", "process_exit",
}

BURSTY = """
name: bursty
about: everybody comes at once, again and again
accounts: { count: 300 }
load: { duration: 20s, ramp: 0s, grace: 5s }
steps: [connect, send: { text: hi, size: 512 }, receive, close, wait: 3s]
"""
LIMITED = """
name: connection-limited
about: more accounts than the server takes; the rest are refused in order
accounts: { count: 100 }
load: { duration: 20s, grace: 5s }
steps: [connect, send: hello, receive, wait: { uniform: [100ms, 2s] }, close]
thresholds: [ "iterations.completed > 0" ]
"""


def burn(seconds: float) -> None:
    """Keeps one core busy."""
    import time

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


class LimitedServer:
    """Python `websockets` that takes at most 40 connections at once and answers 503 to the rest."""

    def __enter__(self):
        python = ROOT / ".build/tools/python/bin/python3"
        peer = ROOT / "Tests/EndToEndTests/Peers/websockets_server.py"
        self.process = subprocess.Popen(
            [str(python), "-B", str(peer), "--most-connections", "40", "--max-seconds", "300"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)


def play(binary: str, kind: str, seconds: int, folder: pathlib.Path) -> dict:
    words = [binary, "run"]

    def profile(text: str) -> str:
        path = folder / f"{kind}.yaml"
        path.write_text(text)
        return str(path)

    tail = ["--duration", f"{seconds}s", "--quiet", "--out", str(folder / "run")]
    if kind == "limited":
        with LimitedServer() as server:
            result = subprocess.run(
                words + [profile(LIMITED), "--target", f"ws://127.0.0.1:{server.port}/"] + tail, capture_output=True,
                text=True, timeout=seconds + 60)
    else:
        plan = {
            "healthy": ["churn"], "slow": ["churn", "--defect", "slow:cpu=2ms", "--threshold", "iterations.completed > 0"],
            "bursty": [profile(BURSTY)], "idle": ["idle", "--accounts", "200"],
        }[kind]
        result = subprocess.run(words + plan + tail, capture_output=True, text=True, timeout=seconds + 60)
    report = folder / "run" / "report.json"
    if not report.exists():
        sys.exit(f"{kind}: no report\n{result.stdout}{result.stderr}")
    return json.loads(report.read_text())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--binary", default=str(ROOT / ".build/release/gatecrash"))
    options = parser.parse_args()
    kinds = ["healthy", "slow", "bursty", "limited", "idle"]
    alarms = 0
    table = collections.defaultdict(collections.Counter)
    for number in range(options.runs):
        kind = kinds[number % len(kinds)]
        burner = multiprocessing.Process(target=burn, args=(options.seconds + 10,), daemon=True)
        burner.start()
        with tempfile.TemporaryDirectory() as scratch:
            report = play(options.binary, kind, options.seconds, pathlib.Path(scratch))
        burner.kill()
        burner.join()
        verdict = report["verdict"]
        said = [f"{finding['kind']} ({finding['severity']})" for finding in report["findings"]]
        false = [
            finding for finding in report["findings"]
            if finding["kind"] in ALARMS and (finding["severity"] == "critical" or not finding["kind"].endswith("_stall"))
        ]
        alarms += len(false)
        table[kind].update([f"exit {verdict['exit_status']}"] + said)
        print(f"{number + 1:3} {kind:8} exit {verdict['exit_status']:3} "
              f"{report['totals']['iterations']['completed']:8} completed  {', '.join(said) or 'nothing found'}", flush=True)
        for finding in false:
            print(f"    FALSE ALARM: {finding['summary']}\n    {finding['evidence']}", flush=True)
    print()
    for kind in kinds:
        print(f"{kind:8} {dict(table[kind])}")
    print(f"{alarms} false alarms in {options.runs} runs")
    sys.exit(1 if alarms else 0)


if __name__ == "__main__":
    main()
