"""Packs published by the organisation, signed, and switched on and off by people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance import policy, store
from headway.governance.adapters import CORE, PackFile, built_in_packs, read_pack
from headway.governance.entities import Pack, PackSwitch, PublishedPack, Tier
from headway.governance.errors import PackInvalid, PackNeeded, PackReserved, PackUnknown
from headway.governance.service.impact import World
from headway.governance.service.packs import list_packs, newest, publish_built_in, publish_file, read_published
from headway.governance.service.usecases import classify
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.crypto import Signer, dsse_sign
from headway.kernel.errors import Conflict, Denied, Fault, Invalid
from headway.kernel.ids import Ref

PACK_TYPE: Final = "application/vnd.headway.pack+json"


def published_packs(session: Session) -> tuple[PublishedPack, ...]:
    """List every published version of every pack, newest version first, with what was last done with it."""
    publish_built_in(session)
    switches = store.newest_switches(session)
    done = {one.digest: one for one in store.list_switches(session)}
    own = _comes_with()
    made = []
    for _, _, digest, by, at in store.published_packs(session):
        pack = read_published(session, digest)
        now = switches.get(pack.id)
        made.append(
            PublishedPack(
                id=pack.id,
                version=pack.version,
                digest=digest,
                title=pack.title,
                mode=pack.mode,
                as_of=pack.as_of,
                controls=len(pack.controls),
                comes_with=pack.id in own,
                is_on=bool(now and now.is_on and now.digest == digest),
                is_newer=bool(now and now.is_on and _is_higher(pack.version, now.version)),
                published_by=by,
                published_at=at,
                switched=done.get(digest),
            )
        )
    made.sort(key=lambda one: policy.version_key(one.version), reverse=True)
    return tuple(sorted(made, key=lambda one: one.id))


def publish_pack(session: Session, signer: Signer, actor: Actor, text: str) -> PublishedPack:
    """Publish a version of the organisation's own pack: checked whole, signed, and never to change; it is off at first.

    Args: text: YAML. Publishing the same again changes nothing.
    Raises: PackInvalid with every fault; PackReserved: a pack of this name comes with Headway; PackChanged: this version has
    another content; Conflict: the version is not higher than those before.
    """
    _need_person(actor, "publish a pack")
    file = read_pack(text)
    publish_built_in(session)
    _refuse_reserved(file)
    before = [version for (name, version) in store.pack_digests(session) if name == file.pack.id]
    if file.pack.version not in before and any(not _is_higher(file.pack.version, one) for one in before):
        highest = max(before, key=policy.version_key)
        raise Conflict(
            f"version {file.pack.version} of {file.pack.id} is not higher than {highest}",
            hint="raise the version",
            values={"pack": file.pack.id, "version": file.pack.version},
        )
    publish_file(session, file, actor)
    _sign(session, signer, file.pack.digest)
    return _published(session, file.pack.digest)


def switch_pack(
    session: Session,
    signer: Signer,
    actor: Actor,
    pack_id: str,
    *,
    is_on: bool,
    reason: str,
    version: str | None = None,
) -> PublishedPack:
    """Switch a pack on with one version, or off. From then on gates ask it, or do not; verdicts made before keep theirs.

    Where the rules for tiers change, every use case that they decided is decided anew.

    Args: version: to switch on; None for the newest published.
    Raises: PackUnknown; PackNeeded: Headway's own controls cannot be switched off or go back, and one pack must have rules
    for tiers; PackInvalid: it does not agree with the others that are on; Denied when no person does it; Invalid.
    """
    _need_person(actor, "switch a pack")
    if not reason.strip():
        raise Invalid("say why", faults=[Fault(rule="pack.reason", column="reason", message="a reason is needed")])
    before = list_packs(session)
    store.lock_packs(session)
    pack = _meant(session, pack_id, version, is_on=is_on)
    now = store.newest_switches(session).get(pack_id)
    if (now.is_on if now else False) == is_on and (not is_on or (now and now.digest == pack.digest)):
        return _published(session, pack.digest)
    after = _after(before, pack, is_on=is_on)
    _refuse_unfit(before, after, pack)
    made = PackSwitch(
        pack=pack_id,
        version=pack.version,
        digest=pack.digest,
        is_on=is_on,
        reason=reason.strip(),
        by=actor.ref,
        at=clock.now(),
    )
    store.add_switch(session, made)
    _sign(session, signer, pack.digest)
    payload = {
        "version": pack.version,
        "digest": pack.digest,
        "before": now.version if now and now.is_on else None,
        "reason": made.reason,
    }
    type = "pack.switched_on" if is_on else "pack.switched_off"
    ledger.record(session, actor=actor, type=type, subject=Ref("pack", pack_id), payload=payload)
    _decide_anew(session, actor, before, after)
    return _published(session, pack.digest)


def pack_envelope(session: Session, signer: Signer, pack_id: str, digest: str | None = None) -> bytes:
    """Give a published pack as a signed DSSE envelope, which can be checked without this system; raises PackUnknown."""
    publish_built_in(session)
    published = {found: version for (name, version), found in store.pack_digests(session).items() if name == pack_id}
    now = store.newest_switches(session).get(pack_id)
    wanted = digest or (now.digest if now and now.is_on else newest({v: d for d, v in published.items()}))
    if wanted is None or wanted not in published:
        raise PackUnknown(f"no pack {pack_id!r} {digest or ''}".strip(), values={"pack": pack_id, "digest": digest})
    _sign(session, signer, wanted)
    return store.pack_envelope(session, wanted) or b""


def _need_person(actor: Actor, what: str) -> None:
    if not actor.is_person:
        raise Denied(
            f"only a person can {what}; {actor.ref} is none",
            hint="sign in as a person",
            values={"rule": "governance.people_only"},
        )


def _comes_with() -> frozenset[str]:
    return frozenset(file.pack.id for file in built_in_packs())


def _refuse_reserved(file: PackFile) -> None:
    own = {one.pack.digest for one in built_in_packs()}
    if file.pack.id in _comes_with() and file.pack.digest not in own:
        raise PackReserved(
            f"a pack {file.pack.id!r} comes with Headway; nobody else can publish under this name",
            hint="give the organisation's pack a name of its own; controls of several packs are asked side by side",
            values={"pack": file.pack.id},
        )


def _is_higher(version: str, than: str) -> bool:
    return policy.version_key(version) > policy.version_key(than)


def _meant(session: Session, pack_id: str, version: str | None, *, is_on: bool) -> Pack:
    published = {known: digest for (name, known), digest in store.pack_digests(session).items() if name == pack_id}
    now = store.newest_switches(session).get(pack_id)
    if not is_on and now is not None:
        return read_published(session, now.digest)
    digest = published.get(version) if version else newest(published)
    if digest is None:
        raise PackUnknown(
            f"no pack {pack_id!r}{f' {version}' if version else ''} was published",
            hint="'headway policy list --all' names them; 'headway policy publish' brings one",
            values={"pack": pack_id, "version": version},
        )
    return read_published(session, digest)


def _after(before: Sequence[Pack], pack: Pack, *, is_on: bool) -> tuple[Pack, ...]:
    others = [one for one in before if one.id != pack.id]
    return tuple(sorted([*others, pack] if is_on else others, key=lambda one: one.id))


def _refuse_unfit(before: Sequence[Pack], after: Sequence[Pack], pack: Pack) -> None:
    core = next((one for one in before if one.id == CORE), None)
    kept = next((one for one in after if one.id == CORE), None)
    if core is not None and (kept is None or _is_higher(core.version, kept.version)):
        raise PackNeeded(
            f"{CORE} {core.version} cannot be switched off or go back to an earlier version",
            hint="what every release must show is no choice; a single control can be waived for a time",
            values={"pack": CORE},
        )
    ruling = [one.id for one in after if one.tier_rules]
    if len(ruling) != 1:
        told = f"{' and '.join(ruling)} both have" if ruling else "no other pack has"
        raise PackNeeded(
            f"{told} rules for the tier, and exactly one pack that is on must",
            hint="switch the other off first" if ruling else "switch one with such rules on first",
            values={"pack": pack.id},
        )
    try:
        policy.evidence_types(after)
    except PackInvalid as error:
        hint = "two packs must tell the same of a kind of evidence: publish a version that does"
        raise PackInvalid(error.message, hint=hint, faults=error.faults) from error


def _decide_anew(session: Session, actor: Actor, before: Sequence[Pack], after: Sequence[Pack]) -> None:
    """Let the new rules decide the use cases that rules decided, and any that they find prohibited, where the tier moves."""
    if _deciding(before) == _deciding(after):
        return
    at = clock.now()
    old, new = World(tuple(before), at), World(tuple(after), at)
    methods = store.decision_methods(session)
    for case in store.every_usecase(session):
        method = methods.get((case.slug, case.digest))
        if case.retired_at is not None or method is None or old.tier(case).tier is new.tier(case).tier:
            continue
        if method == "rules" or new.tier(case).tier is Tier.prohibited:
            classify(session, actor, case.slug)


def _deciding(packs: Sequence[Pack]) -> tuple[object, ...]:
    return tuple(one.tier_rules for one in packs if one.tier_rules), policy.fact_definitions(packs)


def _sign(session: Session, signer: Signer, digest: str) -> None:
    if store.pack_envelope(session, digest) is None:
        envelope = dsse_sign(signer, PACK_TYPE, store.pack_body(session, digest))
        store.add_signature(session, digest, envelope, signer.key_id)


def _published(session: Session, digest: str) -> PublishedPack:
    return next(one for one in published_packs(session) if one.digest == digest)
