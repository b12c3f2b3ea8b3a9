"""The chain of evidence of one decision: every link looked up and checked anew, none taken on trust."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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
    """The ledger's events behind the chain: each must say what its link says, and be proved by the newest checkpoint."""
    if sealed is not None:
        yield _proof(scene, ledger.get_event(scene.session, sealed))
    for subject, kind, said in _wanted(scene, {one.kind: one for one in links}):
        found = _event(scene, subject, kind, said)
        if found is not None:
            yield _proof(scene, found)
        elif said is not None:
            told = ", ".join(f"{name} {value}" for name, value in said.items())
            yield link("ledger", subject, verified=False, note=f"the ledger has no {kind} that says {told}")


def _wanted(scene: Scene, links: Mapping[str, Link]) -> Iterator[tuple[str, str, Mapping[str, object] | None]]:
    """Subject and type of each event, and what its payload must say; None where the event may be missing."""
    decision = scene.decision
    place = str(ref_of(decision.deployment, decision.environment))
    yield place, "deployment.created", None
    yield place, "deployment.changed", None
    yield place, "grant.given", {"token_hash": links["principal"].digest}
    if "model" in links and "verdict" in links:
        model, verdict = links["model"], links["verdict"]
        yield model.ref, "model.version_registered", {"digest": model.digest}
        yield model.ref, "verdict.issued", {"verdict": verdict.ref.partition(":")[2], "envelope_digest": verdict.digest}
    if "run" in links:
        yield links["run"].ref, "run.recorded", None
    if "product" in links:
        product = links["product"]
        subject, said = product.ref.partition("@")[0], {"snapshot_digest": product.digest}
        first = _event(scene, subject, "product.registered", said) is not None
        yield subject, "product.registered" if first else "product.updated", said
    if "usecase" in links:
        yield links["usecase"].ref, "usecase.opened", None
    if "tier" in links:
        yield links["usecase"].ref, "tier.decided", {"decision": links["tier"].ref.partition(":")[2]}


def _event(scene: Scene, subject: str, kind: str, said: Mapping[str, object] | None) -> ledger.Event | None:
    """The newest event of a type up to the decision whose payload says what is looked for."""
    for event in ledger.find(scene.session, subject=subject, type=kind, limit=200).items:
        payload = event.payload or {}
        says_it = said is None or all(payload.get(name) == value for name, value in said.items())
        if event.at <= scene.decision.at and says_it:
            return event
    return None


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
        detail={
            "type": event.type,
            "actor": event.actor,
            "leaf": proof.leaf_index,
            "tree_size": proof.tree_size,
            "root": proof.root,
        },
    )
