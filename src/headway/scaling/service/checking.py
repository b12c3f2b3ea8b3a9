"""The check of a forecast by labels: those in the plan's own file, and those that come later, batch by batch."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import polars as pl
from sqlalchemy.orm import Session

from headway import catalog, ledger, numerics, registry
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.canonical import file_digest
from headway.kernel.ids import Ref
from headway.kernel.storage import Storage
from headway.kernel.web import Parts
from headway.scaling import labels, store
from headway.scaling.adapters import Scorer, kept, matrix
from headway.scaling.directions import directions
from headway.scaling.entities import ScalePlan
from headway.scaling.errors import BadLabels, PlanNotReady
from headway.scaling.sequential import Check, State, Tolerance, check, order_to_label
from headway.scaling.service.keeping import key
from headway.scaling.shift import auc_with_error
from headway.scaling.tables import LabelRow, PlanRow

SEED: Final = 7
MOST_IN_FILE: Final = 1_000
"""Labels of the plan's own file that are held against the forecast; more would only take longer."""
SHOWN_POINTS: Final = 120
TO_LABEL: Final = 300
Told = Sequence[Sequence[float]]


def start(parts: Parts, plan_id: str) -> tuple[State, int | None]:
    """Hold the outcomes of the plan's own file against the forecast; gives the state, and about how many labels it takes."""
    with parts.database.session() as session:
        row = store.need_plan(session, plan_id, lock=True)
        rows = kept(parts.storage, key(plan_id, "rows"))
        scorer = _scorer(session, parts.storage, row)
        needed = _evaluate(parts.storage, scorer, row, rows, []).more
        told = _in_file(row, rows)
        if told and not store.batches(session, plan_id):
            found = _evaluate(parts.storage, scorer, row, rows, told)
            store.add(
                session,
                _batch(row, number=0, filename=row.filename, digest=row.request["file_digest"], told=told, found=found),
            )
        else:
            found = _evaluate(parts.storage, scorer, row, rows, _all_told(session, plan_id))
        row.check = _plain(found, rows, _all_told(session, plan_id))
        session.flush()
        return found.state, needed


def bring_labels(
    session: Session, storage: Storage, actor: Actor, plan_id: str, *, path: Path, filename: str
) -> ScalePlan:
    """Take in a batch of labels, and tell whether the forecast stands, falls, or needs more.

    The file names each case by ``row`` (its number in the plan's file) or by its subject, and its outcome. A case that was
    told before counts as it was told first. The same file again changes nothing.

    Raises: UnknownPlan. PlanNotReady. UnreadableFile. BadLabels: with every fault.
    """
    row = store.need_plan(session, plan_id, lock=True)
    if row.state != "done":
        raise PlanNotReady(f"plan {plan_id} is {row.state}", hint="labels are brought to a plan that is there")
    digest, before = file_digest(path), store.batches(session, plan_id)
    if any(batch.file_digest == digest and batch.number > 0 for batch in before):
        return store.plan_of(row)
    rows = kept(storage, key(plan_id, "rows"))
    read = labels.read(catalog.read_file(path, filename), rows, _words(row))
    if read.faults:
        raise BadLabels("; ".join(fault.message for fault in read.faults[:5]), faults=read.faults, hint=labels.HINT)
    known = {int(one[0]) for one in _all_told(session, plan_id)}
    told = [[at, y] for at, y in read.told if at not in known]
    found = _evaluate(storage, _scorer(session, storage, row), row, rows, [*_all_told(session, plan_id), *told])
    number = max((batch.number for batch in before), default=0) + 1
    batch = _batch(row, number=number, filename=filename, digest=digest, told=told, found=found)
    batch.rows, batch.unknown, batch.brought_by = read.rows, read.unknown, actor.ref
    batch.repeated = len(read.told) - len(told) + read.repeated
    store.add(session, batch)
    row.check = _plain(found, rows, _all_told(session, plan_id))
    session.flush()
    _record(session, actor, row, batch, found)
    return store.plan_of(row)


def rows_to_label(session: Session, storage: Storage, plan_id: str, *, limit: int = TO_LABEL) -> pl.DataFrame:
    """The cases whose outcome to find out first: row, subject, and an empty outcome to fill in; raises PlanNotReady."""
    row = store.need_plan(session, plan_id)
    if row.state != "done":
        raise PlanNotReady(f"plan {plan_id} is {row.state}", hint="wait until it is made")
    rows, told = kept(storage, key(plan_id, "rows")), {int(one[0]) for one in _all_told(session, plan_id)}
    chosen = [at for at in order_to_label(_probability(row, rows), rows.height, seed=SEED) if at + 1 not in told]
    return rows[chosen[:limit]].select("row", "subject", pl.lit("").alias("outcome"))


