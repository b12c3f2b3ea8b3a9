"""The links of a decision's chain that lie before the deployment: verdict, approvals, model, data, use case."""

from __future__ import annotations

from collections.abc import Iterator

from headway import catalog, governance, registry, runtime
from headway.kernel import canonical, clock
from headway.kernel.errors import HeadwayError, NotFound
from headway.kernel.ids import Ref
from headway.serving.entities import Link
from headway.serving.service.evidence import Scene, link


def verdict_links(scene: Scene, verdict_id: str) -> Iterator[Link]:
    """The verdict in force, the approvals it rests on, and the policy packs it was made under."""
    try:
        kept = governance.get_verdict(scene.session, verdict_id)
        opened = runtime.open_verdict(governance.get_envelope(scene.session, verdict_id), scene.trusted)
    except HeadwayError as error:
        yield link("verdict", f"verdict:{verdict_id}", verified=False, note=error.message)
        return
    decision = scene.decision
    signed = (opened.id, opened.subject_digest, opened.environment, opened.pack_digest, opened.facts_digest)
    same = signed == (kept.id, kept.subject_digest, kept.environment, kept.pack_digest, kept.facts_digest)
    covers = kept.environment == decision.environment and kept.issued_at <= decision.at < kept.serve_until
    about = decision.release in (None, kept.subject_digest)
    holds = same and covers and about and kept.result != "block"
    yield link(
        "verdict",
        f"verdict:{verdict_id}",
        digest=kept.envelope_digest,
        at=kept.issued_at,
        verified=holds,
        note=f"signed: {kept.result} in {kept.environment}"
        if holds
        else "the signed verdict does not cover this decision",
        detail={
            "result": kept.result,
            "subject_digest": kept.subject_digest,
            "facts_digest": kept.facts_digest,
            "serve_until": clock.iso(kept.serve_until),
            "key": kept.key_id,
            "issued_by": kept.issued_by,
            "exceptions": list(kept.exceptions),
            "warnings": [c.id for c in kept.controls if c.status in ("failed", "indeterminate")],
        },
    )
    for name, digest in sorted(kept.pack_digests.items()):
        yield _pack(scene, name, digest)
    for approval_id in kept.approvals:
        yield _approval(scene, approval_id, kept.subject_digest)


def model_links(scene: Scene, digest: str, release: runtime.Release) -> tuple[list[Link], registry.Run | None]:
    """The registered version and the training run that made it."""
    ref = Ref("model", release.model.name, release.model.version)
    try:
        version = registry.get_version(scene.session, ref)
        run = registry.get_run(scene.session, version.run)
    except NotFound as error:
        return [link("model", str(ref), verified=False, note=error.message)], None
    same = version.digest == digest
    artefact = run.digests.get("bundle") == digest
    links = [
        link(
            "model",
            version.ref,
            digest=version.digest,
            at=version.created_at,
            verified=same,
            note="registered under the digest that was served" if same else "registered under another digest",
            detail={"learner": version.learner, "run": version.run},
        ),
        link(
            "run",
            f"run:{run.id}",
            digest=str(run.digests.get("settings") or ""),
            at=run.created_at,
            verified=artefact,
            note="this run made the artefact that was served" if artefact else "this run made another artefact",
            detail={
                "made_by": run.made_by,
                "data": str(run.digests.get("data")),
                "code": str(run.digests.get("code")),
                "job": run.job,
            },
        ),
    ]
    return links, run


def data_links(scene: Scene, lake: catalog.Lake, run: registry.Run, release: runtime.Release) -> Iterator[Link]:
    """The snapshot of the data product that was learnt from, its contract, and the check of one against the other."""
    if run.product is None or run.snapshot is None:
        yield link("product", f"run:{run.id}", verified=False, note="the run names no data product")
        return
    try:
        product = catalog.get_product(scene.session, run.product)
        snapshot = catalog.get_snapshot(scene.session, run.snapshot)
    except NotFound as error:
        yield link("product", f"product:{run.product}", verified=False, note=error.message)
        return
    kept = any(str(one.id) == snapshot.iceberg_snapshot_id for one in lake.snapshots(snapshot.table))
    intact = canonical.sha256(scene.storage.get(snapshot.file_key)) == snapshot.file_digest
    yield link(
        "product",
        f"product:{product.slug}@{snapshot.digest}",
        digest=snapshot.digest,
        at=snapshot.created_at,
        verified=kept and intact,
        note="the snapshot is kept and its file is as it came"
        if kept and intact
        else "the snapshot or its file has changed",
        detail={
            "snapshot": snapshot.id,
            "rows": snapshot.rows,
            "file": snapshot.filename,
            "file_digest": snapshot.file_digest,
        },
    )
    yield _contract(scene, release)
    yield _quality(scene, snapshot)


