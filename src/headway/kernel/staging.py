"""Files that people send to be looked at before they change anything.

The row is kept in the caller's transaction, the bytes in object storage for a day and no longer than they are needed:
they may name people. What a file would change is told anew each time it is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from headway.kernel import clock, ids
from headway.kernel.auth import Actor
from headway.kernel.canonical import sha256
from headway.kernel.errors import Conflict, NotFound
from headway.kernel.storage import Storage
from headway.kernel.tables import StagedFileRow

LIFE: Final = timedelta(hours=24)
FOLDER: Final = "staged"


class StagedFileUnknown(NotFound):
    """There is no such file, it is somebody else's, or its day is over."""

    code = "staged_file_unknown"


class StagedFileApplied(Conflict):
    """The file was applied before."""

    code = "staged_file_applied"


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedFile:
    """A file that waits. ``summary`` says what applying it did, once it was."""

    id: str
    kind: str
    owner: str
    filename: str
    digest: str
    created_at: datetime
    expires_at: datetime
    applied_at: datetime | None
    summary: dict[str, Any] | None


def stage(session: Session, storage: Storage, actor: Actor, *, kind: str, filename: str, data: bytes) -> StagedFile:
    """Keep a file for a day."""
    row = StagedFileRow(
        id=ids.new_id("imp"),
        kind=kind,
        owner=actor.ref,
        filename=filename[:200],
        digest=sha256(data),
        created_at=clock.now(),
        expires_at=clock.now() + LIFE,
    )
    storage.create(f"{FOLDER}/{row.id}", data)
    session.add(row)
    session.flush()
    return _staged(row)


def get(session: Session, actor: Actor, *, kind: str, staged_id: str, lock: bool = False) -> StagedFile:
    """Read what is known of a file that the actor sent; raises StagedFileUnknown.

    Args: lock: make others that would apply it wait.
    """
    query = select(StagedFileRow).where(
        StagedFileRow.id == staged_id, StagedFileRow.kind == kind, StagedFileRow.owner == actor.ref
    )
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None or (row.applied_at is None and row.expires_at <= clock.now()):
        hint = "a file is kept for a day, for who sent it: send it again"
        raise StagedFileUnknown(f"there is no file {staged_id} that waits", hint=hint)
    return _staged(row)


def read(storage: Storage, staged: StagedFile) -> bytes:
    """Read the bytes of a file that waits. Raises StagedFileApplied."""
    if staged.applied_at is not None:
        raise StagedFileApplied(f"{staged.filename} was applied at {clock.iso(staged.applied_at)}")
    return storage.get(f"{FOLDER}/{staged.id}")


def applied(session: Session, staged: StagedFile, summary: dict[str, Any]) -> StagedFile:
    """Note that a file was applied and what that did. Its bytes go with the next ``sweep``."""
    row = session.get_one(StagedFileRow, staged.id, populate_existing=True)
    row.applied_at, row.expires_at, row.summary = clock.now(), clock.now(), summary
    session.flush()
    return _staged(row)


def sweep(session: Session, storage: Storage) -> int:
    """Forget the bytes of files that were applied, or whose day is over, and the rows of the latter; says how many.

    Bytes without a row, left by a request that failed, go with their day too.
    """
    gone = 0
    for key in list(storage.list(FOLDER)):
        staged_id = key.rpartition("/")[2]
        row = session.get(StagedFileRow, staged_id, populate_existing=True)
        made = ids.made_at(staged_id)
        is_orphan = row is None and (made is None or made + LIFE <= clock.now())
        if is_orphan or (row is not None and row.expires_at <= clock.now()):
            storage.delete(key)
            gone += 1
    session.execute(
        delete(StagedFileRow).where(StagedFileRow.applied_at.is_(None), StagedFileRow.expires_at <= clock.now())
    )
    return gone


def _staged(row: StagedFileRow) -> StagedFile:
    return StagedFile(
        id=row.id,
        kind=row.kind,
        owner=row.owner,
        filename=row.filename,
        digest=row.digest,
        created_at=row.created_at,
        expires_at=row.expires_at,
        applied_at=row.applied_at,
        summary=row.summary,
    )
