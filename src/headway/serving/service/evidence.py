"""The links of a decision's chain that serving itself keeps: who asked, what was logged, what the node followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy.orm import Session

from headway import runtime
from headway.kernel import clock
from headway.kernel.errors import Conflict, HeadwayError, NotFound, Scalar
from headway.kernel.settings import ENVIRONMENTS, Environment
from headway.kernel.storage import Storage
from headway.serving import store
from headway.serving.entities import DecisionView, Deployment, Link
from headway.serving.service.decisions import Payload
from headway.serving.service.deployments import ref_of
from headway.serving.service.intake import segment_ref

REACH = timedelta(seconds=5)
"""How long a revocation may take to reach a node that can reach storage."""
Detail = Mapping[str, Scalar | list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What links are checked against."""

    session: Session
    storage: Storage
    trusted: Mapping[str, bytes]
    segment_key: bytes
    decision: DecisionView
    commitment: str | None

    @property
    def environment(self) -> Environment:
        """The decision's environment."""
        return next(name for name in ENVIRONMENTS if name == self.decision.environment)


def link(
    kind: str,
    ref: str,
    *,
    verified: bool | None,
    note: str,
    digest: str | None = None,
    at: datetime | None = None,
    detail: Detail | None = None,
) -> Link:
    """Make a link."""
    return Link(kind=kind, ref=ref, digest=digest, at=at, verified=verified, note=note, detail=dict(detail or {}))


def principal_link(scene: Scene, deployment: Deployment | None) -> Link:
    """Who asked, and the grant that let them."""
    decision = scene.decision
    rows = store.grants_of_principal(scene.session, deployment.id, decision.principal) if deployment else []
    held = [row for row in rows if row.scope == "decide" and row.created_at <= decision.at <= row.expires_at]
    valid = [row for row in held if row.revoked_at is None or row.revoked_at > decision.at - REACH]
    if not valid:
        return link("principal", decision.principal, verified=False, note="no grant covers the time of the decision")
    row = valid[0]
    return link(
        "principal",
        decision.principal,
        digest=row.token_hash,
        at=row.created_at,
        verified=True,
        note=f"held a grant to decide, given by {row.created_by}",
        detail={"grant": row.id, "scope": row.scope, "given_by": row.created_by, "ends": clock.iso(row.expires_at)},
    )


def decision_link(scene: Scene, payload: Payload | None) -> Link:
    """The decision itself: the stored payload against the commitment in its record."""
    decision = scene.decision
    detail: dict[str, Scalar | list[str]] = {
        "arm": decision.arm,
        "score": decision.score,
        "band": decision.band,
        "action": decision.action,
        "flags": list(decision.flags),
    }
    if payload is None:
        verified, note = True, "the payload was erased; the record and its commitment stay provable"
    else:
        side = runtime.Sidecar(
            id=decision.id,
            salt=payload.salt,
            subject=payload.subject,
            input=msgspec.Raw(payload.input.encode()),
            reasons=msgspec.Raw(payload.reasons.encode()),
        )
        verified = side.commits_to(scene.commitment)
        note = (
            "input, subject and reasons are those committed to"
            if verified
            else "the payload is not the one committed to"
        )
    return link(
        "decision",
        f"decision:{decision.id}",
        digest=scene.commitment,
        at=decision.at,
        verified=verified,
        note=note,
        detail=detail,
    )


def segment_link(scene: Scene) -> tuple[Link, str | None]:
    """The sealed segment: every byte and every link of its hash chain; returns the ledger event of its sealing too."""
    decision = scene.decision
    ref = str(segment_ref(decision.environment, decision.node, decision.segment))
    row = store.find_segment(scene.session, decision.environment, decision.node, decision.segment)
    try:
        key = runtime.segment_key(decision.environment, decision.node, decision.segment, "json")
        manifest = runtime.parse_manifest(scene.storage.get(key))
        log = scene.storage.get(key.removesuffix(".json") + ".log")
        report = runtime.verify_segment(log, _side(scene.storage, key), manifest, scene.segment_key)
        faults = [fault.message for fault in report.faults]
        records = runtime.read_segment(log, scene.segment_key) if report.is_valid else []
    except HeadwayError as error:
        return link("segment", ref, verified=False, note=error.message), row.event if row else None
    mine = [record for record in records if record.id == decision.id and record.seq == decision.seq]
    if not faults and not (mine and _says_the_same(mine[0], scene)):
        faults.append("the segment's record differs from the table's row")
    if row is not None and row.digest != manifest.log.digest:
        faults.append("the manifest is not the one taken in")
    made = link(
        "segment",
        ref,
        digest=manifest.log.digest,
        at=clock.parse(manifest.sealed_at),
        verified=not faults,
        note="; ".join(faults) or f"record {decision.seq} of an unbroken chain that ends at {manifest.last_seq}",
        detail={
            "node": decision.node,
            "seq": decision.seq,
            "records": manifest.records,
            "head": manifest.head,
            "previous": manifest.previous.segment,
            "erased": list(report.erased),
        },
    )
    return made, row.event if row else None


