"""Which proof closes which control: the crosswalk of the packs, and how far each is shown for one use case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import governance
from headway.documents import Sheet, SheetColumn, Value
from headway.entrypoints.pages import exports, govern
from headway.entrypoints.pages.usecase import frame
from headway.entrypoints.pages.usecase_todo import newest_version
from headway.entrypoints.pages.viewer import CurrentViewer, Viewer
from headway.governance import Coverage, CrosswalkRow, PublishedPack
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)


@router.get("/policies/crosswalk")
def show_crosswalk(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """Every kind of evidence with the controls that it helps to close, over the packs chosen."""
    govern.need_somewhere(viewer, tx, "policy:read")
    packs = _newest(tx)
    chosen = _chosen(request, packs)
    rows = governance.crosswalk(tx, chosen)
    shown = [one for one in packs if one.is_on or one.id in chosen]
    if exports.is_wanted(request):
        return exports.workbook(viewer, [_crosswalk_sheet(viewer, rows, shown)], "crosswalk")
    return viewer.page(
        "policies/crosswalk.html",
        title=viewer.gettext("Crosswalk"),
        crumbs=[(viewer.gettext("Policies"), "/policies")],
        rows=rows,
        shown=shown,
        packs=packs,
        chosen=chosen,
    )


@router.get("/usecases/{slug}/coverage")
def show_coverage(slug: str, request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """How far each pack is shown for a use case: controls that are closed, open, or come later, and the proofs that lack."""
    case = governance.get_usecase(tx, slug)
    viewer.permit("gate:evaluate", govern.about(case))
    packs = _newest(tx)
    chosen = _chosen(request, packs)
    version = newest_version(tx, slug)
    found = governance.cover_usecase(tx, slug, subject_digest=version.digest if version else None, packs=chosen)
    if exports.is_wanted(request):
        return exports.workbook(viewer, [_coverage_sheet(viewer, found)], f"{slug}-coverage")
    return viewer.page(
        "usecases/coverage.html",
        **frame(viewer, tx, case, "coverage"),
        coverage=found,
        version=version,
        packs=packs,
        chosen=chosen,
        lacking=_lacking(found),
    )


def _newest(tx: Session) -> list[PublishedPack]:
    """Each pack once: the version that is on, else the newest."""
    kept: dict[str, PublishedPack] = {}
    for one in governance.published_packs(tx):
        if one.id not in kept or one.is_on:
            kept[one.id] = one
    return list(kept.values())


def _chosen(request: Request, packs: Sequence[PublishedPack]) -> tuple[str, ...]:
    asked = request.query_params.getlist("pack")
    return tuple(one.id for one in packs if one.id in asked and not one.is_on)


def _lacking(found: Coverage) -> list[tuple[str, int]]:
    """The kinds of evidence that would close or help to close most controls that are open now."""
    counts: dict[str, int] = {}
    for pack in found.packs:
        for control in pack.controls:
            if control.status in ("failed", "indeterminate"):
                for name in control.lacking:
                    counts[name] = counts.get(name, 0) + 1
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def _crosswalk_sheet(viewer: Viewer, rows: Sequence[CrosswalkRow], packs: Sequence[PublishedPack]) -> Sheet:
    columns = (
        SheetColumn(name="evidence", label=viewer.gettext("Evidence"), kind="text"),
        SheetColumn(name="title", label=viewer.gettext("What it shows"), kind="text"),
        *(SheetColumn(name=one.id, label=one.title, kind="text") for one in packs),
    )
    told = [(one.evidence, one.title, *(", ".join(one.controls.get(pack.id, ())) for pack in packs)) for one in rows]
    return Sheet(title=viewer.gettext("Crosswalk"), columns=columns, rows=told)


def _coverage_sheet(viewer: Viewer, found: Coverage) -> Sheet:
    labels = {
        "pack": viewer.gettext("Pack"),
        "control": viewer.gettext("Control"),
        "title": viewer.gettext("Title"),
        "status": viewer.gettext("Result"),
        "reason": viewer.gettext("Why"),
        "evidence": viewer.gettext("Evidence"),
        "lacking": viewer.gettext("Lacking"),
        "source": viewer.gettext("Source"),
        "confidence": viewer.gettext("Confidence"),
    }
    columns = tuple(SheetColumn(name=name, label=label, kind="text") for name, label in labels.items())
    return Sheet(title=viewer.gettext("Coverage"), columns=columns, rows=list(_coverage_rows(found)))


def _coverage_rows(found: Coverage) -> Iterator[Sequence[Value]]:
    for pack in found.packs:
        for one in pack.controls:
            yield (
                f"{pack.pack} {pack.version}",
                one.id,
                one.title,
                str(one.status),
                one.reason,
                ", ".join(one.evidence),
                ", ".join(one.lacking),
                one.source,
                one.confidence,
            )
