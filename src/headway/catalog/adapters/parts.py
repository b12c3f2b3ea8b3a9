"""Checks of a table that grows by files: each file is checked once, what was found is kept, and only new files are read.

The state of a part is small: counts of each rule, the newest times, and the hash of each unique key in the order of the rows
(8 bytes a row, mapped from the disk, never sorted). A key of a new part is a duplicate when an earlier part or an earlier row
holds it; equal hashes are compared by value, in the few row groups that hold them. So the failures of a table are the sums of
its parts', exactly those of a check of all rows at once, which a property test holds them to.

The key of a state is a digest over contract, other tables, engine, this part and all parts before it: whatever changes there,
the parts from that place on are checked anew. Parts are immutable; a digest names the bytes of a file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl

from headway.catalog.adapters import duck, streams
from headway.catalog.checks import CheckPlan

_FORMAT: Final = 1
_NO_MISFITS: Final = {"row": pl.Int64, "column": pl.String, "value": pl.String}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file of a table's rows: a snapshot that was appended, or the rows of one value of a partition."""

    name: str
    path: Path
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartResult:
    """What the check of one part found: failures of each rule by its place, and where its bad rows lie."""

    name: str
    rows: int
    failures: tuple[int, ...]
    failed_rows: int
    fault_count: int
    newest: Mapping[int, datetime | None] = field(default_factory=dict)
    faults: Path | None = None
    quarantine: Path | None = None
    is_known: bool = False
    """Whether it was found before and only read now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableResult:
    """What the checks of all parts say of the table."""

    rows: int
    failures: tuple[int, ...]
    failed_rows: int
    parts: tuple[PartResult, ...]


def check_parts(
    plan: CheckPlan,
    parts: Sequence[Part],
    folder: Path,
    *,
    tables: Mapping[str, Part] | None = None,
    is_counted_only: bool = False,
) -> TableResult:
    """Check a table's parts in their order; those whose state lies in the folder are not read again.

    Args: folder: takes a folder a part (state, hashes of keys, faults, quarantine) and must be on one file system.
    """
    chain = _plan_digest(plan, tables or {}, is_counted_only)
    results: list[PartResult] = []
    earlier: list[duck.Earlier] = []
    for part in parts:
        chain = hashlib.sha256(f"{chain}\n{part.digest}".encode()).hexdigest()
        home = folder / chain
        known = _read(home)
        results.append(known or _check(plan, part, home, earlier, tables or {}, is_counted_only=is_counted_only))
        rows = streams.rows_of(part.path, plan)
        hashes = {at: home / f"keys-{at}.npy" for at in streams.hashed_rules(plan, rows)}
        earlier.append(duck.Earlier(rows=rows, hashes=hashes))
    return _whole(plan, results)


def _check(
    plan: CheckPlan,
    part: Part,
    home: Path,
    earlier: Sequence[duck.Earlier],
    tables: Mapping[str, Part],
    *,
    is_counted_only: bool,
) -> PartResult:
    home.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{home.name[:12]}-", dir=home.parent) as work:
        made = Path(work) / "made"
        made.mkdir()
        found = duck.run(
            plan,
            part.path,
            pl.DataFrame(schema=_NO_MISFITS),
            made,
            tables={name: table.path for name, table in tables.items()},
            earlier=earlier,
            is_counted_only=is_counted_only,
        )
        result = PartResult(
            name=part.name,
            rows=found.rows,
            failures=found.failures,
            failed_rows=found.failed_rows,
            fault_count=found.fault_count,
            newest=found.newest,
        )
        _write(result, made)
        if not home.exists():  # another process may have been first; it found the same
            made.rename(home)
    return _at(result, home)


def _write(result: PartResult, folder: Path) -> None:
    told = asdict(result) | {"format": _FORMAT}
    told["newest"] = {str(at): moment.isoformat() if moment else None for at, moment in result.newest.items()}
    for name in ("faults", "quarantine", "is_known"):
        del told[name]
    (folder / "state.json").write_text(json.dumps(told))


def _read(home: Path) -> PartResult | None:
    if not (home / "state.json").exists():
        return None
    told = json.loads((home / "state.json").read_text())
    newest = {int(at): datetime.fromisoformat(text) if text else None for at, text in told["newest"].items()}
    result = PartResult(
        name=told["name"],
        rows=told["rows"],
        failures=tuple(told["failures"]),
        failed_rows=told["failed_rows"],
        fault_count=told["fault_count"],
        newest=newest,
        is_known=True,
    )
    return _at(result, home)


def _at(result: PartResult, home: Path) -> PartResult:
    files = {name: home / f"{name}.parquet" for name in ("faults", "quarantine")}
    return PartResult(
        name=result.name,
        rows=result.rows,
        failures=result.failures,
        failed_rows=result.failed_rows,
        fault_count=result.fault_count,
        newest=result.newest,
        faults=files["faults"] if files["faults"].exists() else None,
        quarantine=files["quarantine"] if files["quarantine"].exists() else None,
        is_known=result.is_known,
    )


def _whole(plan: CheckPlan, parts: Sequence[PartResult]) -> TableResult:
    """Counts add up; freshness is that of the newest time of all parts."""
    failures = [sum(part.failures[at] for part in parts) for at in range(len(plan.rules))]
    for at, rule in enumerate(plan.rules):
        if rule.oldest is not None:
            newest = max((moment for part in parts if (moment := part.newest[at])), default=None)
            failures[at] = int(duck.is_stale(plan, at, newest))
    return TableResult(
        rows=sum(part.rows for part in parts),
        failures=tuple(failures),
        failed_rows=sum(part.failed_rows for part in parts),
        parts=tuple(parts),
    )


def _plan_digest(plan: CheckPlan, tables: Mapping[str, Part], is_counted_only: bool) -> str:
    """What all states depend on; hashes of keys are those of one version of Polars."""
    others = sorted((name, table.digest) for name, table in tables.items())
    told = (_FORMAT, pl.__version__, plan.columns, plan.rules, sorted(plan.parameters.items()), others, is_counted_only)
    return hashlib.sha256(repr(told).encode()).hexdigest()
