"""The clients that are measured: their command lines, and what each says it did."""

import dataclasses
import json
import pathlib
import tempfile
from collections.abc import Callable

from harness import build
from harness.server import Failure


@dataclasses.dataclass(frozen=True)
class Claim:
    """What the client reports about its whole run, to be held against the server's counts."""

    connections: int
    messages: int
    failed: int


@dataclasses.dataclass(frozen=True)
class Invocation:
    command: list[str]
    #: From what the client printed on standard output; None where it reports nothing comparable.
    claim: Callable[[str], Claim | None]
    #: Exit statuses that leave the measurement valid.
    statuses: tuple[int, ...] = (0,)
    environment: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Client:
    name: str
    #: (mode, port, connections, seconds, folder for its files)
    invoke: Callable[[str, int, int, int, pathlib.Path], Invocation]


def _floor(mode: str, port: int, connections: int, seconds: int, _: pathlib.Path) -> Invocation:
    def claim(output: str) -> Claim:
        said = json.loads(output)
        messages = {"churn": said["opened"], "echo": said["cycles_with_drain"], "idle": 0}[mode]
        return Claim(said["opened"], messages, said["failed"] + said["unfinished"])

    program = str(build.c_program("floor_client"))
    return Invocation([program, mode, str(port), "-c", str(connections), "-s", str(seconds)], claim)


def gatecrash_claim(report_file: pathlib.Path) -> Claim:
    """The one place that reads report.json."""
    totals = json.loads(report_file.read_text())["totals"]
    return Claim(totals["ledger"]["opened"], totals["messages"]["received"], totals["iterations"]["failed"])


def gatecrash(binary: pathlib.Path) -> Client:
    def invoke(mode: str, port: int, connections: int, seconds: int, folder: pathlib.Path) -> Invocation:
        out = pathlib.Path(tempfile.mkdtemp(prefix=f"{mode}-", dir=folder))
        report = out / "result.json"
        command = [
            str(binary), "run", str(build.BENCHMARKS / "profiles" / f"{mode}.yaml"),
            "--target", f"ws://127.0.0.1:{port}/", "--duration", f"{seconds}s", "--accounts", str(connections),
            "--shards", "1", "--quiet", "--out", str(out / "run"), "--json", str(report),
        ]  # fmt: skip
        # 99: in `echo` no iteration ends before the run does. 5: flat out is what is measured here.
        return Invocation(command, lambda _: gatecrash_claim(report), (0, 5, 99))

    if not binary.exists():
        raise Failure(f"{binary} does not exist: build it with `swift build -c release`")
    return Client("gatecrash", invoke)


FLOOR = Client("floor", _floor)
