"""The report of a pilot: read as a page, taken away as PDF, Markdown or JSON."""

from __future__ import annotations

import re
from typing import Any, Final

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from headway import governance, portfolio, registry
from headway.entrypoints.pages.figures import metric_rows
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.pilots import readable
from headway.entrypoints.pages.viewer import CurrentViewer, Viewer
from headway.governance import mandates
from headway.kernel.auth import Resource
from headway.kernel.errors import NotFound
from headway.kernel.ids import Ref
from headway.kernel.web import Tx
from headway.portfolio import Pilot

router = APIRouter(include_in_schema=False)
_PERSON: Final = re.compile(r"person:[a-z0-9_]+")


@router.get("/pilots/{pilot_id}/report")
def show_report(pilot_id: str, viewer: CurrentViewer, tx: Tx, format: str = "") -> Response:
    """The report of a finished pilot; one that has not finished leads back to its page."""
    pilot = readable(viewer, tx, pilot_id)
    if pilot.state != "done":
        return viewer.go(f"/pilots/{pilot_id}", viewer.gettext("The report comes when the pilot is done"))
    if format in ("pdf", "md", "json"):
        return _file(viewer, tx, pilot, format)
    _, facts = portfolio.get_report(tx, viewer.parts.storage, pilot_id)
    language = viewer.looks.language
    return viewer.page(
        "pilots/report.html",
        title=facts["title"],
        crumbs=[(viewer.gettext("Pilots"), "/pilots"), (pilot.name, f"/pilots/{pilot_id}")],
        pilot=pilot,
        facts=facts,
        result=facts["result"],
        charts=portfolio.figures_of(facts, language),
        examples=portfolio.examples_of(facts, language),
        trace=_named(tx, facts["tier"]["trace"]),
        figures=metric_rows(viewer, facts["result"]["metrics"]),
        **_next(viewer, tx, pilot, facts["result"]),
    )


def _file(viewer: Viewer, session: Session, pilot: Pilot, format: str) -> Response:
    name = f"{pilot.name}-{pilot.id}.{format}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    if format == "pdf":
        printed = portfolio.print_report(session, pilot.id)
        return Response(printed, media_type="application/pdf", headers=headers)
    text, facts = portfolio.get_report(session, viewer.parts.storage, pilot.id)
    if format == "json":
        return JSONResponse(facts, headers=headers)
    return Response(text, media_type="text/markdown; charset=utf-8", headers=headers)


def _next(viewer: Viewer, session: Session, pilot: Pilot, result: dict[str, Any]) -> dict[str, Any]:
    """What the viewer may do now, and which suspicious columns somebody cleared meanwhile."""
    about = Resource(kind="pilot", id=pilot.id, department=pilot.department)
    lane = mandates.lanes_of(session, [result["usecase"]]).get(result["usecase"], "")
    model = f"model:{result['model']['name']}@{result['model']['version']}"
    release = Resource(
        kind="release",
        id=model,
        department=pilot.department,
        attributes={"environment": "production", "requested_by": "", "lane": lane},
    )
    spoken = cleared(session, model)
    return {
        "names": names(session, [one.producer for one in spoken.values()]),
        "may_start": viewer.may("pilot:start", about),
        "may_clear": viewer.may("evidence:record", Resource(kind="model", id=model, department=pilot.department)),
        "may_ask": viewer.may("release:request", release),
        "cleared": spoken,
        "version": f"/models/{result['model']['name']}/versions/{result['model']['version']}",
    }


def _named(session: Session, lines: list[str]) -> list[str]:
    """Lines with people by name where they name a reference."""
    found = {ref for line in lines for ref in _PERSON.findall(line)}
    known = names(session, found)
    return [_PERSON.sub(lambda match: known[match.group()], line) for line in lines]


def cleared(session: Session, model: str) -> dict[str, governance.Evidence]:
    """The suspicious columns of a version that somebody cleared, with who and why."""
    try:
        version = registry.get_version(session, Ref.parse(model))
    except NotFound:
        return {}
    found = governance.list_evidence(session, subject_digest=version.digest, type="suspect_clearance", limit=1000)
    return {str(one.facts.get("column")): one for one in found.items}
