"""A use case on its way to other departments: the plans there are, and a new one from a file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import governance, scaling
from headway.entrypoints.pages import govern
from headway.entrypoints.pages.forms import Form, upload
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.pilot_start import department_choices, size_in_words
from headway.entrypoints.pages.usecase import frame
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel import ids
from headway.kernel.auth import Resource
from headway.kernel.canonical import file_digest
from headway.kernel.errors import HeadwayError
from headway.kernel.listing import ListQuery
from headway.kernel.receiving import received, sent_name
from headway.kernel.web import Tx
from headway.scaling import PlanRequest

router = APIRouter(include_in_schema=False)
SHOWN = 50


@router.get("/usecases/{slug}/scale")
def show_scale(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The plans to take a use case to other departments, and the form for a new one."""
    case = governance.get_usecase(tx, slug)
    viewer.permit("usecase:read", govern.about(case))
    return _page(viewer, tx, slug, Form.filled({}))


@router.post("/usecases/{slug}/scale")
def start_plan(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Start a plan from a file, or tell every fault at its field."""
    case, form, sent = governance.get_usecase(tx, slug), Form.of(data), upload(data, "file")
    to = ids.slug(form.text("department")) if form.text("department") else ""
    if to:
        viewer.permit("scale:plan", Resource(kind="scaleplan", id="new", department=to))
        viewer.permit("model:read", govern.about(case, "model"))
    if sent is None:
        form.faults["file"] = viewer.gettext("Choose a file")
    form.require(("department",), viewer.gettext("Say which department"))
    if form.faults:
        return _page(viewer, tx, slug, form, status=422)
    parts = viewer.parts
    try:
        with received(sent.file, parts.settings.max_upload_bytes) as path, tx.begin_nested():  # type: ignore[union-attr]
            digest = file_digest(path)
            request = PlanRequest(
                usecase=slug,
                department=to,
                version=scaling.version_to_scale(tx, slug),
                filename=sent_name(sent.filename),  # type: ignore[union-attr]
                file_key="uploads/" + digest.removeprefix("sha256-"),
                file_digest=digest,
                columns=scaling.said_columns(_lines(form.text("map"))),
                values=scaling.said_values(_lines(form.text("value"))),
            )
            made = scaling.start_plan(tx, viewer.actor, parts.jobs, request=request)
            parts.storage.ensure(request.file_key, path)
    except HeadwayError as error:
        return _page(viewer, tx, slug, form.take(error), status=error.status)
    return viewer.go(f"/scale-plans/{made.id}", viewer.gettext("The plan is being made; you may close this page"))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _page(viewer: Viewer, tx: Session, slug: str, form: Form, *, status: int = 200) -> Response:
    case = governance.get_usecase(tx, slug)
    choices = [one for one in department_choices(viewer, tx, "scale:plan") if one[0] != case.department]
    may_plan = bool(choices) and viewer.may("model:read", govern.about(case, "model"))
    if not form.text("department") and len(choices) == 1:
        form = replace(form, values={**form.values, "department": [choices[0][0]]})
    query = ListQuery(filters={"usecase": (slug,)}, limit=SHOWN, within=viewer.places(tx, "scale:read"))
    found = scaling.find_plans(tx, query).items
    return viewer.page(
        "usecases/scale.html",
        status=status,
        **frame(viewer, tx, case, "scale"),
        plans=found,
        people=names(tx, [one.started_by for one in found]),
        form=form,
        choices=choices,
        may_plan=may_plan and case.retired_at is None,
        version=_version(tx, slug),
        largest=size_in_words(viewer.parts.settings.max_upload_bytes),
    )


def _version(tx: Session, slug: str) -> Any:  # noqa: ANN401  a reference, or nothing
    try:
        return scaling.version_to_scale(tx, slug)
    except scaling.NoModel:
        return None
