"""Which rows of a batch may not enter, and what is kept of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from headway.catalog.adapters.files import Staged
from headway.catalog.adapters.source import ROW
from headway.catalog.batches import cells
from headway.catalog.batches.entities import Batch, QuarantinedRow, Reason, RowState
from headway.catalog.entities import QualityReport, RuleResult

_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The bad rows of a batch: their numbers in order, and their faults (row, rule's place, value)."""

    bad: pl.Series
    faults: pl.DataFrame


def binding_rules(report: QualityReport) -> tuple[str, ...]:
    """The rules that hold a row back: those that bear no failure, and those of which the batch breaks more than they bear."""
    return tuple(rule.id for rule in report.rules if not rule.passed or rule.bears_none)


def split(report: QualityReport, faults: Path | None) -> Split:
    """The rows of a batch that break a binding rule, with all that is wrong with them."""
    if faults is None:
        return Split(bad=pl.Series("row", [], pl.Int64), faults=pl.DataFrame(schema=_FAULTS))
    binding = set(binding_rules(report))
    places = [at for at, rule in enumerate(report.rules) if rule.id in binding]
    lines = pl.scan_parquet(faults)
    bad = lines.filter(pl.col("rule").is_in(places)).select(pl.col("row").unique().sort()).collect().to_series()
    return Split(bad=bad, faults=lines.filter(pl.col("row").is_in(bad.implode())).collect())


def without(staged: Staged, bad: pl.Series, work: Path) -> Staged:
    """The staged rows that may enter, in a file of their own; numbers of rows stay."""
    path = work / "good.parquet"
    rows = pl.scan_parquet(staged.path).filter(~pl.col(ROW).is_in(bad.implode()))
    rows.sink_parquet(path, compression="zstd", compression_level=1)
    note = f"{bad.len():,} of {staged.rows:,} rows were set aside in the quarantine"
    return replace(
        staged,
        path=path,
        rows=staged.rows - bad.len(),
        misfits=staged.misfits.filter(~pl.col("row").is_in(bad.implode())),
        notes=(*staged.notes, note),
    )


def reasons_of(faults: pl.DataFrame, rules: tuple[RuleResult, ...]) -> Mapping[int, tuple[Reason, ...]]:
    """What is wrong with each row, by its number.

    Args: faults: row, rule (its place in ``rules``), value.
    """
    told: dict[int, list[Reason]] = {}
    for row, at, value in faults.select("row", "rule", "value").sort("row", "rule").iter_rows():
        rule = rules[at]
        told.setdefault(int(row), []).append(Reason(rule=rule.id, column=rule.column, kind=rule.rule, value=value))
    return {row: tuple(reasons) for row, reasons in told.items()}


def set_aside(batch: Batch, staged: Staged, found: Split, rules: tuple[RuleResult, ...]) -> Iterator[QuarantinedRow]:
    """The bad rows of a batch as they came, with the rules they break; some thousands are held at a time."""
    for start in range(0, found.bad.len(), _AT_ONCE):
        some = found.bad.slice(start, _AT_ONCE).to_list()
        frame = pl.scan_parquet(staged.path).filter(pl.col(ROW).is_in(some)).collect()
        told = reasons_of(found.faults.filter(pl.col("row").is_in(some)), rules)
        for one in cells.rows_of(frame.sort(ROW), staged.misfits.filter(pl.col("row").is_in(some))):
            yield _row(batch.id, one, told.get(one.number, ()))


def _row(batch: str, one: cells.Row, reasons: tuple[Reason, ...]) -> QuarantinedRow:
    return QuarantinedRow(
        batch=batch,
        row=one.number,
        state=RowState.open,
        original=one.values,
        values=one.values,
        unread=tuple(sorted(one.unread)),
        reasons=reasons,
        mended_by=None,
        mended_at=None,
        mended_because=None,
        settled_by=None,
        settled_at=None,
        settled_because=None,
        snapshot_id=None,
    )


_FAULTS = {"row": pl.Int64, "rule": pl.Int32, "value": pl.String}
