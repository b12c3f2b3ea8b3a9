"""Published versions of packs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.governance.tables import (
    PackRow,
)


def publish_pack(session: Session, *, id: str, version: str, digest: str, body: object, at: datetime) -> bool:
    """Write a pack's version unless it is there; tells whether it was written."""
    values = {"id": id, "version": version, "digest": digest, "body": body, "published_at": at}
    return session.scalar(insert(PackRow).values(**values).on_conflict_do_nothing().returning(PackRow.id)) is not None


def pack_digests(session: Session) -> dict[tuple[str, str], str]:
    """Read the digests of all published versions."""
    rows = session.execute(select(PackRow.id, PackRow.version, PackRow.digest))
    return {(id_, version): digest for id_, version, digest in rows}


def pack_body(session: Session, digest: str) -> Mapping[str, object] | None:
    """Read the whole text of a published pack."""
    return session.scalar(select(PackRow.body).where(PackRow.digest == digest))
