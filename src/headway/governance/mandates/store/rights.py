"""Versions of the decision-rights matrix, and the draft that people work on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import exists, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from headway.governance.mandates import rights
from headway.governance.mandates.rights import DecisionRights, RightsDraft, RightsRow
from headway.governance.mandates.tables import DecisionRightsRow, RightsDraftRow

DRAFT = 1


def lock_rights(session: Session) -> None:
    """Let nobody else adopt or confirm until this transaction ends."""
    session.execute(text("select pg_advisory_xact_lock(hashtext('governance.decision_rights'))"))


def next_rights_version(session: Session) -> int:
    """The number of the next version."""
    return (session.scalar(select(func.max(DecisionRightsRow.version))) or 0) + 1


def add_rights(session: Session, values: Mapping[str, object]) -> None:
    """Write a version."""
    session.execute(insert(DecisionRightsRow).values(**values))


def confirm_rights(session: Session, rights_id: str, values: Mapping[str, object]) -> None:
    """Write who confirmed a version, with the envelope."""
    session.execute(update(DecisionRightsRow).where(DecisionRightsRow.id == rights_id).values(**values))


def all_rights(session: Session) -> tuple[DecisionRights, ...]:
    """Read every version, newest first; of those that were confirmed the newest is in force."""
    row = DecisionRightsRow
    query = select(row).order_by(row.version.desc()).execution_options(populate_existing=True)
    found, is_settled = [], False
    for each in session.scalars(query):
        one = _rights(each)
        if is_settled:
            one = replace(one, state="superseded")
        elif one.confirmed_at is not None:
            one, is_settled = replace(one, state="in_force"), True
        found.append(one)
    return tuple(found)


def rights_in_force(session: Session) -> DecisionRights | None:
    """Read the version that counts; None when none was ever confirmed."""
    row = DecisionRightsRow
    query = select(row).where(row.confirmed_at.is_not(None)).order_by(row.version.desc()).limit(1)
    found = session.scalars(query).first()
    return replace(_rights(found), state="in_force") if found else None


def has_rights(session: Session) -> bool:
    """Tell whether a version was ever confirmed."""
    return bool(session.scalar(select(exists().where(DecisionRightsRow.confirmed_at.is_not(None)))))


def rights_envelope(session: Session, version: int) -> bytes | None:
    """Read the signed envelope of a version."""
    return session.scalar(select(DecisionRightsRow.envelope).where(DecisionRightsRow.version == version))


def put_draft(session: Session, rows: Sequence[RightsRow], by: str, at: datetime) -> None:
    """Write the draft anew."""
    values = {"rows": [rights.plain(one) for one in rows], "changed_by": by, "changed_at": at}
    query = upsert(RightsDraftRow).values(id=DRAFT, **values)
    session.execute(query.on_conflict_do_update(index_elements=["id"], set_=values))


def get_draft(session: Session) -> RightsDraft | None:
    """Read the draft; None when nobody began one."""
    row = session.get(RightsDraftRow, DRAFT, populate_existing=True)
    if row is None:
        return None
    rows = tuple(rights.read_row(one) for one in row.rows)
    return RightsDraft(rows=rows, changed_by=row.changed_by, changed_at=row.changed_at)


def _rights(row: DecisionRightsRow) -> DecisionRights:
    return DecisionRights(
        id=row.id,
        version=row.version,
        rows=tuple(rights.read_row(one) for one in row.rows),
        reason=row.reason,
        digest=row.digest,
        policies=row.policies,
        adopted_by=row.adopted_by,
        adopted_at=row.adopted_at,
        confirmed_by=row.confirmed_by,
        confirmed_at=row.confirmed_at,
        key_id=row.key_id,
        state="waiting",
    )
