"""What all benchmarks share: rows of figures, a table for people, and ``build/bench/NAME.json``."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; ``ratio`` says how many times better than the peer it is, above 1 is better."""

    case: str
    metric: str
    value: float
    unit: str
    peer: str | None
    peer_value: float | None
    ratio: float | None


class Bench:
    """Collects the figures of one benchmark."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: list[Row] = []

    def add(
        self,
        case: str,
        metric: str,
        value: float,
        unit: str,
        *,
        peer: str | None = None,
        peer_value: float | None = None,
        better: Literal["higher", "lower"] = "lower",
    ) -> None:
        """Add a figure; a peer's figure must come from the same run."""
        ratio = None
        if peer_value is not None and peer_value > 0 and value > 0:
            ratio = value / peer_value if better == "higher" else peer_value / value
        self.rows.append(Row(case, metric, value, unit, peer, peer_value, ratio))

    def finish(self) -> None:
        """Print the table and write the file."""
        print(self.table())
        path = ROOT / "build" / "bench" / f"{self.name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps([asdict(row) for row in self.rows], indent=1) + "\n")
        print(f"written to {path.relative_to(ROOT)}", file=sys.stderr)

    def table(self) -> str:
        """Lay the figures out in columns."""
        lines = [("case", "metric", "value", "unit", "peer", "peer's", "times better")]
        lines += [
            (
                row.case,
                row.metric,
                _figure(row.value),
                row.unit,
                row.peer or "",
                _figure(row.peer_value),
                _figure(row.ratio),
            )
            for row in self.rows
        ]
        widths = [max(len(line[i]) for line in lines) for i in range(7)]
        right = (2, 5, 6)
        return "\n".join(
            "  ".join(
                cell.rjust(widths[i]) if i in right else cell.ljust(widths[i]) for i, cell in enumerate(line)
            ).rstrip()
            for line in lines
        )


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
