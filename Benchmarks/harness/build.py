"""Builds what a benchmark needs, only when it is older than its sources."""

import pathlib
import subprocess

BENCHMARKS = pathlib.Path(__file__).resolve().parent.parent
ROOT = BENCHMARKS.parent
BUILD = BENCHMARKS / "build"
GATECRASH = ROOT / ".build" / "release" / "gatecrash"


def c_program(name: str, *flags: str) -> pathlib.Path:
    """The program (or, with -shared, the library) built from NAME.c."""
    source, output = BENCHMARKS / f"{name}.c", BUILD / name
    sources = [source, *BENCHMARKS.glob("*.h")]
    if output.exists() and all(output.stat().st_mtime > s.stat().st_mtime for s in sources):
        return output
    BUILD.mkdir(exist_ok=True)
    command = ["cc", "-O2", "-std=c11", "-Wall", "-Wextra", "-Werror", *flags, "-o", str(output), str(source)]
    subprocess.run(command, check=True)
    return output


def gatecrash() -> pathlib.Path:
    subprocess.run(["swift", "build", "-c", "release", "--product", "gatecrash"], cwd=ROOT, check=True)
    return GATECRASH
