"""Documents drawn from records: what a use case owes and lacks, what was made, and one document with its files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from typing import Literal

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import documents, dossiers, governance
from headway.dossiers import Dossier, DossierKind, DossierStanding, DossierState, OscalKind
from headway.entrypoints.pages import exports, govern
from headway.entrypoints.pages.forms import Form, upload
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.usecase import frame
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.listing import Found
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
FILTERS = ("kind", "usecase", "quarter", "department", "state")
ORGANISATION = Resource(kind="dossier", id="organisation")
AUDIT_BYTES = 64 * 1024 * 1024
SOURCES: Mapping[str, str] = {
    "own": N_("the employer's own history"),
    "pooled": N_("the history of several employers"),
    "test": N_("test data"),
}
DIRECT = 8
"""How many records of a statement are led to directly; the others, by the list of records."""
KINDS: Mapping[str, str] = {
    "annex_iv": N_("Technical documentation (EU AI Act, Annex IV)"),
    "dpia": N_("Data protection impact assessment (GDPR)"),
    "fria": N_("Fundamental rights impact assessment (EU AI Act)"),
    "ll144_summary": N_("Public summary of a bias audit (New York City)"),
    "model_risk": N_("Model risk file (SR 26-2)"),
    "board_pack": N_("Board pack"),
    "audit_bundle": N_("Auditor's bundle"),
}


@router.get("/usecases/{slug}/documents")
def show_documents(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The documents of a use case: which are owed, what is missing in them now, which of those made are outdated."""
    case = governance.get_usecase(tx, slug)
    viewer.permit("dossier:read", govern.about(case, "dossier"))
    return _page(viewer, tx, slug, Form.filled({}))


