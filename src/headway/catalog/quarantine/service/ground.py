"""What the rows of a batch stand on: the contract they are held to, and the rows of the table they would join."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from sqlalchemy.orm import Session

from headway.catalog import contract as odcs
from headway.catalog import store
from headway.catalog.adapters import duck, files, streams
from headway.catalog.adapters.lake import Lake
from headway.catalog.batches import cells
from headway.catalog.batches import store as batch_store
from headway.catalog.batches.entities import Batch, Outcome, Reason
from headway.catalog.checks import CheckPlan, compile_contract
from headway.catalog.entities import DataProduct
from headway.catalog.reporting import OF_THE_TABLE
from headway.kernel.storage import Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A contract with its plan, and the rows that are in the table already, under their numbers in the file."""

    contract: odcs.Contract
    plan: CheckPlan
    binding: frozenset[str]  # ids of the rules that hold a row back
    base: Path
    schema: Mapping[str, pl.DataType]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Rows as text with what is wrong with each, and their typed form."""

    rows: Mapping[int, cells.Row]
    reasons: Mapping[int, tuple[Reason, ...]]
    typed: pl.DataFrame
    passing: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where a product's files and rows lie."""

    storage: Storage
    lake: Lake


def ground_of(
    session: Session, places: Places, product: DataProduct, batch: Batch, work: Path, *, whole: bool
) -> Ground:
    """Find what a batch stands on.

    Args: whole: all columns of the base; without it only those that must be unique, the others are empty.
    """
    contract = _contract(session, product, batch)
    plan = compile_contract(contract)
    if batch.outcome is Outcome.refused:
        base = _of_file(places.storage, batch, contract, work)
        set_aside = pl.Series("row", batch_store.numbers_of(session, batch.id), pl.Int64)
        good = pl.scan_parquet(base).filter(~pl.col(files.ROW).is_in(set_aside.implode()))
        good.sink_parquet(work / "base.parquet")
    else:
        keys = {at for rule in plan.rules if rule.reference is None for at in rule.keys}
        names = None if whole else [plan.columns[at] for at in sorted(keys)]
        _of_lake(session, places.lake, batch, names, work / "base.parquet")
    path = work / "base.parquet"
    bears_none = {rule.id for rule in plan.rules if not rule.tolerance.holds(1, batch.rows)}
    table_rules = {rule.id for rule in plan.rules if rule.rule in OF_THE_TABLE}
    return Ground(
        contract=contract,
        plan=plan,
        binding=frozenset((bears_none | set(batch.binding)) - table_rules),
        base=path,
        schema=dict(pl.read_parquet_schema(path)),
    )


def judge(ground: Ground, rows: Sequence[cells.Row], work: Path) -> Judged:
    """Hold rows to the contract, beside those that are in the table: a key that one of these holds is a duplicate."""
    typed, misfits = cells.typed_rows(rows, odcs.text_types_of(ground.contract), ground.schema)
    path = work / "candidates.parquet"
    typed.sort(files.ROW).write_parquet(path)
    earlier = [duck.Earlier(rows=streams.rows_of(ground.base, ground.plan), hashes={})]
    has_keys = any(rule.keys and rule.reference is None for rule in ground.plan.rules)
    made = work / "judged"
    made.mkdir(exist_ok=True)
    found = duck.run(ground.plan, path, misfits, made, earlier=earlier if has_keys else ())
    reasons = _reasons(ground.plan, found.faults)
    broken = {row for row, told in reasons.items() if any(one.rule in ground.binding for one in told)}
    return Judged(
        rows=_read_rows(rows, typed, misfits),
        reasons=reasons,
        typed=typed,
        passing=frozenset(row.number for row in rows) - broken,
    )


def _read_rows(rows: Sequence[cells.Row], typed: pl.DataFrame, misfits: pl.DataFrame) -> dict[int, cells.Row]:
    """The rows with canonical text for all that could be read, and the text as it stands for what could not."""
    read = {row.number: row for row in cells.rows_of(typed, misfits)}
    known = {row.number: row for row in rows}
    return {
        number: cells.Row(number=number, values={**known[number].values, **one.values}, unread=one.unread)
        for number, one in read.items()
    }


def _reasons(plan: CheckPlan, faults: Path | None) -> dict[int, tuple[Reason, ...]]:
    if faults is None:
        return {}
    told: dict[int, list[Reason]] = {}
    for row, at, value in pl.read_parquet(faults).sort("row", "rule").iter_rows():
        rule = plan.rules[at]
        told.setdefault(int(row), []).append(Reason(rule=rule.id, column=rule.column, kind=rule.rule, value=value))
    return {row: tuple(reasons) for row, reasons in told.items()}


def _contract(session: Session, product: DataProduct, batch: Batch) -> odcs.Contract:
    """The product's contract as it is now where the batch is in its table; else the one that the batch was held to."""
    then = store.contract(session, product.slug, batch.contract_digest) or dict(product.contract)
    is_same_table = set(odcs.kinds_of(then)) == set(odcs.kinds_of(product.contract))
    return product.contract if batch.outcome is Outcome.quarantined and is_same_table else then


def _of_file(storage: Storage, batch: Batch, contract: odcs.Contract, work: Path) -> Path:
    source = work / "upload"
    storage.fetch(batch.file_key, source)
    return files.stage(source, batch.filename, work, odcs.text_types_of(contract)).path


def _of_lake(session: Session, lake: Lake, batch: Batch, names: Sequence[str] | None, path: Path) -> None:
    snapshot = store.snapshot(session, batch.snapshot_id or "")
    if snapshot is None:
        raise AssertionError("a batch whose good rows entered has a snapshot")
    wanted = None if names is None else [files.ROW, *names]
    rows = lake.scan(snapshot.table, snapshot_id=snapshot.iceberg_snapshot_id, columns=wanted)
    frame = pl.DataFrame(rows).sort(files.ROW)
    if wanted is not None:
        head = pl.DataFrame(lake.scan(snapshot.table, snapshot_id=snapshot.iceberg_snapshot_id, limit=1))
        others = [pl.lit(None, kind).alias(name) for name, kind in head.schema.items() if name not in wanted]
        frame = frame.with_columns(others)
    frame.write_parquet(path, compression="zstd", compression_level=1)
