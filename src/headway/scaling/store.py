"""All SQL on the tables of scaling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from headway.kernel import listing
from headway.kernel.listing import Column, Found, Listing, ListQuery
from headway.scaling.entities import LabelBatch, PlanState, ScalePlan
from headway.scaling.errors import UnknownPlan
from headway.scaling.tables import LabelRow, PlanRow


def plan_of(row: PlanRow) -> ScalePlan:
    """Make the entity of a row."""
    return ScalePlan(
        id=row.id,
        usecase=row.usecase,
        department=row.department,
        version=row.version,
        state=PlanState(row.state),
        job=row.job,
        filename=row.filename,
        request=row.request,
        result=row.result,
        digest=row.digest,
        check=row.check,
        error=row.error,
        started_by=row.started_by,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def batch_of(row: LabelRow) -> LabelBatch:
    """Make the entity of a row."""
    return LabelBatch(
        number=row.number,
        filename=row.filename,
        file_digest=row.file_digest,
        rows=row.rows,
        used=len(row.told),
        unknown=row.unknown,
        repeated=row.repeated,
        state=row.state,
        brought_by=row.brought_by,
        at=row.at,
    )


def need_plan(session: Session, plan_id: str, *, lock: bool = False) -> PlanRow:
    """A plan's row; raises UnknownPlan."""
    query = select(PlanRow).where(PlanRow.id == plan_id)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise UnknownPlan(f"no plan {plan_id!r}", hint="see 'headway scale list'")
    return row


def add(session: Session, row: PlanRow | LabelRow) -> None:
    """Note a row."""
    session.add(row)
    session.flush()


def put_step(session: Session, row: PlanRow, name: str, left: Mapping[str, Any]) -> None:
    """Keep what a step left."""
    row.steps = {**row.steps, name: dict(left)}
    session.flush()


def batches(session: Session, plan_id: str) -> list[LabelRow]:
    """The labels of a plan in the order in which they came."""
    return list(session.scalars(select(LabelRow).where(LabelRow.plan == plan_id).order_by(LabelRow.number)))


def list_plans(
    session: Session, *, usecase: str | None, department: str | None, limit: int, before: str | None
) -> list[ScalePlan]:
    """Plans, newest first."""
    query = select(PlanRow).order_by(PlanRow.id.desc()).limit(limit)
    if usecase:
        query = query.where(PlanRow.usecase == usecase)
    if department:
        query = query.where(PlanRow.department == department)
    if before:
        query = query.where(PlanRow.id < before)
    return [plan_of(row) for row in session.scalars(query)]


_PLANS = Listing(
    columns={
        "id": Column(of=PlanRow.id, is_searched=True),
        "usecase": Column(of=PlanRow.usecase, is_searched=True, filter="exact"),
        "department": Column(of=PlanRow.department, is_searched=True, filter="exact"),
        "version": Column(of=PlanRow.version, is_searched=True, filter="prefix"),
        "filename": Column(of=PlanRow.filename, is_searched=True),
        "state": Column(of=PlanRow.state, filter="exact", choices=tuple(PlanState)),
        "started_by": Column(of=PlanRow.started_by, filter="exact"),
        "started_at": Column(of=PlanRow.started_at, filter="dates"),
    },
    key=(PlanRow.id,),
    sort="id",
    descending=True,
    department=PlanRow.department,
)


def find_plans(session: Session, asked: ListQuery) -> Found[ScalePlan]:
    """The plans asked for, the newest first unless another order is wanted."""
    found = listing.find(session, select(PlanRow), _PLANS, asked)
    return listing.found_as(found, (plan_of(row[0]) for row in found.items))


def running_plans(session: Session) -> list[PlanRow]:
    """The plans whose making has not ended, oldest first."""
    return list(session.scalars(select(PlanRow).where(PlanRow.state == "running").order_by(PlanRow.id)))
