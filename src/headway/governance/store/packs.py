"""Published versions of packs, and which of them are on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.governance.entities import PackSwitch
from headway.governance.tables import PackRow, PackSignatureRow, PackSwitchRow


def publish_pack(
    session: Session, *, id: str, version: str, digest: str, body: object, at: datetime, by: str = "service:headway"
) -> bool:
    """Write a pack's version unless it is there; tells whether it was written."""
    values = {"id": id, "version": version, "digest": digest, "body": body, "published_at": at, "published_by": by}
    return session.scalar(insert(PackRow).values(**values).on_conflict_do_nothing().returning(PackRow.id)) is not None


def pack_digests(session: Session) -> dict[tuple[str, str], str]:
    """Read the digests of all published versions."""
    rows = session.execute(select(PackRow.id, PackRow.version, PackRow.digest))
    return {(id_, version): digest for id_, version, digest in rows}


def published_packs(session: Session) -> list[tuple[str, str, str, str, datetime]]:
    """Read id, version, digest, publisher and time of every published version, oldest first."""
    columns = (PackRow.id, PackRow.version, PackRow.digest, PackRow.published_by, PackRow.published_at)
    rows = session.execute(select(*columns).order_by(PackRow.published_at, PackRow.id)).all()
    return [(id, version, digest, by, at) for id, version, digest, by, at in rows]


def pack_body(session: Session, digest: str) -> Mapping[str, object] | None:
    """Read the whole text of a published pack."""
    return session.scalar(select(PackRow.body).where(PackRow.digest == digest))


def lock_packs(session: Session) -> None:
    """Let nobody else switch packs until this transaction ends; gates go on."""
    session.execute(text("lock table governance.pack_switches in share row exclusive mode"))


def add_switch(session: Session, made: PackSwitch) -> None:
    """Write that a pack was switched on or off."""
    session.add(PackSwitchRow(**{field.name: getattr(made, field.name) for field in fields(made)}))
    session.flush()


def newest_switches(session: Session) -> dict[str, PackSwitch]:
    """Read what was last done with each pack, by its id."""
    newest = select(func.max(PackSwitchRow.number)).group_by(PackSwitchRow.pack)
    rows = session.scalars(select(PackSwitchRow).where(PackSwitchRow.number.in_(newest)))
    return {row.pack: _switch(row) for row in rows}


def list_switches(session: Session) -> list[PackSwitch]:
    """Read everything that was done with packs, oldest first."""
    return [_switch(row) for row in session.scalars(select(PackSwitchRow).order_by(PackSwitchRow.number))]


def pack_envelope(session: Session, digest: str) -> bytes | None:
    """Read the signed envelope of a pack."""
    found = session.scalar(select(PackSignatureRow.envelope).where(PackSignatureRow.digest == digest))
    return found.encode() if found is not None else None


def add_signature(session: Session, digest: str, envelope: bytes, key_id: str) -> None:
    """Keep the signed envelope of a pack, unless one is kept."""
    values = {"digest": digest, "envelope": envelope.decode(), "key_id": key_id}
    session.execute(insert(PackSignatureRow).values(**values).on_conflict_do_nothing())


def _switch(row: PackSwitchRow) -> PackSwitch:
    return PackSwitch(**{field.name: getattr(row, field.name) for field in fields(PackSwitch)})
