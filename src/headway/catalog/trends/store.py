"""All SQL on figures of snapshots: rows inside, entities out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from headway.catalog.entities import ProductSnapshot
from headway.catalog.tables import QualityRunRow, SnapshotRow
from headway.catalog.trends.entities import ColumnFigures, Deviation, Figures, PartCount, TrendPoint
from headway.catalog.trends.tables import FiguresRow
from headway.kernel.paging import Page


def has_figures(session: Session, snapshot_id: str) -> bool:
    """Whether a snapshot was counted."""
    return session.get(FiguresRow, snapshot_id) is not None


def earlier(session: Session, snapshot: ProductSnapshot, most: int) -> list[Figures]:
    """Figures of a product's newest snapshots of other files, the oldest first."""
    asked = (
        select(FiguresRow)
        .where(FiguresRow.product == snapshot.product, FiguresRow.file_digest != snapshot.file_digest)
        .order_by(FiguresRow.snapshot_id.desc())
        .limit(most)
    )
    return [_figures(row) for row in reversed(list(session.scalars(asked)))]


def add(
    session: Session,
    snapshot: ProductSnapshot,
    figures: Figures,
    parts: tuple[PartCount, ...],
    told: tuple[tuple[Deviation, ...], datetime],
) -> None:
    """Write what was counted, and what of it was not expected."""
    session.add(
        FiguresRow(
            snapshot_id=snapshot.id,
            product=snapshot.product,
            file_digest=snapshot.file_digest,
            rows=figures.rows,
            columns={name: asdict(one) for name, one in figures.columns.items()},
            parts=[asdict(one) for one in parts],
            deviations=[asdict(one) for one in told[0]],
            taken_at=told[1],
        )
    )
    session.flush()


def points(session: Session, product: str, limit: int, cursor: str | None) -> Page[TrendPoint]:
    """A product's snapshots with their reports and figures, newest first; of several reports the newest counts."""
    asked = (
        select(SnapshotRow, QualityRunRow, FiguresRow)
        .join(QualityRunRow, QualityRunRow.snapshot_id == SnapshotRow.id)
        .outerjoin(FiguresRow, FiguresRow.snapshot_id == SnapshotRow.id)
        .where(SnapshotRow.product == product)
        .ext(distinct_on(SnapshotRow.id))
        .order_by(SnapshotRow.id.desc(), QualityRunRow.checked_at.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        asked = asked.where(SnapshotRow.id < cursor)
    rows = list(session.execute(asked))
    made = tuple(_point(snapshot, report, figures) for snapshot, report, figures in rows[:limit])
    return Page(items=made, next=made[-1].snapshot_id if len(rows) > limit else None)


def _figures(row: FiguresRow) -> Figures:
    columns = {name: _column(cast(Mapping[str, Any], plain)) for name, plain in row.columns.items()}
    return Figures(rows=row.rows, columns=columns)


def _column(plain: Mapping[str, Any]) -> ColumnFigures:
    return ColumnFigures(missing=plain["missing"], counts=plain["counts"], edges=tuple(map(float, plain["edges"])))


def _point(snapshot: SnapshotRow, report: QualityRunRow, figures: FiguresRow | None) -> TrendPoint:
    parts = cast(list[dict[str, Any]], figures.parts) if figures else []
    deviations = cast(list[dict[str, Any]], figures.deviations) if figures else []
    rules = cast(list[dict[str, Any]], report.rules)
    return TrendPoint(
        snapshot_id=snapshot.id,
        at=snapshot.created_at,
        filename=snapshot.filename,
        contract_digest=report.contract_digest,
        rows=report.rows,
        failed_rows=report.failed_rows,
        score=report.score,
        passed=report.passed,
        rules={str(rule["id"]): int(rule["failed_rows"]) for rule in rules},
        parts=tuple(PartCount(**one) for one in parts),
        deviations=tuple(Deviation(**one) for one in deviations),
    )
