"""What the rounds of a benchmark amount to: medians, ranges and ratios, as text and as JSON."""

import dataclasses
import statistics

from harness.trial import Cost

UNITS = {"churn": "cycle", "echo": "message"}


@dataclasses.dataclass
class Rounds:
    """One mode: the costs of each client, round by round."""

    mode: str
    connections: int
    costs: dict[str, list[Cost]]

    def median(self, client: str, value) -> float:
        return statistics.median(value(c) for c in self.costs[client])

    def ratio(self, client: str, floor: str, value) -> tuple[float, float, float]:
        """Median, least and greatest of the ratios of the pairs that ran one after the other."""
        ratios = [value(c) / value(f) for c, f in zip(self.costs[client], self.costs[floor])]
        return statistics.median(ratios), min(ratios), max(ratios)

    def table(self, shards_of: str | None = None) -> str:
        unit = UNITS[self.mode]
        rows = [("", "CPU µs/" + unit, "user", "system", "", f"{unit}s/s", "")]

        def row(name: str, costs: list[Cost], cpu) -> tuple[str, ...]:
            totals, rates = [cpu(c).total_us for c in costs], [c.cycles_per_s for c in costs]
            return (name, f"{statistics.median(totals):.2f}",
                    f"{statistics.median(cpu(c).user_us for c in costs):.2f}",
                    f"{statistics.median(cpu(c).system_us for c in costs):.2f}",
                    f"({min(totals):.2f}–{max(totals):.2f})",
                    f"{statistics.median(rates):,.0f}", f"({min(rates):,.0f}–{max(rates):,.0f})")  # fmt: skip

        for name, costs in self.costs.items():
            rows.append(row(name, costs, lambda c: c.per_cycle))
            if name == shards_of:
                rows.append(row("  its shard", costs, lambda c: c.shard_per_cycle))
        return aligned(rows)

    def as_json(self) -> dict:
        def one(cost: Cost) -> dict:
            return {
                "cycles": cost.cycles,
                "seconds": round(cost.seconds, 4),
                "cycles_per_s": round(cost.cycles_per_s, 1),
                "tree_us_per_cycle": _cpu(cost.per_cycle),
                "shard_us_per_cycle": _cpu(cost.shard_per_cycle),
            }

        return {
            "mode": self.mode,
            "unit": UNITS[self.mode],
            "connections": self.connections,
            "rounds": {name: [one(c) for c in costs] for name, costs in self.costs.items()},
        }


def _cpu(cpu) -> dict:
    return {"user": round(cpu.user_us, 3), "system": round(cpu.system_us, 3), "total": round(cpu.total_us, 3)}


def aligned(rows: list[tuple[str, ...]]) -> str:
    """First column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = []
    for first, *others in rows:
        cells = [first.ljust(widths[0])] + [c.rjust(w) for c, w in zip(others, widths[1:])]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
