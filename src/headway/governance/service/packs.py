"""The packs in force, published into the database so that an old verdict can always be explained."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance import policy, store
from headway.governance.adapters import PackFile, built_in_packs
from headway.governance.entities import Pack
from headway.governance.errors import PackChanged, PackUnknown
from headway.kernel import clock
from headway.kernel.auth import SYSTEM
from headway.kernel.ids import Ref


def list_packs(session: Session) -> tuple[Pack, ...]:
    """Give the packs in force. A version not seen before is published; a changed one raises PackChanged."""
    files = built_in_packs()
    known = store.pack_digests(session)
    for file in files:
        if known.get((file.pack.id, file.pack.version)) != file.pack.digest:
            _publish(session, file)
    return tuple(file.pack for file in files)


def _publish(session: Session, file: PackFile) -> None:
    pack = file.pack
    is_new = store.publish_pack(
        session, id=pack.id, version=pack.version, digest=pack.digest, body=file.body, at=clock.now()
    )
    if is_new:
        payload = {"version": pack.version, "digest": pack.digest}
        ledger.record(session, actor=SYSTEM, type="pack.published", subject=Ref("pack", pack.id), payload=payload)
    elif store.pack_digests(session).get((pack.id, pack.version)) != pack.digest:
        raise PackChanged(
            f"pack {pack.id} {pack.version} differs from what was published under this version",
            hint="a published version never changes: give the changed pack a new version",
            values={"pack": pack.id, "version": pack.version, "digest": pack.digest},
        )


def get_pack(session: Session, pack_id: str, version: str | None = None, *, digest: str | None = None) -> Pack:
    """Read a pack: the one in force, or any ever published by its version or digest; raises PackUnknown."""
    for pack in list_packs(session):
        if pack.id == pack_id and version in (None, pack.version) and digest in (None, pack.digest):
            return pack
    wanted = digest or store.pack_digests(session).get((pack_id, version or ""))
    body = store.pack_body(session, wanted) if wanted is not None else None
    if body is None or body.get("id") != pack_id:
        raise PackUnknown(
            f"no pack {pack_id!r}{f' {version}' if version else ''}",
            hint="'headway policy list' names them",
            values={"pack": pack_id, "version": version, "digest": digest},
        )
    return policy.parse(body)