def snapshot_link(scene: Scene) -> tuple[Link, runtime.Snapshot | None]:
    """The signed snapshot that the node followed."""
    decision, environment = scene.decision, scene.environment
    ref = f"snapshot:{environment}@{decision.epoch}"
    try:
        envelope = scene.storage.get(runtime.snapshot_key(environment, decision.epoch))
        snapshot = runtime.open_snapshot(envelope, scene.trusted, environment)
    except (NotFound, Conflict) as error:
        return link("snapshot", ref, verified=False, note=error.message), None
    deployment = snapshot.deployments.get(decision.deployment)
    arms = {arm.name: arm.release for arm in deployment.arms} if deployment else {}
    in_force = snapshot.issued_at <= decision.at < snapshot.fresh_until
    holds = decision.arm in arms and arms[decision.arm] == decision.release and in_force
    note = "signed, fresh at the time, and names this deployment, arm and release"
    made = link(
        "snapshot",
        ref,
        at=snapshot.issued_at,
        verified=holds,
        note=note if holds else "the snapshot does not name this arm and release at that time",
        detail={"epoch": decision.epoch, "fresh_until": clock.iso(snapshot.fresh_until), "arms": sorted(arms)},
    )
    return made, snapshot


def deployment_link(scene: Scene, deployment: Deployment | None, snapshot: runtime.Snapshot | None) -> Link:
    """The deployment's own row against what the node was told."""
    decision = scene.decision
    ref = str(ref_of(decision.deployment, decision.environment))
    if deployment is None:
        return link("deployment", ref, verified=False, note="there was no such deployment at that time")
    told = snapshot.deployments.get(decision.deployment) if snapshot else None
    holds = told is not None and told.usecase == deployment.usecase
    return link(
        "deployment",
        ref,
        at=deployment.created_at,
        verified=holds,
        note=f"serves the use case {deployment.usecase}" if holds else "the node was told of another use case",
        detail={"id": deployment.id, "usecase": deployment.usecase, "made_by": deployment.created_by},
    )


def release_link(scene: Scene, digest: str, *, is_held_out: bool) -> Link:
    """The bundle: its subject is the digest of ``release.json``, which names the digest of every file."""
    ref = f"release:{digest}"
    try:
        objects = runtime.read_bundle(scene.storage, digest, scene.environment)
        release = runtime.check_objects(digest, objects)
    except (runtime.ReleaseRefused, NotFound) as error:
        return link("release", ref, digest=digest, verified=False, note=error.message)
    note = "every file of the bundle is as it was packed"
    return link(
        "release",
        ref,
        digest=digest,
        verified=True,
        note=f"held out from this release by chance; {note}" if is_held_out else note,
        detail={
            "model": release.model.name,
            "version": release.model.version,
            "files": sorted(release.files),
            "contract_digest": release.contract_digest,
        },
    )


def _side(storage: Storage, key: str) -> bytes | None:
    try:
        return storage.get(key.removesuffix(".json") + ".side")
    except NotFound:
        return None


def _says_the_same(record: runtime.DecisionRecord, scene: Scene) -> bool:
    decision = scene.decision
    told = (record.deployment, record.release, record.arm, record.principal, record.score, record.band, record.action)
    kept = (
        decision.deployment,
        decision.release,
        decision.arm,
        decision.principal,
        decision.score,
        decision.band,
        decision.action,
    )
    return told == kept and record.payload_commitment == scene.commitment and record.epoch == decision.epoch
