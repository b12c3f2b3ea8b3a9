"""Using a deployment: what it decided in figures, who may call it, and what came of it."""

from __future__ import annotations

import json
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import catalog, documents, serving
from headway.entrypoints.pages.deployment_place import Change, Place, changed, deployment_page, place_of, published
from headway.entrypoints.pages.forms import Form, upload
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel import clock
from headway.kernel.auth import Resource
from headway.kernel.errors import Conflict, Invalid
from headway.kernel.listing import ListQuery
from headway.kernel.web import Tx
from headway.serving import DecisionFigures, NewGrants, Scope

router = APIRouter(include_in_schema=False)
DAYS, RECENT = 30, 10
GRANT_DAYS = 90


@router.get("/deployments/{name}/figures")
def show_figures(request: Request, name: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """What a deployment decided: the part of its page that takes a look into the tables."""
    place = place_of(viewer, tx, name, request.query_params.get("environment"))
    viewer.permit("decision:read", place.resource("decision"))
    lake = catalog.lake_of(viewer.parts)
    figures = serving.decision_figures(tx, lake, deployment=name, environment=place.environment, days=DAYS)
    asked = ListQuery(filters={"deployment": (name,), "environment": (place.environment,)}, limit=RECENT)
    may_try = place.now.state == "active" and viewer.may("decision:try", place.resource("decision"))
    return viewer.page(
        "deployments/figures.html",
        title=name,
        figures=figures,
        today=sum(arm.by_day[-1] for arm in figures.arms),
        by_day=_by_day(viewer, figures),
        scores=_scores(viewer, figures),
        recent=serving.find_decisions(tx, lake, asked).items if figures.decisions else (),
        address=f"/decisions?deployment={name}&environment={place.environment}",
        try_address=f"/deployments/{name}/try?environment={place.environment}" if may_try else None,
    )


def _by_day(viewer: Viewer, figures: DecisionFigures) -> documents.Figure:
    _ = viewer.gettext
    chart = documents.StackedChart(
        title=_("Decisions a day"),
        categories=tuple(f"{day.day}.{day.month}." for day in figures.days),
        series=tuple(
            documents.Bars(name=arm.arm.replace("_", " "), values=tuple(float(count) for count in arm.by_day))
            for arm in figures.arms
        ),
        label=_("Decisions"),
    )
    return documents.figure(chart, locale=viewer.looks.language)


def _scores(viewer: Viewer, figures: DecisionFigures) -> documents.Figure | None:
    if not figures.scores:
        return None
    _ = viewer.gettext
    chart = documents.HistogramChart(
        title=_("Scores"),
        edges=figures.edges,
        groups=(documents.Counts(name=_("Decisions"), counts=tuple(float(count) for count in figures.scores)),),
        label=_("Decisions"),
        x_label=_("Score"),
    )
    return documents.figure(chart, locale=viewer.looks.language)


@router.post("/deployments/{name}/grants")
def give_grant(name: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Hand out a grant with a new token, which is shown once."""
    form = Form.of(data)
    place = place_of(viewer, tx, name, form.text("environment"))
    principal = f"service:{form.text('service')}" if form.text("service") else viewer.actor.ref
    viewer.permit("grant:create", place.resource("grant"))
    owner = {"owner": principal}
    viewer.permit("token:create", Resource(kind="token", id=principal, department=place.department, attributes=owner))
    days = form.text("days") or str(GRANT_DAYS)
    scopes = (Scope.decide, Scope.outcome) if form.is_on("outcomes") else (Scope.decide,)
    if not days.isdigit() or not 1 <= int(days) <= 730:
        form.faults["days"] = viewer.gettext("Give a number of days from 1 to 730")
        return deployment_page(viewer, tx, place, form, 422)
    try:
        with tx.begin_nested():
            made = serving.give_grant(
                tx,
                viewer.actor,
                name=name,
                environment=place.environment,
                principal=principal,
                scopes=scopes,
                expires_at=clock.now() + timedelta(days=int(days)),
            )
    except (Invalid, Conflict) as error:
        return deployment_page(viewer, tx, place, form.take(error), error.status)
    return published(viewer, place.environment, _granted(viewer, tx, place, made, principal))


def _granted(viewer: Viewer, tx: Session, place: Place, made: NewGrants, principal: str) -> Response:
    return viewer.page(
        "deployments/granted.html",
        status=201,
        title=viewer.gettext("Grant to use %(name)s", name=place.now.name),
        crumbs=[(viewer.gettext("Deployments"), "/deployments"), (place.now.name, place.path)],
        place=place,
        made=made,
        name=names(tx, [principal])[principal],
        ends=made.grants[0].expires_at,
        example=_example(viewer, place, made.token or ""),
    )


def _example(viewer: Viewer, place: Place, token: str) -> str:
    """A command that asks for a decision, ready to be pasted into a terminal."""
    fields = serving.asked_fields(viewer.parts.storage, place.now)
    record = serving.record_of(fields, {field.name: field.example or "" for field in fields})
    body = json.dumps(record, ensure_ascii=False).replace("'", "'\\''")
    address = (viewer.parts.settings.node_url(place.environment) or "https://NODE") + place.now.url
    return f"curl -s {address} \\\n  -H 'Authorization: Bearer {token}' \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'"


@router.post("/deployments/{name}/grants/revoke")
def revoke_grant(name: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Take a grant back."""
    form = Form.of(data)
    found = serving.get_grant(tx, form.text("grant"))
    place = place_of(viewer, tx, found.deployment, found.environment)
    viewer.permit("grant:revoke", place.resource("grant"))
    told = viewer.gettext("The grant is revoked; nodes follow within seconds")
    asked = Change(viewer=viewer, tx=tx, place=place, form=form)
    return changed(asked, lambda: serving.revoke_grant(tx, viewer.actor, found.id, form.text("reason")), told)


@router.post("/deployments/{name}/outcomes")
def import_outcomes(name: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Take in a file of outcomes: all rows, or none when one has a fault."""
    form = Form.of(data)
    place = place_of(viewer, tx, name, form.text("environment"))
    viewer.permit("outcome:import", place.resource("outcome"))
    file = upload(data, "file")
    if file is None or not file.filename:
        form.faults["file"] = viewer.gettext("Choose a file")
        return deployment_page(viewer, tx, place, form, 422)
    try:
        with tempfile.TemporaryDirectory(prefix="headway-") as folder, tx.begin_nested():
            path = Path(folder) / "outcomes"
            with path.open("wb") as stream:
                shutil.copyfileobj(file.file, stream)
            made = serving.import_outcomes(
                tx,
                catalog.lake_of(viewer.parts),
                viewer.actor,
                path=path,
                filename=file.filename,
                deployment=name,
                environment=place.environment,
            )
    except (Invalid, Conflict) as error:
        form.take(error)
        form.faults["file"] = "; ".join(_said(fault.row, fault.message) for fault in error.faults[:20]) or error.message
        return deployment_page(viewer, tx, place, form, error.status)
    told = viewer.gettext(
        "%(rows)s outcomes read: %(added)s new, %(known)s known already",
        rows=made.rows,
        added=made.added,
        known=made.known,
    )
    return viewer.go(place.path, told)


def _said(row: int | None, message: str) -> str:
    return f"{row}: {message}" if row is not None else message
