"""Policies: the packs of rules and controls in force; and verdicts, the signed answers of gates that rest on them."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import governance, ledger, runtime
from headway.entrypoints.pages import govern, impact, packs, quorum, words
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import named_controls, names
from headway.entrypoints.pages.state_words import state_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import (
    EvidenceType,
    FactDefinition,
    GoldenCase,
    PublishedPack,
    QuorumInvalid,
    Status,
    VerdictRecord,
)
from headway.kernel import clock
from headway.kernel.errors import HeadwayError
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
DSSE = "application/vnd.dsse.envelope.v1+json"


@router.get("/policies")
def show_policies(viewer: CurrentViewer, tx: Tx) -> Response:
    """The packs in force, and how many must say yes."""
    return _policies(viewer, tx, quorum.filled(tx))


@router.post("/policies/quorum")
def set_quorum(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Change how many must say yes."""
    form = Form.of(data)
    try:
        changed = quorum.save(viewer, tx, form)
    except QuorumInvalid as error:
        return _policies(viewer, tx, form.take(error), status=error.status)
    return viewer.go("/policies", quorum.changed_said(viewer, changed))


def _policies(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    govern.need_somewhere(viewer, tx, "policy:read")
    shown = quorum.shown(viewer, tx)
    return viewer.page(
        "policies/list.html",
        status=status,
        title=viewer.gettext("Policies"),
        packs=governance.list_packs(tx),
        off=_off(tx),
        newer={one.id: one.version for one in governance.published_packs(tx) if one.is_newer},
        may_manage=packs.may_manage(viewer),
        today=clock.now().date(),
        quorum=shown,
        may_ask_impact=impact.may_ask(viewer),
        form=form,
        people=names(tx, [one.changed_by for one in shown.quorums]),
    )


def _off(tx: Session) -> list[PublishedPack]:
    """The packs that no gate asks, each in its newest version."""
    published = governance.published_packs(tx)
    on = {one.id for one in published if one.is_on}
    kept: dict[str, PublishedPack] = {}
    for one in published:
        if one.id not in on:
            kept.setdefault(one.id, one)
    return list(kept.values())


@router.get("/policies/{pack_id}")
def show_policy(pack_id: str, viewer: CurrentViewer, tx: Tx, digest: str | None = None) -> Response:
    """One pack: controls, rules for the tier, questions, kinds of evidence. An old version by its digest."""
    govern.need_somewhere(viewer, tx, "policy:read")
    pack = governance.get_pack(tx, pack_id, digest=digest)
    current = governance.get_pack(tx, pack_id)
    return viewer.page(
        "policies/show.html",
        title=pack.title,
        crumbs=[(viewer.gettext("Policies"), "/policies")],
        pack=pack,
        is_current=pack.digest == current.digest,
        is_on=any(one.digest == current.digest for one in governance.list_packs(tx)),
        may_manage=packs.may_manage(viewer),
        today=clock.now().date(),
        questions=[(one.name, one.question, _answers(viewer, one)) for one in pack.facts],
        golden=[
            (one.name, words.day(one.on), state_of(one.tier)[2] if one.tier else "", _right_answers(one))
            for one in pack.golden
        ],
        kinds=[(one.name, one.title, _writer(viewer, one), _age(viewer, one)) for one in pack.evidence_types],
    )


def _right_answers(case: GoldenCase) -> str:
    """The controls by what a gate must say of them, as ``passed: A-1, A-2; not known: A-3``."""
    told = {status: [id for id, right in case.expect.items() if right is status] for status in Status}
    return "; ".join(f"{state_of(status)[2]}: {', '.join(ids)}" for status, ids in told.items() if ids)


def _answers(viewer: Viewer, fact: FactDefinition) -> str:
    if fact.kind == "boolean":
        return viewer.gettext("yes or no")
    return (
        ", ".join(fact.values)
        or {
            "list": viewer.gettext("several words"),
            "text": viewer.gettext("a text"),
            "number": viewer.gettext("a number"),
        }[fact.kind]
    )


def _writer(viewer: Viewer, kind: EvidenceType) -> str:
    return viewer.gettext("jobs, as measured") if kind.producer == "auto" else viewer.gettext("people, in person")


def _age(viewer: Viewer, kind: EvidenceType) -> str:
    if not kind.freshness_days:
        return viewer.gettext("one exact version")
    return viewer.gettext("%(days)s days", days=kind.freshness_days)


# --- verdicts ----------------------------------------------------------------------------------------------------


@router.get("/verdicts/{verdict_id}")
def show_verdict(verdict_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """A verdict: every control with its reason, the packs, the approvals, and whether its signature holds."""
    found = governance.get_verdict(tx, verdict_id)
    case = governance.get_usecase(tx, found.usecase)
    viewer.permit("gate:read", govern.about(case, "verdict", verdict_id))
    approvals = [governance.get_approval(tx, one) for one in found.approvals]
    return viewer.page(
        "policies/verdict.html",
        title=viewer.gettext("Verdict on %(title)s", title=case.title),
        crumbs=[(viewer.gettext("Use cases"), "/usecases"), (case.title, f"/usecases/{case.slug}")],
        verdict=replace(found, controls=named_controls(tx, found.controls)),
        case=case,
        holds=_holds(viewer, found, governance.get_envelope(tx, verdict_id)),
        packs=[(*name.split("@", 1), digest) for name, digest in sorted(found.pack_digests.items())],
        approvals=approvals,
        people=names(tx, [found.issued_by, *(vote.person for one in approvals for vote in one.votes)]),
        is_over=found.serve_until < clock.now(),
        may_ask=viewer.may("gate:evaluate", govern.about(case, "gate")),
    )


@router.get("/verdicts/{verdict_id}/envelope")
def give_envelope(verdict_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The signed envelope as a file, to check elsewhere."""
    found = governance.get_verdict(tx, verdict_id)
    viewer.permit("gate:read", govern.about(governance.get_usecase(tx, found.usecase), "verdict", verdict_id))
    headers = {"content-disposition": f'attachment; filename="{verdict_id}.dsse.json"', "cache-control": "no-store"}
    return Response(governance.get_envelope(tx, verdict_id), media_type=DSSE, headers=headers)


def _holds(viewer: Viewer, found: VerdictRecord, envelope: bytes) -> bool:
    """Whether a trusted key signed this envelope, and for the same subject, environment and facts as the record says."""
    here = viewer.parts
    trusted = {**ledger.read_trust(here.settings.trust_file), here.signer.key_id: here.signer.public}
    try:
        signed = runtime.open_verdict(envelope, trusted)
    except HeadwayError:
        return False
    return (signed.id, signed.subject_digest, signed.environment, signed.facts_digest, signed.result) == (
        found.id,
        found.subject_digest,
        found.environment,
        found.facts_digest,
        found.result,
    )
