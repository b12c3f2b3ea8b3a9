"""The packs in force, published into the database so that an old verdict can always be explained."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance import policy, store
from headway.governance.adapters import IN_FORCE, PackFile, built_in_packs
from headway.governance.entities import Pack, PackSwitch
from headway.governance.errors import PackChanged, PackUnknown
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.ids import Ref

_read: dict[str, Pack] = {}  # by digest; a published pack never changes


def list_packs(session: Session) -> tuple[Pack, ...]:
    """Give the packs that are on, by name; what comes with Headway is published when it is first seen.

    A new home starts with ``adapters.IN_FORCE`` on. Later versions that come with Headway wait until a person switches
    them on. Raises PackChanged: a published version has another content than before.
    """
    publish_built_in(session)
    switches = sorted(store.newest_switches(session).values(), key=lambda one: one.pack)
    return tuple(read_published(session, one.digest) for one in switches if one.is_on)


def enforced(packs: tuple[Pack, ...]) -> tuple[Pack, ...]:
    """Those whose controls gates ask."""
    return tuple(pack for pack in packs if pack.mode == "enforced")


def publish_built_in(session: Session) -> None:
    """Publish what comes with Headway and was not seen before."""
    known = store.pack_digests(session)
    for file in built_in_packs():
        if known.get((file.pack.id, file.pack.version)) != file.pack.digest:
            publish_file(session, file)


def publish_file(session: Session, file: PackFile, actor: Actor = SYSTEM) -> bool:
    """Publish a version of a pack; tells whether it was new. Raises PackChanged."""
    pack = file.pack
    known = {id for id, _ in store.pack_digests(session)}
    is_new = store.publish_pack(
        session, id=pack.id, version=pack.version, digest=pack.digest, body=file.body, at=clock.now(), by=actor.ref
    )
    if is_new:
        _tell_new(session, actor, file, is_first=pack.id not in known)
    elif store.pack_digests(session).get((pack.id, pack.version)) != pack.digest:
        raise PackChanged(
            f"pack {pack.id} {pack.version} differs from what was published under this version",
            hint="a published version never changes: give the changed pack a new version",
            values={"pack": pack.id, "version": pack.version, "digest": pack.digest},
        )
    return is_new


def _tell_new(session: Session, actor: Actor, file: PackFile, *, is_first: bool) -> None:
    pack = file.pack
    payload = {"version": pack.version, "digest": pack.digest}
    ledger.record(session, actor=actor, type="pack.published", subject=Ref("pack", pack.id), payload=payload)
    if is_first and pack.id in IN_FORCE:
        made = PackSwitch(
            pack=pack.id,
            version=pack.version,
            digest=pack.digest,
            is_on=True,
            reason="a new home starts with it",
            by=SYSTEM.ref,
            at=clock.now(),
        )
        store.add_switch(session, made)


def get_pack(session: Session, pack_id: str, version: str | None = None, *, digest: str | None = None) -> Pack:
    """Read a pack: the version that is on, else the newest published; or any by version or digest; raises PackUnknown."""
    for pack in list_packs(session):
        if pack.id == pack_id and version in (None, pack.version) and digest in (None, pack.digest):
            return pack
    published = {known: found for (id, known), found in store.pack_digests(session).items() if id == pack_id}
    wanted = digest or (published.get(version) if version else newest(published))
    if wanted is None or wanted not in published.values():
        raise PackUnknown(
            f"no pack {pack_id!r}{f' {version}' if version else ''}",
            hint="'headway policy list --all' names them",
            values={"pack": pack_id, "version": version, "digest": digest},
        )
    return read_published(session, wanted)


def newest_published(session: Session, pack_id: str) -> Pack:
    """Read the highest version of a pack that was published; raises PackUnknown."""
    get_pack(session, pack_id)
    found = newest({version: digest for (id, version), digest in store.pack_digests(session).items() if id == pack_id})
    return read_published(session, found or "")


def newest(published: dict[str, str]) -> str | None:
    """The digest of the highest version."""
    return published[max(published, key=policy.version_key)] if published else None


def read_published(session: Session, digest: str) -> Pack:
    """Read a published pack by its digest; raises PackChanged when its stored text has another."""
    if digest not in _read:
        pack = policy.parse(store.pack_body(session, digest), is_published=True)
        if pack.digest != digest:
            raise PackChanged(
                f"the stored text of pack {pack.id} {pack.version} is not what was published",
                hint="'headway ledger verify' and a backup tell since when",
                values={"pack": pack.id, "digest": digest},
            )
        _read[digest] = pack
    return _read[digest]