def csv_to_label(session: Session, storage: Storage, plan_id: str, *, limit: int = TO_LABEL) -> str:
    """The cases whose outcome to find out first, as a CSV file to fill in; raises PlanNotReady."""
    frame = rows_to_label(session, storage, plan_id, limit=limit)
    with io.StringIO(newline="") as out:
        writer = csv.writer(out)
        writer.writerow(frame.columns)
        writer.writerows((row, _safe(subject), outcome) for row, subject, outcome in frame.iter_rows())
        return out.getvalue()


def _safe(text: str | None) -> str | None:
    """A text that a spreadsheet would take for a formula gets a quotation mark before it."""
    return "'" + text if text and text[0] in "=+-@\t\r" else text


def _evaluate(storage: Storage, scorer: Scorer, row: PlanRow, rows: pl.DataFrame, told: Told) -> Check:
    width = len(scorer.release.features)
    probability = _probability(row, rows)
    at = np.array([int(one[0]) - 1 for one in told], dtype=np.intp)
    y = np.array([one[1] for one in told], dtype=np.float64)
    judged = matrix(kept(storage, key(row.id, "judged")), width)
    sides = directions(matrix(rows[at], width), judged, scorer.release.features)
    tolerance = msgspec.convert(row.steps["forecast"]["tolerance"], Tolerance)
    return check(probability[at], y, sides, probability, tolerance)


def _probability(row: PlanRow, rows: pl.DataFrame) -> numerics.FloatArray:
    """What the forecast says of every row: the model's score, calibrated for this department."""
    line = row.steps["forecast"]["forecast"]
    return numerics.sigmoid(line["slope"] * rows["raw"].to_numpy() + line["intercept"])


def _in_file(row: PlanRow, rows: pl.DataFrame) -> list[list[float]]:
    known = rows.filter(pl.col("y").is_not_nan())
    order = order_to_label(_probability(row, known), MOST_IN_FILE, seed=SEED)
    return [[int(at), float(y)] for at, y in known[order].select("row", "y").iter_rows()]


def _all_told(session: Session, plan_id: str) -> list[list[float]]:
    return [one for batch in store.batches(session, plan_id) for one in batch.told]


def _batch(row: PlanRow, *, number: int, filename: str, digest: str, told: Told, found: Check) -> LabelRow:
    return LabelRow(
        plan=row.id,
        number=number,
        filename=filename,
        file_digest=digest,
        rows=len(told),
        unknown=0,
        repeated=0,
        told=[list(one) for one in told],
        state=found.state.value,
        brought_by=row.started_by,
        at=clock.now(),
    )


def _plain(found: Check, rows: pl.DataFrame, told: Told) -> dict[str, Any]:
    step = max(1, -(-found.labels // SHOWN_POINTS))
    shown = sorted({*range(step - 1, found.labels, step), *([found.labels - 1] if found.labels else [])})
    return {
        "state": found.state.value,
        "labels": found.labels,
        "positives": found.positives,
        "expected_positives": found.expected_positives,
        "decided_at": found.decided_at,
        "more": found.more,
        "realised": _realised(rows, told),
        "points": [
            {"labels": at + 1, "against": float(found.against[at]), "for_it": float(found.for_it[at])} for at in shown
        ],
    }


def _realised(rows: pl.DataFrame, told: Told) -> dict[str, float] | None:
    """The AUC on the labels alone; of cases chosen by their forecast it is not that of all cases."""
    at, y = [int(one[0]) - 1 for one in told], np.array([one[1] for one in told])
    if not 1 < y.sum() < len(y) - 1:
        return None
    raw = rows["raw"].to_numpy()[at]
    value, error = auc_with_error(raw[y == 1], raw[y == 0])
    return {"auc": value, "low": max(0.0, value - 1.959964 * error), "high": min(1.0, value + 1.959964 * error)}


def _words(row: PlanRow) -> labels.Words:
    pairs = {one["role"]: one for one in row.steps["mapping"]["pairs"] if one["role"] in ("label", "subject")}
    label, subject = pairs.get("label", {}), pairs.get("subject", {})
    coding = label.get("coding") or {"values": {}}
    return labels.Words(
        outcome=tuple(name for name in ("outcome", label.get("theirs"), label.get("ours")) if name),
        subject=tuple(name for name in ("subject", subject.get("theirs"), subject.get("ours")) if name),
        positive=row.steps["mapping"]["positive"],
        negative=row.steps["mapping"]["negative"],
        codes=coding["values"],
    )


def _record(session: Session, actor: Actor, row: PlanRow, batch: LabelRow, found: Check) -> None:
    payload = {
        "batch": batch.number,
        "file_digest": batch.file_digest,
        "used": len(batch.told),
        "labels": found.labels,
        "state": found.state.value,
    }
    ledger.record(session, actor=actor, type="scaleplan.labelled", subject=Ref("scaleplan", row.id), payload=payload)


def _scorer(session: Session, storage: Storage, row: PlanRow) -> Scorer:
    return Scorer.of(storage, registry.get_version(session, row.version).digest)
