"""Bringing a version into an environment: asked for, approved by a second person, let in by the gate.

The registry keeps the way; governance holds the rules. A release without a verdict is only a wish: nodes serve nothing
that the gate has not signed for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import msgspec
from sqlalchemy.orm import Session

from headway import governance, ledger
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.crypto import Signer
from headway.kernel.errors import Denied, Fault, Invalid
from headway.kernel.ids import Ref, new_id
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.settings import Environment
from headway.kernel.storage import Storage
from headway.registry import store
from headway.registry.entities import ModelRelease, ModelVersion
from headway.registry.errors import ReleaseState, UnknownRelease
from headway.registry.service.models import get_version

GATE: Final = "pre_deploy"


def request_release(
    session: Session, actor: Actor, *, version: Ref | str, environment: Environment, usecase: str | None = None
) -> ModelRelease:
    """Ask for a version to be released; one that is under way is given again.

    Above the sandbox this asks governance for an approval by others. Nothing is served yet.

    Args: usecase: needed only when the version was trained for none.
    Raises: governance.SubjectRevoked: the version was stopped for good. governance.UseCaseRetired.
    """
    found = get_version(session, version)
    governance.refuse_revoked(session, found.digest)
    chosen = _usecase(found, usecase)
    governance.refuse_retired(session, chosen)
    under_way = store.open_release(
        session, model=found.model, version=found.version, environment=environment, usecase=chosen
    )
    if under_way is not None:
        return under_way
    approval = None
    if environment != "sandbox":
        approval = governance.request_approval(
            session,
            actor,
            subject=Ref.parse(found.ref),
            subject_digest=found.digest,
            environment=environment,
            usecase=chosen,
        ).id
    release = store.add_release(
        session,
        {
            "id": new_id("rel"),
            "model": found.model,
            "version": found.version,
            "digest": found.digest,
            "environment": environment,
            "usecase": chosen,
            "status": "requested",
            "requested_by": actor.ref,
            "approval": approval,
            "created_at": clock.now(),
        },
    )
    _tell(session, actor, "release.requested", release)
    return release


def approve_release(session: Session, actor: Actor, release_id: str, reason: str) -> ModelRelease:
    """Say yes. It is approved once the quorum is reached, and still has to pass the gate: ``complete_release``.

    Returns: the release; its status stays ``requested`` while votes are missing.
    Raises: UnknownRelease, ReleaseState; from governance SamePerson, AlreadyVoted, ApprovalDrift, FactsInvalid without
    a reason.
    """
    release = _need(session, release_id, ("requested",))
    if release.approval is None:
        raise ReleaseState(f"{release_id} goes to the sandbox and needs no approval", values={"release": release_id})
    given = governance.approve(session, actor, release.approval, reason)
    if given.state is not governance.ApprovalState.approved:
        return release
    values = {"status": "approved", "decided_by": actor.ref, "reason": reason.strip(), "decided_at": clock.now()}
    return _move(session, actor, event="release.approved", release_id=release_id, values=values)


def reject_release(session: Session, actor: Actor, release_id: str, reason: str) -> ModelRelease:
    """Say no, or take a request back, before anything was released; a new request can follow."""
    release = _need(session, release_id, ("requested", "approved"))
    if not reason.strip():
        fault = Fault(rule="release.reason", column="reason", message="give a reason")
        raise Invalid(fault.message, faults=[fault])
    if release.status == "requested" and release.approval is not None:
        governance.reject(session, actor, release.approval, reason)
    values = {"status": "rejected", "decided_by": actor.ref, "reason": reason.strip(), "decided_at": clock.now()}
    return _move(session, actor, event="release.rejected", release_id=release_id, values=values)


def complete_release(session: Session, storage: Storage, signer: Signer, actor: Actor, release_id: str) -> ModelRelease:
    """Ask the gate, and when it lets the version in, lay the signed verdict beside the bundle.

    Raises: governance.GateBlocked with every control that blocks; ReleaseState when votes are missing.
    """
    release = _need(session, release_id, ("requested", "approved"))
    if release.environment != "sandbox" and release.status != "approved":
        missing = governance.votes_missing(governance.get_approval(session, release.approval or ""))
        raise ReleaseState(
            f"{release_id} waits for {missing} more {'person' if missing == 1 else 'people'} to say yes",
            hint=f"somebody other than {release.requested_by}: headway model approve {release_id} --reason ...",
            values={"release": release_id, "status": release.status},
        )
    verdict = governance.issue_verdict(
        session,
        signer,
        storage,
        actor=actor,
        gate=GATE,
        environment=release.environment,
        subject=Ref.parse(release.version),
        subject_digest=release.digest,
        usecase=release.usecase,
    )
    plain = msgspec.to_builtins(verdict)
    values = {"status": "released", "verdict": plain, "released_at": clock.now()}
    return _move(session, actor, event="release.released", release_id=release_id, values=values)


def ask_release(
    session: Session,
    storage: Storage,
    signer: Signer,
    actor: Actor,
    *,
    version: Ref | str,
    environment: Environment,
    usecase: str | None = None,
) -> ModelRelease:
    """Ask for a release and bring it as far as it gets: into the sandbox at once, above it once it was approved.

    Raises: governance.GateBlocked: it may go on, and the gate does not let it in.
    """
    asked = request_release(session, actor, version=version, environment=environment, usecase=usecase)
    if asked.environment == "sandbox" or asked.status == "approved":
        return complete_release(session, storage, signer, actor, asked.id)
    return asked


def approve_and_complete(
    session: Session, storage: Storage, signer: Signer, actor: Actor, release_id: str, *, reason: str
) -> ModelRelease:
    """Approve, and release at once when the quorum is reached and the gate lets the version in.

    When votes are missing the release stays ``requested``; when the gate blocks, the approval stands.
    """
    release = approve_release(session, actor, release_id, reason)
    if release.status != "approved":
        return release
    asked = governance.evaluate_gate(
        session,
        gate=GATE,
        environment=release.environment,
        subject=Ref.parse(release.version),
        subject_digest=release.digest,
        usecase=release.usecase,
    )
    if asked.result == "block":
        governance.note_blocked(session, actor, asked, via="release")
        return release
    return complete_release(session, storage, signer, actor, release_id)


def follow_approvals(session: Session, storage: Storage, signer: Signer) -> int:
    """Move on the releases whose approval was decided elsewhere, in the council; gives how many. Safe to repeat.

    What was approved is released at once when the gate lets it in; otherwise the approval stands.
    """
    waiting = store.list_releases(
        session, model=None, usecase=None, environment=None, status="requested", before=None, limit=MAX_LIMIT
    )
    decided = 0
    for release in waiting:
        given = governance.get_approval(session, release.approval) if release.approval else None
        if given is None or given.state is governance.ApprovalState.requested:
            continue
        found = store.get_release(session, release.id, lock=True)
        if found is None or found.status != "requested":
            continue
        decided += 1
        is_yes = given.state is governance.ApprovalState.approved
        values: dict[str, object] = {
            "status": "approved" if is_yes else "rejected",
            "decided_by": given.approved_by or given.rejected_by,
            "reason": given.reason,
            "decided_at": given.decided_at,
        }
        event = "release.approved" if is_yes else "release.rejected"
        _move(session, SYSTEM, event=event, release_id=release.id, values=values)
        if is_yes and _may_go_in(session, release):
            complete_release(session, storage, signer, SYSTEM, release.id)
    return decided


def _may_go_in(session: Session, release: ModelRelease) -> bool:
    """Ask the gate; a refusal is told."""
    asked = governance.evaluate_gate(
        session,
        gate=GATE,
        environment=release.environment,
        subject=Ref.parse(release.version),
        subject_digest=release.digest,
        usecase=release.usecase,
    )
    if asked.result == "block":
        governance.note_blocked(session, SYSTEM, asked, via="release")
    return asked.result != "block"


def release_to_sandbox(
    session: Session, storage: Storage, signer: Signer, actor: Actor, version: Ref | str, *, usecase: str | None = None
) -> ModelRelease:
    """Release a version into the sandbox, where gates warn; ``verdict`` says what is missing for more."""
    asked = request_release(session, actor, version=version, environment="sandbox", usecase=usecase)
    return complete_release(session, storage, signer, actor, asked.id)


def revoke_release(session: Session, actor: Actor, release_id: str, reason: str) -> ModelRelease:
    """Stop the released version for good, in every environment; doing it twice changes nothing.

    The next snapshots name its digest, so nodes stop serving it within seconds; it never gets a verdict again.
    Raises: UnknownRelease; ReleaseState: nothing was released yet, reject it; from governance FactsInvalid.
    """
    release = _need(session, release_id, ("released",))
    known = governance.revocations_of(session, [release.digest])
    made = governance.revoke(session, actor, release.digest, reason)
    if not known:
        _tell(session, actor, "release.revoked", replace(release, reason=made.reason))
    return _told(release, made)


def get_release(session: Session, release_id: str) -> ModelRelease:
    """Read a release; raises UnknownRelease."""
    found = store.get_release(session, release_id)
    if found is None:
        raise UnknownRelease(f"no release {release_id}", values={"release": release_id})
    return with_revocations(session, [found])[0]


def list_releases(
    session: Session,
    *,
    model: str | None = None,
    usecase: str | None = None,
    department: str | None = None,
    environment: str | None = None,
    status: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[ModelRelease]:
    """Read releases, newest first."""
    within = governance.names_in(session, department) if department else None
    limit = max(1, min(limit, MAX_LIMIT))
    found = store.list_releases(
        session,
        model=model,
        usecase=usecase,
        environment=environment,
        status=status,
        within=within,
        before=cursor,
        limit=limit + 1,
    )
    items = with_revocations(session, found[:limit])
    return Page(items=tuple(items), next=found[limit - 1].id if len(found) > limit else None)


def with_revocations(session: Session, found: Sequence[ModelRelease]) -> list[ModelRelease]:
    """Tell of each release whether its version was revoked since."""
    revoked = governance.revocations_of(session, {release.digest for release in found})
    return [_told(release, revoked.get(release.digest)) for release in found]


def _told(release: ModelRelease, revocation: governance.Revocation | None) -> ModelRelease:
    if revocation is None:
        return release
    return replace(
        release,
        revoked_at=revocation.revoked_at,
        revoked_by=revocation.revoked_by,
        revoked_because=revocation.reason,
    )


def _usecase(version: ModelVersion, wanted: str | None) -> str:
    chosen = wanted or version.usecase
    if chosen is None:
        raise Invalid(
            f"{version.ref} was trained for no use case", hint="say which one it is released for: --usecase NAME"
        )
    if version.usecase is not None and chosen != version.usecase:
        raise Denied(
            f"{version.ref} was trained for {version.usecase}, not for {chosen}",
            hint=f"train a version for {chosen}",
            values={"rule": "registry.own_usecase"},
        )
    return chosen


def _need(session: Session, release_id: str, states: tuple[str, ...]) -> ModelRelease:
    found = store.get_release(session, release_id, lock=True)
    if found is None:
        raise UnknownRelease(f"no release {release_id}", values={"release": release_id})
    if found.status not in states:
        raise ReleaseState(
            f"{release_id} is {found.status}",
            hint=f"it would have to be {' or '.join(states)}",
            values={"release": release_id},
        )
    return found


def _move(session: Session, actor: Actor, *, event: str, release_id: str, values: dict[str, object]) -> ModelRelease:
    release = store.change_release(session, release_id, values)
    _tell(session, actor, event, release)
    return release


def _tell(session: Session, actor: Actor, event: str, release: ModelRelease) -> None:
    payload = {
        "release": release.id,
        "digest": release.digest,
        "environment": release.environment,
        "usecase": release.usecase,
        "approval": release.approval,
        "break_glass": release.break_glass,
        "requested_by": release.requested_by,
        "reason": release.reason,
        "verdict": release.verdict["id"] if release.verdict else None,
    }
    ledger.record(session, actor=actor, type=event, subject=Ref.parse(release.version), payload=payload)
