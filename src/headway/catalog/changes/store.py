"""All SQL on changes of contracts and their answers: rows inside, entities out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from headway.catalog.changes.entities import Answer, Because, ChangeState, ContractChange
from headway.catalog.changes.tables import ContractAnswerRow, ContractChangeRow
from headway.catalog.evolving import Change, Level
from headway.catalog.tables import ProductRow
from headway.kernel.paging import Page

_PLAIN = (
    "id", "product", "version_before", "digest_before", "version", "digest", "level", "reason", "proposed_by", "proposed_at",
    "answer_by", "keep_days", "effective_at", "effective_because", "withdrawn_by", "withdrawn_at", "withdrawn_because",
)  # fmt: skip
_ANSWER = ("consumer", "delegate", "accepted", "reason", "answered_by", "answered_at")


def add_change(session: Session, made: ContractChange) -> None:
    """Write a proposal with those who are asked."""
    values: dict[str, Any] = {name: getattr(made, name) for name in _PLAIN}
    session.add(
        ContractChangeRow(**values, contract=dict(made.contract), changes=[asdict(one) for one in made.changes])
    )
    session.flush()
    for one in made.answers:
        session.add(ContractAnswerRow(change=made.id, consumer=one.consumer, because=list(one.because)))
    session.flush()


def get_change(session: Session, change_id: str, *, lock: bool = False) -> ContractChange | None:
    """Read one; ``lock`` makes others that would answer it wait."""
    row = session.get(ContractChangeRow, change_id, with_for_update=lock or None, populate_existing=True)
    return _change(session, row) if row is not None else None


def end_change(session: Session, change_id: str, values: Mapping[str, object]) -> None:
    """Write that a change took effect or was withdrawn."""
    session.execute(update(ContractChangeRow).where(ContractChangeRow.id == change_id).values(**values))


def write_answer(session: Session, change_id: str, consumer: str, values: Mapping[str, object]) -> None:
    """Write an answer, a delegate or a reminder."""
    row = ContractAnswerRow
    session.execute(update(row).where(row.change == change_id, row.consumer == consumer).values(**values))


def changes(session: Session, product: str, limit: int, cursor: str | None) -> Page[ContractChange]:
    """Changes of a product, newest first."""
    row = ContractChangeRow
    asked = select(row).where(row.product == product).order_by(row.id.desc()).limit(limit + 1)
    if cursor is not None:
        asked = asked.where(row.id < cursor)
    rows = list(session.scalars(asked.execution_options(populate_existing=True)))
    shown = tuple(_change(session, one) for one in rows[:limit])
    return Page(items=shown, next=shown[-1].id if len(rows) > limit else None)


def open_changes(session: Session, product: str | None = None) -> tuple[ContractChange, ...]:
    """Changes that wait, oldest first; of one product or of all."""
    row = ContractChangeRow
    asked = select(row).where(row.effective_at.is_(None), row.withdrawn_at.is_(None)).order_by(row.id)
    if product is not None:
        asked = asked.where(row.product == product)
    rows = session.scalars(asked.execution_options(populate_existing=True))
    return tuple(_change(session, one) for one in rows)


def asked_of(session: Session, person: str) -> tuple[ContractChange, ...]:
    """Open changes that wait for an answer that somebody may give, those that end first before others."""
    row = ContractAnswerRow
    mine = select(row.change).where(row.accepted.is_(None), (row.consumer == person) | (row.delegate == person))
    known = [one for one in open_changes(session) if one.id in set(session.scalars(mine))]
    return tuple(sorted(known, key=lambda one: (one.answer_by or date.max, one.id)))


def due_reminders(session: Session, until: date) -> list[tuple[str, str]]:
    """Change and consumer of answers that are missing, whose last day is near, and of which nobody was reminded."""
    row, change = ContractAnswerRow, ContractChangeRow
    asked = (
        select(row.change, row.consumer)
        .join(change, change.id == row.change)
        .where(change.effective_at.is_(None), change.withdrawn_at.is_(None), change.answer_by <= until)
        .where(row.accepted.is_(None), row.reminded_at.is_(None))
        .order_by(row.change, row.consumer)
    )
    return [(one, consumer) for one, consumer in session.execute(asked)]


def next_contract(session: Session, product: str) -> str | None:
    """The digest of the contract that the next file is held to, where it is not the current one."""
    return session.scalar(select(ProductRow.next_contract).where(ProductRow.slug == product))


def set_contract(session: Session, product: str, *, current: str | None, following: str | None, at: datetime) -> None:
    """Write which contract is current (None: as it is) and which follows with the next file."""
    values: dict[str, object] = {"next_contract": following, "updated_at": at}
    if current is not None:
        values["contract_digest"] = current
    session.execute(
        update(ProductRow).where(ProductRow.slug == product).values(**values),
        execution_options={"synchronize_session": "fetch"},
    )


def _change(session: Session, row: ContractChangeRow) -> ContractChange:
    asked = select(ContractAnswerRow).where(ContractAnswerRow.change == row.id).order_by(ContractAnswerRow.consumer)
    answers = session.scalars(asked.execution_options(populate_existing=True))
    state = (
        ChangeState.withdrawn if row.withdrawn_at else ChangeState.effective if row.effective_at else ChangeState.open
    )
    plain: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
    plain["level"] = cast(Level, row.level)
    plain["effective_because"] = cast("Because | None", row.effective_because)
    return ContractChange(
        **plain,
        contract=dict(row.contract),
        changes=tuple(Change(**cast("dict[str, Any]", one)) for one in row.changes),
        answers=tuple(
            Answer(**{name: getattr(one, name) for name in _ANSWER}, because=tuple(one.because)) for one in answers
        ),
        state=state,
    )
