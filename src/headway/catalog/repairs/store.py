"""All SQL on repairs: rows inside, entities out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from headway.catalog.repairs.entities import ActKind, RepairAct
from headway.catalog.repairs.tables import ActRow, CleaningRunRow, LabelRow, RefusalRow
from headway.kernel.ids import new_id
from headway.kernel.paging import Page


def findings_key(session: Session, snapshot: str, labels: str) -> str | None:
    """Where the findings of a snapshot lie that was looked through with some labels; None when it was not."""
    asked = select(CleaningRunRow.findings_key).filter_by(snapshot=snapshot, labels=labels)
    return session.scalar(asked)


def keep_run(
    session: Session, *, product: str, snapshot: str, labels: str, key: str, cells: int, by: str, at: datetime
) -> None:
    """Note that a snapshot was looked through; once is enough."""
    values = {
        "id": new_id("cln"),
        "product": product,
        "snapshot": snapshot,
        "labels": labels,
        "findings_key": key,
        "cells": cells,
        "made_by": by,
        "made_at": at,
    }
    session.execute(insert(CleaningRunRow).values(values).on_conflict_do_nothing())


def add_act(session: Session, made: RepairAct, cells_key: str) -> None:
    """Write a decision."""
    kept = set(ActRow.__mapper__.columns.keys())
    values = {name: getattr(made, name) for name in RepairAct.__dataclass_fields__ if name in kept}
    session.add(ActRow(**{**values, "kind": made.kind.value}, cells_key=cells_key))
    session.flush()


def act(session: Session, act_id: str) -> tuple[RepairAct, str] | None:
    """A decision by its id, and where its cells lie."""
    later = aliased(ActRow)
    asked = select(ActRow, later.id).outerjoin(later, later.undoes == ActRow.id).where(ActRow.id == act_id)
    found = session.execute(asked).one_or_none()
    return (_act(found[0], found[1]), found[0].cells_key) if found is not None else None


def acts(session: Session, product: str, limit: int, cursor: str | None) -> Page[RepairAct]:
    """Decisions about a product, the newest first."""
    later = aliased(ActRow)
    asked = select(ActRow, later.id).outerjoin(later, later.undoes == ActRow.id).where(ActRow.product == product)
    if cursor is not None:
        asked = asked.where(ActRow.id < cursor)
    rows = list(session.execute(asked.order_by(ActRow.id.desc()).limit(limit + 1)))
    shown = tuple(_act(row, undone) for row, undone in rows[:limit])
    return Page(items=shown, next=shown[-1].id if len(rows) > limit else None)


def act_that_made(session: Session, snapshot: str) -> RepairAct | None:
    """The decision that made a snapshot."""
    row = session.scalars(select(ActRow).where(ActRow.snapshot == snapshot)).one_or_none()
    return _act(row, None) if row is not None else None


def add_refusals(session: Session, product: str, keys: Iterable[str], act_id: str) -> None:
    """Note what is not suggested again."""
    for key in sorted(set(keys)):
        session.execute(insert(RefusalRow).values(product=product, key=key, act=act_id).on_conflict_do_nothing())


def refused(session: Session, product: str) -> frozenset[str]:
    """What is not suggested again."""
    return frozenset(session.scalars(select(RefusalRow.key).where(RefusalRow.product == product)))


def labels(session: Session, product: str) -> Mapping[str, Mapping[str, list[str | None]]]:
    """What stewards said of rows, by the digest of their values."""
    rows = session.scalars(select(LabelRow).where(LabelRow.product == product))
    return {row.row_digest: row.wrong for row in rows}


def label_numbers(session: Session, product: str) -> frozenset[int]:
    """The numbers of labelled rows."""
    return frozenset(session.scalars(select(LabelRow.row).where(LabelRow.product == product)))


def save_label(
    session: Session,
    product: str,
    *,
    row: int,
    row_digest: str,
    wrong: Mapping[str, list[str | None]],
    by: str,
    at: datetime,
) -> None:
    """Note what a steward says of a row; what they said of it before is written over."""
    told = {"row": row, "wrong": dict(wrong), "made_by": by, "made_at": at}
    made = insert(LabelRow).values(product=product, row_digest=row_digest, **told)
    session.execute(made.on_conflict_do_update(index_elements=["product", "row_digest"], set_=told))


def drop_labels(session: Session, product: str, digests: Collection[str]) -> None:
    """Forget labels."""
    session.execute(delete(LabelRow).where(LabelRow.product == product, LabelRow.row_digest.in_(sorted(digests))))


def _act(row: ActRow, undone_by: str | None) -> RepairAct:
    return RepairAct(
        id=row.id,
        product=row.product,
        kind=ActKind(row.kind),
        base=row.base,
        snapshot=row.snapshot,
        undoes=row.undoes,
        undone_by=undone_by,
        cells=row.cells,
        cells_digest=row.cells_digest,
        reason=row.reason,
        made_by=row.made_by,
        made_at=row.made_at,
    )