def usecase_links(scene: Scene, usecase: str) -> Iterator[Link]:
    """The entry of the AI inventory and the decision on its legal tier."""
    try:
        found = governance.get_usecase(scene.session, usecase)
    except NotFound as error:
        yield link("usecase", f"usecase:{usecase}", verified=False, note=error.message)
        return
    yield link(
        "usecase",
        f"usecase:{found.slug}",
        digest=found.digest,
        at=found.opened_at,
        verified=True,
        note=found.title,
        detail={"department": found.department, "owner": found.owner, "missing": list(found.missing)},
    )
    made = [one for one in governance.list_decisions(scene.session, usecase) if one.decided_at <= scene.decision.at]
    if not made:
        yield link("tier", f"usecase:{usecase}", verified=False, note="no tier was decided before this decision")
        return
    tier = made[0]
    yield link(
        "tier",
        f"tier:{tier.id}",
        digest=tier.usecase_digest,
        at=tier.decided_at,
        verified=True,
        note=f"{tier.tier.value} by {f'rule {tier.rule}' if tier.rule else 'a person'}",
        detail={
            "decider": tier.decider,
            "pack": f"{tier.pack_id}@{tier.pack_version}",
            "pack_digest": tier.pack_digest,
        },
    )


def _pack(scene: Scene, name: str, digest: str) -> Link:
    ref = f"pack:{name}"
    pack_id, _, version = name.partition("@")
    try:
        found = governance.get_pack(scene.session, pack_id, version)
    except NotFound as error:
        return link("pack", ref, digest=digest, verified=False, note=error.message)
    same = found.digest == digest
    return link(
        "pack", ref, digest=digest, verified=same, note=found.title if same else "published with another content"
    )


def _approval(scene: Scene, approval_id: str, subject_digest: str) -> Link:
    try:
        found = governance.get_approval(scene.session, approval_id)
    except NotFound as error:
        return link("approval", f"approval:{approval_id}", verified=False, note=error.message)
    others = {vote.person for vote in found.votes} - {found.requested_by}
    given = found.approved_by in others and len(others) >= found.needed
    holds = given and found.subject_digest == subject_digest
    return link(
        "approval",
        f"approval:{approval_id}",
        digest=found.evidence_digest,
        at=found.decided_at,
        verified=holds,
        note=f"{len(others) + 1} people, this very digest"
        if holds
        else "not given by enough other people for this digest",
        detail={
            "requested_by": found.requested_by,
            "approved_by": found.approved_by,
            "reason": found.reason,
            "needed": found.needed,
            "votes": [f"{vote.person}: {vote.reason}" for vote in found.votes],
        },
    )


def _contract(scene: Scene, release: runtime.Release) -> Link:
    digest = release.contract_digest
    raw = scene.storage.get(runtime.object_key(runtime.release_subject(release), release.contract_path))
    same = canonical.sha256(raw) == digest
    note = "the contract that the node checked the input against" if same else "the contract in the bundle has changed"
    return link("contract", f"contract:{digest}", digest=digest, verified=same, note=note)


def _quality(scene: Scene, snapshot: catalog.ProductSnapshot) -> Link:
    found = governance.list_evidence(
        scene.session, subject_digest=snapshot.digest, type="data_quality_report", limit=1
    ).items
    if not found:
        return link(
            "quality", f"snapshot:{snapshot.id}", verified=False, note="no contract check of this snapshot is on record"
        )
    report = found[0]
    return link(
        "quality",
        f"evidence:{report.id}",
        digest=report.payload_digest,
        at=report.made_at,
        verified=report.facts.get("contract_checked") is True,
        note=f"quality {report.facts.get('quality_score')}, {report.facts.get('failed_rows')} rows with faults",
        detail={"producer": report.producer},
    )
