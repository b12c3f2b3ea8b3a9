"""The quorum of each environment above the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from headway.governance.entities import Quorum
from headway.governance.tables import QuorumRow


def quorums(session: Session) -> list[Quorum]:
    """Read every quorum, the pilot's first."""
    query = select(QuorumRow).order_by(QuorumRow.environment).execution_options(populate_existing=True)
    return [_quorum(row) for row in session.scalars(query)]


def get_quorum(session: Session, environment: str, *, lock: Literal["share", "update"] | None = None) -> Quorum:
    """Read the quorum of an environment; ``share`` lets nobody change it meanwhile, ``update`` is for who changes it."""
    held = {"read": True} if lock == "share" else lock is not None
    return _quorum(session.get_one(QuorumRow, environment, with_for_update=held, populate_existing=True))


def change_quorum(session: Session, environment: str, values: Mapping[str, object]) -> None:
    """Write a changed quorum."""
    row = session.get_one(QuorumRow, environment)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()


def _quorum(row: QuorumRow) -> Quorum:
    return Quorum(
        environment=row.environment,
        needed=row.needed,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        reason=row.reason,
    )
