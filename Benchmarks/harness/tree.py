"""CPU time and memory of a process and all its descendants, read from /proc."""

import dataclasses
import os
import pathlib

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass(frozen=True)
class CPU:
    user_us: float = 0.0
    system_us: float = 0.0

    @property
    def total_us(self) -> float:
        return self.user_us + self.system_us

    def __add__(self, other: "CPU") -> "CPU":
        return CPU(self.user_us + other.user_us, self.system_us + other.system_us)

    def __sub__(self, other: "CPU") -> "CPU":
        return CPU(self.user_us - other.user_us, self.system_us - other.system_us)

    def per(self, count: int) -> "CPU":
        return CPU(self.user_us / count, self.system_us / count)


def _stat_fields(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat behind the command, which may hold anything (proc_pid_stat(5), from field 3)."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def members(root: int) -> list[int]:
    """`root` and its living descendants."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (fields := _stat_fields(int(entry))):
            children.setdefault(int(fields[1]), []).append(int(entry))
    found, queue = [], [root]
    while queue:
        pid = queue.pop()
        found.append(pid)
        queue += children.get(pid, [])
    return found


def cpu(pid: int) -> CPU:
    """What the process has used, and its children that it has waited for; in steps of one tick (10 ms)."""
    fields = _stat_fields(pid)
    if fields is None:
        return CPU()
    user, system, child_user, child_system = (int(f) * 1e6 / TICKS_PER_SECOND for f in fields[11:15])
    return CPU(user + child_user, system + child_system)


def tree_cpu(root: int) -> CPU:
    return sum((cpu(pid) for pid in members(root)), CPU())


def rss_kib(pid: int) -> int:
    """Exact, unlike VmRSS, which the kernel sums from per-CPU counters."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Rss:"):
                return int(line.split()[1])
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def shards(root: int) -> list[int]:
    """The load-generating processes: `gatecrash shard` below a controller, else the process itself."""
    found = []
    for pid in members(root):
        try:
            arguments = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"shard" in arguments[1:2]:
            found.append(pid)
    return found or [root]