@router.post("/usecases/{slug}/documents")
def make_document(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Make a document from the records as they are now."""
    case, form = governance.get_usecase(tx, slug), Form.of(data)
    viewer.permit("dossier:make", govern.about(case, "dossier"))
    if form.text("kind") not in set(DossierKind):
        form.faults["kind"] = viewer.gettext("Choose a kind of document")
        return _page(viewer, tx, slug, form, status=422)
    try:
        with tx.begin_nested():
            made = dossiers.make_dossier(
                tx, viewer.parts, viewer.actor, usecase=slug, kind=DossierKind(form.text("kind"))
            )
    except HeadwayError as error:
        return _page(viewer, tx, slug, form.take(error), status=error.status)
    return viewer.go(f"/dossiers/{made.id}", viewer.gettext("The document is made, and kept as it is"))


@router.post("/usecases/{slug}/audit-bundle")
def start_bundle(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Begin an auditor's bundle; a job makes it."""
    viewer.permit("dossier:bundle", govern.about(governance.get_usecase(tx, slug), "dossier"))
    made = dossiers.start_bundle(tx, viewer.actor, viewer.parts.jobs, usecase=slug)
    return viewer.go(f"/dossiers/{made.id}", viewer.gettext("The bundle is being made; you may close this page"))


@router.post("/board-packs")
def start_board_pack(request: Request, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Begin the board pack of a quarter; a job makes it."""
    viewer.permit("dossier:board", ORGANISATION)
    form = Form.of(data)
    try:
        with tx.begin_nested():
            made = dossiers.start_board_pack(tx, viewer.actor, viewer.parts.jobs, quarter=form.text("quarter"))
    except HeadwayError as error:
        return _list(request, viewer, tx, form.take(error), status=error.status)
    return viewer.go(f"/dossiers/{made.id}", viewer.gettext("The board pack is being made; you may close this page"))


@router.post("/usecases/{slug}/bias-audits")
def audit_bias(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Count a bias audit from a file, and bring it as evidence."""
    case, form = governance.get_usecase(tx, slug), Form.of(data)
    viewer.permit("evidence:record", govern.about(case))
    sent = form.text("source")
    source: Literal["own", "pooled", "test"] = "pooled" if sent == "pooled" else "test" if sent == "test" else "own"
    wanted = dossiers.AuditWanted(
        sex=form.text("sex"),
        race=form.text("race"),
        chosen=form.maybe("chosen"),
        positive=form.maybe("positive"),
        score=form.maybe("score"),
        source=source,
        reason=form.maybe("reason"),
    )
    try:
        with tx.begin_nested():
            made = dossiers.audit_bias(tx, viewer.actor, usecase=slug, data=_sent(data), wanted=wanted)
    except HeadwayError as error:
        return _page(viewer, tx, slug, form.take(error), status=error.status)
    ratio = made.audit.min_impact_ratio
    told = viewer.gettext("Counted: %(people)s people; the smallest impact ratio is %(ratio)s")
    return viewer.go(
        f"/usecases/{slug}/documents#ll144_summary",
        told % {"people": made.audit.people, "ratio": "–" if ratio is None else f"{ratio:.3f}"},
    )


def _may_audit(viewer: Viewer, tx: Session, case: governance.UseCase) -> bool:
    """Whether somebody may bring a bias audit, and a pack that is on asks for one."""
    known = any(kind.name == "bias_audit" for pack in governance.list_packs(tx) for kind in pack.evidence_types)
    return known and viewer.may("evidence:record", govern.about(case))


def _sent(data: OwnForm) -> bytes:
    file = upload(data, "file")
    return file.file.read(AUDIT_BYTES + 1) if file else b""


# --- OSCAL -------------------------------------------------------------------------------------------------------


@router.get("/usecases/{slug}/oscal/{kind}")
def download_oscal(slug: str, kind: OscalKind, viewer: CurrentViewer, tx: Tx) -> Response:
    """A use case as OSCAL, for tools that read it."""
    viewer.permit("dossier:read", govern.about(governance.get_usecase(tx, slug), "dossier"))
    return _json(dossiers.oscal_of_usecase(tx, viewer.parts, slug, kind), f"{kind.value}-{slug}")


@router.get("/policies/{pack_id}/oscal")
def download_catalog(pack_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """A policy pack as an OSCAL catalogue."""
    govern.need_somewhere(viewer, tx, "policy:read")
    return _json(dossiers.oscal_of_pack(tx, pack_id), f"catalog-{pack_id}")


def _json(told: Mapping[str, object], name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}.json"', "cache-control": "no-store"}
    return Response(json.dumps(told, indent=1, ensure_ascii=False), media_type="application/json", headers=headers)


def _page(viewer: Viewer, tx: Session, slug: str, form: Form, *, status: int = 200) -> Response:
    case = governance.get_usecase(tx, slug)
    found = dossiers.standings(tx, viewer.parts, slug)
    return viewer.page(
        "dossiers/usecase.html",
        status=status,
        **frame(viewer, tx, case, "documents"),
        standings=found,
        kinds=KINDS,
        form=form,
        may_make=viewer.may("dossier:make", govern.about(case, "dossier")),
        may_audit=_may_audit(viewer, tx, case),
        sources=[(name, viewer.gettext(word)) for name, word in SOURCES.items()],
        may_bundle=viewer.may("dossier:bundle", govern.about(case, "dossier")),
        people=names(tx, [one.newest.made_by for one in found if one.newest]),
        has_verdict=bool(governance.list_verdicts(tx, usecase=slug, limit=1).items),
        packs=[one for one in governance.list_packs(tx) if one.controls],
        may_read_packs=viewer.may_somewhere("policy:read"),
    )


# --- those that were made ----------------------------------------------------------------------------------------


@router.get("/dossiers")
def show_dossiers(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The documents that were made, of all use cases that somebody may read documents of."""
    return _list(request, viewer, tx, Form.filled({}))


def _list(request: Request, viewer: Viewer, tx: Session, form: Form, *, status: int = 200) -> Response:
    within = govern.need_somewhere(viewer, tx, "dossier:read")
    query = query_of(request, sort="started_at", descending=True, filters=FILTERS, within=within)
    found = dossiers.find_dossiers(tx, query)
    if exports.is_wanted(request):
        return exports.download(viewer, _view(request, viewer, tx, found), _cells(viewer, tx, found.items))
    return viewer.page(
        "dossiers/list.html",
        status=status,
        title=viewer.gettext("Documents"),
        form=form,
        quarters=[(one, one) for one in dossiers.quarters()],
        may_board=viewer.may("dossier:board", ORGANISATION),
        table=_view(request, viewer, tx, found),
        kinds=KINDS,
        people=names(tx, [one.made_by for one in found.items]),
    )


def _cells(viewer: Viewer, tx: Session, rows: Sequence[Dossier]) -> Iterator[Sequence[documents.Value]]:
    people = names(tx, [one.made_by for one in rows])
    for one in rows:
        yield (
            viewer.gettext(KINDS[one.kind]),
            one.usecase or one.quarter,
            one.state.value,
            one.gaps,
            one.requirements,
            people[one.made_by],
            one.started_at,
            one.digest,
        )


def _view(request: Request, viewer: Viewer, tx: Session, found: Found[Dossier]) -> TableView:
    said = viewer.gettext
    return view_of(
        request,
        found,
        name="dossiers",
        caption=said("Documents that were made"),
        columns=(
            Column(name="kind", label=said("Document")),
            Column(name="usecase", label=said("Use case or quarter")),
            Column(name="state", label=said("State"), is_sortable=False),
            Column(name="gaps", label=said("Gaps"), kind="integer"),
            Column(name="requirements", label=said("Requirements"), kind="integer", is_sortable=False),
            Column(name="made_by", label=said("Made by"), is_sortable=False),
            Column(name="started_at", label=said("Made"), kind="date"),
            Column(name="digest", label=said("Digest"), is_sortable=False, is_wide=True),
        ),
        filters=(
            Filter(
                name="kind",
                label=said("All documents"),
                choices=tuple((kind, said(word)) for kind, word in KINDS.items()),
            ),
            Filter(
                name="department",
                label=said("All departments"),
                choices=tuple(govern.department_choices(viewer, tx, "dossier:read")),
            ),
        ),
        empty={
            "title": said("No document was made yet"),
            "text": said(
                "The page Documents of a use case tells what is owed and what is missing, and makes documents from the records."
            ),
        },
    )


@router.get("/dossiers/{dossier_id}")
def show_dossier(dossier_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One document: what it is about, its files and digests, and whether the records still say the same."""
    found = _readable(viewer, tx, dossier_id)
    is_compared = found.state is DossierState.made and found.content_digest is not None
    now: DossierStanding | None = dossiers.compare(tx, viewer.parts, dossier_id) if is_compared else None
    crumbs = [(viewer.gettext("Documents"), "/dossiers")]
    if found.usecase:
        title = governance.usecase_titles(tx, {found.usecase}).get(found.usecase, found.usecase)
        crumbs = [(viewer.gettext("Use cases"), "/usecases"), (title, f"/usecases/{found.usecase}/documents")]
    return viewer.page(
        "dossiers/show.html",
        title=viewer.gettext(KINDS[found.kind]),
        crumbs=crumbs,
        dossier=found,
        now=now,
        people=names(tx, [found.made_by]),
        may_make=viewer.may("dossier:make", _resource(found)),
    )


@router.get("/dossiers/{dossier_id}/text")
def read_dossier(dossier_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """What a document says, with each statement leading to the records it rests on."""
    found = _readable(viewer, tx, dossier_id)
    content = dossiers.read_content(tx, viewer.parts.storage, dossier_id)
    return viewer.page(
        "dossiers/text.html",
        title=f"{viewer.gettext(KINDS[found.kind])}: {content.subject}",
        crumbs=[
            (viewer.gettext("Documents"), "/dossiers"),
            (viewer.gettext(KINDS[found.kind]), f"/dossiers/{found.id}"),
        ],
        dossier=found,
        content=content,
        numbers=dossiers.Numbering(),
        most=DIRECT,
        figure=partial(_figure, viewer, count(1)),
    )


def _figure(viewer: Viewer, numbers: Iterator[int], said: dossiers.Plotted | dossiers.Ranged) -> documents.Figure:
    return documents.figure(dossiers.chart_of(said), locale=viewer.looks.language, name=f"chart-{next(numbers)}")


@router.get("/dossiers/{dossier_id}/files/{file}")
def download_file(dossier_id: str, file: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """A file of a document, as it was kept."""
    found = _readable(viewer, tx, dossier_id)
    kept, data = dossiers.read_file(tx, viewer.parts.storage, dossier_id, file)
    headers = {"content-disposition": f'attachment; filename="{dossiers.file_name(found, kept)}"'}
    return Response(data, media_type=kept.media, headers={**headers, "cache-control": "no-store"})


def _resource(found: Dossier) -> Resource:
    return Resource(kind="dossier", id=found.id, department=found.department)


def _readable(viewer: Viewer, tx: Session, dossier_id: str) -> Dossier:
    found = dossiers.get_dossier(tx, dossier_id)
    viewer.permit(dossiers.action_to_read(found), _resource(found))
    return found
