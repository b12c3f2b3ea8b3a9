"""The chain of evidence of one decision: every link looked up and checked anew, none taken on trust."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from headway import catalog, governance, ledger, runtime
from headway.kernel.web import Parts
from headway.serving import store
from headway.serving.entities import DecisionChain, Link
from headway.serving.service import evidence, origins
from headway.serving.service.decisions import get_decision, get_payload
from headway.serving.service.deployments import ref_of
from headway.serving.service.evidence import Scene, link


def decision_chain(session: Session, parts: Parts, decision_id: str) -> DecisionChain:
    """Follow a decision from who asked to the data its model learnt from, and prove each event in the ledger.

    Raises: UnknownDecision: there is none, or it has not been taken in yet; the message says which.
    """
    lake = catalog.lake_of(parts)
    decision, commitment = get_decision(lake, decision_id)
    scene = Scene(
        session=session,
        storage=parts.storage,
        trusted=ledger.read_trust(parts.settings.trust_file),
        segment_key=parts.settings.segment_key_file.read_bytes(),
        decision=decision,
        commitment=commitment,
    )
    deployment = store.last_deployment(session, decision.deployment, decision.environment, decision.at)
    segment, sealed = evidence.segment_link(scene)
    snapshot, told = evidence.snapshot_link(scene)
    links = [
        evidence.principal_link(scene, deployment),
        evidence.decision_link(scene, get_payload(lake, decision_id)),
        segment,
        snapshot,
        evidence.deployment_link(scene, deployment, told),
    ]
    digest = decision.release or _champion(told, decision.deployment)
    if digest is None:
        links.append(link("release", "release:unknown", verified=False, note="the snapshot names no release here"))
    else:
        links += _from_release(scene, lake, digest)
    if deployment is not None:
        links += origins.usecase_links(scene, deployment.usecase)
    links += _proofs(scene, links, sealed)
    return DecisionChain(
        decision=decision_id,
        complete=all(one.verified is not None for one in links),
        verified=all(one.verified is not False for one in links),
        links=tuple(links),
    )


def _champion(snapshot: runtime.Snapshot | None, deployment: str) -> str | None:
    """The release that a held-out subject was held out from."""
    arms = snapshot.deployments[deployment].arms if snapshot and deployment in snapshot.deployments else ()
    return next((arm.release for arm in arms if arm.release is not None), None)


def _from_release(scene: Scene, lake: catalog.Lake, digest: str) -> Iterator[Link]:
    made = evidence.release_link(scene, digest, is_held_out=scene.decision.release is None)
    yield made
    verdict = _verdict(scene, digest)
    if verdict is None:
        yield link("verdict", f"release:{digest}", verified=False, note="no verdict was in force")
    else:
        yield from origins.verdict_links(scene, verdict)
    if not made.verified:
        return
    release = runtime.read_release(scene.storage.get(runtime.object_key(digest, "release.json")))
    models, run = origins.model_links(scene, digest, release)
    yield from models
    if run is not None:
        yield from origins.data_links(scene, lake, run, release)


def _verdict(scene: Scene, digest: str) -> str | None:
    """The verdict the node named; for the held-out, the one in force for the release at that time."""
    decision = scene.decision
    if decision.verdict is not None:
        return decision.verdict
    kept = governance.list_verdicts(scene.session, subject_digest=digest, environment=decision.environment).items
    return next((one.id for one in kept if one.issued_at <= decision.at), None)


def _proofs(scene: Scene, links: Sequence[Link], sealed: str | None) -> Iterator[Link]:
    """The ledger's events behind the chain, each with a proof against the newest checkpoint."""
    events = [ledger.get_event(scene.session, sealed)] if sealed else []
    for subject, types in _wanted(scene, links):
        found = ledger.find(scene.session, subject=subject, limit=100).items
        newest = {one.type: one for one in reversed(found) if one.at <= scene.decision.at}
        events += [newest[name] for name in types if name in newest]
    for event in events:
        yield _proof(scene, event)


def _wanted(scene: Scene, links: Sequence[Link]) -> Iterator[tuple[str, tuple[str, ...]]]:
    decision = scene.decision
    refs = {one.kind: one.ref for one in links}
    yield str(ref_of(decision.deployment, decision.environment)), ("deployment.created", "deployment.changed", "grant.given")
    if "model" in refs:
        yield refs["model"], ("verdict.issued", "model.version_registered", "release.released")
    if "run" in refs:
        yield refs["run"], ("run.recorded",)
    if "product" in refs:
        yield refs["product"].partition("@")[0], ("product.registered", "product.updated")
    if "usecase" in refs:
        yield refs["usecase"], ("usecase.opened", "tier.decided")


def _proof(scene: Scene, event: ledger.Event) -> Link:
    ref, note = f"event:{event.id}", f"{event.type} of {event.subject}"
    try:
        proof = ledger.prove(scene.session, event.id)
    except ledger.NotYetSequenced:
        return link("ledger", ref, at=event.at, verified=None, note=f"{note}: waits for the next checkpoint")
    holds = ledger.check_proof(proof, scene.trusted)
    return link(
        "ledger",
        ref,
        digest=proof.leaf_hash,
        at=event.at,
        verified=holds,
        note=note if holds else f"{note}: the proof does not lead to a root that a trusted key signed",
        detail={"type": event.type, "actor": event.actor, "leaf": proof.leaf_index, "tree_size": proof.tree_size, "root": proof.root},
    )
