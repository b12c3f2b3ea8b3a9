"""All SQL of assessments: rows inside, entities out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import cast

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from headway.governance.assessments.entities import Assessment, Assessor, Known, OwnTemplate, Value
from headway.governance.assessments.rules import template_of
from headway.governance.assessments.tables import AnswerRow, AssessmentRow, AssessorRow, TemplateRow
from headway.kernel.ids import new_id

_SEAT = tuple(column.name for column in AssessorRow.__table__.columns)
_ASSESSMENT = tuple(column.name for column in AssessmentRow.__table__.columns if column.name != "known")


def add_template(session: Session, one: OwnTemplate, source: Mapping[str, object]) -> None:
    """Write a version of a template."""
    session.add(
        TemplateRow(
            id=new_id("tpl"),
            name=one.template.id,
            version=one.template.version,
            text=one.text,
            source=dict(source),
            digest=one.template.digest,
            published_by=one.published_by,
            published_at=one.published_at,
        )
    )
    session.flush()


def own_templates(session: Session) -> list[OwnTemplate]:
    """Read the newest version of each own template, by name."""
    newest = select(func.max(TemplateRow.id)).group_by(TemplateRow.name)
    query = select(TemplateRow).where(TemplateRow.id.in_(newest)).order_by(TemplateRow.name)
    return [_own(one) for one in session.scalars(query)]


def own_template(session: Session, name: str, version: str | None, *, lock: bool = False) -> OwnTemplate | None:
    """Read a version of an own template; the newest without ``version``."""
    query = select(TemplateRow).where(TemplateRow.name == name).order_by(TemplateRow.id.desc()).limit(1)
    query = query if version is None else query.where(TemplateRow.version == version)
    row = session.scalars(query.with_for_update() if lock else query).first()
    return _own(row) if row else None


def retire_template(session: Session, name: str, *, by: str, at: datetime, because: str) -> None:
    """Retire all versions of a template."""
    query = update(TemplateRow).where(TemplateRow.name == name, TemplateRow.retired_at.is_(None))
    session.execute(query.values(retired_by=by, retired_at=at, retired_because=because))
    session.expire_all()


def _own(row: TemplateRow) -> OwnTemplate:
    return OwnTemplate(
        template=template_of(row.source, is_own=True),
        text=row.text,
        published_by=row.published_by,
        published_at=row.published_at,
        retired_by=row.retired_by,
        retired_at=row.retired_at,
        retired_because=row.retired_because,
    )


def add_assessor(session: Session, one: Assessor) -> None:
    """Write a person on a seat."""
    session.add(AssessorRow(**{name: getattr(one, name) for name in _SEAT}))
    session.flush()


def list_assessors(session: Session, *, seat: str | None = None, is_active: bool = True) -> list[Assessor]:
    """Read who sits where, by seat."""
    query = select(AssessorRow).order_by(AssessorRow.seat, AssessorRow.id)
    if seat is not None:
        query = query.where(AssessorRow.seat == seat)
    if is_active:
        query = query.where(AssessorRow.ended_at.is_(None))
    return [_assessor(row) for row in session.scalars(query)]


def get_assessor(session: Session, assessor_id: str) -> Assessor | None:
    """Read one."""
    row = session.get(AssessorRow, assessor_id)
    return _assessor(row) if row else None


def end_assessor(session: Session, assessor_id: str, *, by: str, at: datetime) -> None:
    """End what one holds."""
    session.execute(update(AssessorRow).where(AssessorRow.id == assessor_id).values(ended_by=by, ended_at=at))
    session.expire_all()


def add_assessment(session: Session, one: Assessment) -> None:
    """Write an assessment that is opened."""
    names = _ASSESSMENT
    session.add(AssessmentRow(**{name: getattr(one, name) for name in names}, known={}))
    session.flush()


def add_answers(session: Session, assessment: str, answers: Mapping[str, Value], *, by: str, at: datetime) -> None:
    """Write answers beside those of before."""
    session.add_all(
        AnswerRow(id=new_id("ans"), assessment=assessment, question=name, value=value, answered_by=by, answered_at=at)
        for name, value in answers.items()
    )
    session.flush()


def change_assessment(session: Session, assessment_id: str, values: Mapping[str, object]) -> None:
    """Write the next step of an assessment; the trigger refuses any other change."""
    session.execute(update(AssessmentRow).where(AssessmentRow.id == assessment_id).values(**values))
    session.expire_all()


def next_number(session: Session, usecase: str, template: str) -> int:
    """Say the how manieth of its kind the next one is."""
    query = select(func.coalesce(func.max(AssessmentRow.number), 0)).where(
        AssessmentRow.usecase == usecase, AssessmentRow.template == template
    )
    return session.scalars(query).one() + 1


def get_assessment(session: Session, assessment_id: str, *, lock: bool = False) -> Assessment | None:
    """Read an assessment with its answers."""
    query = select(AssessmentRow).where(AssessmentRow.id == assessment_id)
    row = session.scalars(query.with_for_update() if lock else query).first()
    return _assessments(session, [row])[0] if row else None


def list_assessments(
    session: Session, *, usecase: str | None = None, states: Collection[str] = (), limit: int = 500
) -> list[Assessment]:
    """Read assessments, newest first."""
    query = select(AssessmentRow).order_by(AssessmentRow.id.desc()).limit(limit)
    if usecase is not None:
        query = query.where(AssessmentRow.usecase == usecase)
    if states:
        query = query.where(AssessmentRow.state.in_(states))
    return _assessments(session, list(session.scalars(query)))


def newest_assessments(session: Session) -> list[Assessment]:
    """Read the newest assessment of each use case and template."""
    pair = (AssessmentRow.usecase, AssessmentRow.template)
    query = select(AssessmentRow).ext(distinct_on(*pair)).order_by(*pair, AssessmentRow.id.desc())
    return _assessments(session, list(session.scalars(query)))


def _assessments(session: Session, rows: list[AssessmentRow]) -> list[Assessment]:
    given: dict[str, dict[str, Value]] = {}
    if rows:
        query = select(AnswerRow).where(AnswerRow.assessment.in_([row.id for row in rows])).order_by(AnswerRow.id)
        for answer in session.scalars(query):
            given.setdefault(answer.assessment, {})[answer.question] = _value(answer.value)
    return [_assessment(row, given.get(row.id, {})) for row in rows]


def _value(kept: object) -> Value:
    """An answer as it is kept; a whole number is a number like any other."""
    return float(kept) if isinstance(kept, int) and not isinstance(kept, bool) else cast(Value, kept)


def _assessment(row: AssessmentRow, answers: Mapping[str, Value]) -> Assessment:
    names = _ASSESSMENT
    return Assessment(
        **{name: getattr(row, name) for name in names},
        known={name: msgspec.convert(one, Known) for name, one in row.known.items()},
        answers=answers,
    )


def _assessor(row: AssessorRow) -> Assessor:
    return Assessor(**{name: getattr(row, name) for name in _SEAT})
