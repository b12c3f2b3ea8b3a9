"""Labels: a steward says of a few rows which cells are wrong; suggestions learn from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from headway import ledger
from headway.catalog import cleaning
from headway.catalog import store as products
from headway.catalog.repairs import cells, store
from headway.catalog.repairs.entities import Label, LabelTask, RowToLabel
from headway.catalog.repairs.errors import LabelInvalid, NotLookedThrough, SnapshotMoved
from headway.catalog.repairs.service.finding import AT_ONCE, current, labels_here, open_columns, read_cells
from headway.catalog.service.reading import get_product, get_snapshot
from headway.catalog.service.renewing import Data
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Denied, Fault

AT_A_TIME: Final = 5
MOST_LABELS: Final = 200
_LONGEST: Final = 1000


def rows_to_label(data: Data, slug: str, *, count: int = AT_A_TIME) -> LabelTask:
    """The rows that would teach most, without those labelled already, and the labels there are.

    Restricted columns are not asked about.

    Raises: UnknownProduct; NotLookedThrough: the snapshot is too large to choose rows while somebody waits.
    """
    product = get_product(data.session, slug)
    snapshot = get_snapshot(data.session, product.snapshot_id or "")
    shown = open_columns(product)
    if snapshot.rows * len(shown) > AT_ONCE:
        raise NotLookedThrough(
            f"rows of a snapshot of {snapshot.rows:,} rows are not chosen while somebody waits",
            hint="name rows yourself: headway product label PRODUCT --file LABELS",
        )
    rows = read_cells(data, snapshot).texts.select(shown)
    labelled = labels_here(data, product, rows)
    asked = cleaning.rows_to_label(cleaning.study(rows, product.contract), count + len(labelled))
    asked = [row for row in asked if row not in labelled][:count]
    found = current(data, slug).findings
    doubted: dict[int, list[str]] = {}
    for row, column in found.filter(pl.col("row").is_in(asked)).select("row", "column").iter_rows():
        doubted.setdefault(row, []).append(column)

    def made(row: int) -> RowToLabel:
        values = rows[row - 1].cast(pl.String).row(0, named=True)
        told = labelled.get(row)
        wrong = None if told is None else {name: right[0] if right else None for name, right in told.items()}
        doubts = tuple(name for name in shown if name in doubted.get(row, []))
        return RowToLabel(row=row, values=values, doubted=doubts, wrong=wrong)

    return LabelTask(
        product=slug,
        snapshot_id=snapshot.id,
        columns=tuple(shown),
        masked=tuple(name for name in product.columns if name not in shown),
        wanted=cleaning.LABELS,
        labelled=tuple(made(row) for row in sorted(labelled)),
        rows=tuple(made(row) for row in asked),
    )


def label(
    data: Data,
    actor: Actor,
    slug: str,
    labels: Sequence[Label],
    *,
    snapshot_id: str | None = None,
) -> int:
    """Keep what a steward says of rows; what they said of a row before is written over. Returns the labelled rows of the snapshot.

    Raises: LabelInvalid with every fault; SnapshotMoved: the rows were those of another snapshot; Denied: a service.
    """
    if not actor.is_person:
        raise Denied("a person must label rows", hint="sign in and do it yourself", values={"rule": "people-decide"})
    products.lock(data.session, slug)
    product = get_product(data.session, slug)
    snapshot = get_snapshot(data.session, product.snapshot_id or "")
    if snapshot_id is not None and snapshot_id != snapshot.id:
        raise SnapshotMoved(
            f"{slug} has another snapshot by now, {snapshot.id}", hint="look at its rows and label them"
        )
    shown = open_columns(product)
    rows = read_cells(data, snapshot).texts.select(shown)
    faults = _faults(labels, shown, rows.height, {one.row for one in labels} | set(labels_here(data, product, rows)))
    if faults:
        raise LabelInvalid("; ".join(fault.message for fault in faults[:5]), faults=faults)
    digests = cells.row_digests(rows, [one.row for one in labels])
    for one in labels:
        wrong: dict[str, list[str | None]] = {
            name: [right] if right is not None else [None] if name in one.emptied else []
            for name, right in one.wrong.items()
        }
        store.save_label(
            data.session, slug, row=one.row, row_digest=digests[one.row], wrong=wrong, by=actor.ref, at=clock.now()
        )
    payload = {
        "snapshot": snapshot.id,
        "rows": [one.row for one in labels],
        "cells": sum(len(one.wrong) for one in labels),
    }
    ledger.record(data.session, actor=actor, type="product.labelled", subject=product.ref, payload=payload)
    return len(labels_here(data, product, rows))


def _faults(labels: Sequence[Label], shown: Sequence[str], rows: int, all_rows: set[int]) -> list[Fault]:
    faults: list[Fault] = []

    def fault(one: Label, column: str | None, words: str) -> None:
        faults.append(Fault(rule="label", row=one.row, column=column, message=f"row {one.row}: {words}"))

    if not labels:
        faults.append(Fault(rule="label", message="no row was labelled"))
    if len(all_rows) > MOST_LABELS:
        faults.append(Fault(rule="label", message=f"at most {MOST_LABELS} rows are labelled"))
    numbers = [one.row for one in labels]
    for one in labels:
        if not 1 <= one.row <= rows:
            fault(one, None, f"rows go from 1 to {rows:,}")
        if numbers.count(one.row) > 1:
            fault(one, None, "is labelled twice")
        for name in {*one.wrong, *one.emptied}:
            if name not in shown:
                fault(one, name, f"{name!r} is not among the columns that are asked about")
        for name, right in one.wrong.items():
            if right is not None and len(right) > _LONGEST:
                fault(one, name, f"the right value of {name!r} is longer than {_LONGEST:,} characters")
            if right is not None and name in one.emptied:
                fault(one, name, f"{name!r} is either empty or {right!r}")
        for name in sorted(set(one.emptied) - set(one.wrong)):
            fault(one, name, f"{name!r} is emptied and not named as wrong")
    return faults
