"""The kill switch: what a use case, a department or a vendor has at work, stopped at once after it was shown."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session
from starlette.background import BackgroundTasks

from headway import governance, identity, serving
from headway.entrypoints.pages.deployment_place import publish
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.errors import Invalid
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)


@router.get("/kill-switch")
def show_switch(viewer: CurrentViewer, tx: Tx, usecase: str = "", department: str = "", vendor: str = "") -> Response:
    """What would be stopped."""
    return _page(viewer, tx, Form.filled({"usecase": usecase, "department": department, "vendor": vendor}))


@router.post("/kill-switch")
def pull(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Stop all of it; nodes follow within seconds."""
    form = Form.of(data)
    scope = _scope(form)
    viewer.permit("deployment:suspend", serving.resource_to_stop(tx, **scope))
    try:
        made = serving.stop(tx, viewer.actor, **scope, reason=form.text("reason"))
    except Invalid as error:
        return _page(viewer, tx, form.take(error), status=error.status)
    told = viewer.gettext("Stopped: %(count)s; nodes follow within seconds", count=len(made.deployments))
    response = viewer.go(_crumbs(viewer, tx, scope)[-1][1], told)
    response.background = BackgroundTasks()
    for environment in sorted({one.environment for one in made.deployments}):
        response.background.add_task(publish, viewer.parts, environment)
    return response


def _page(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    scope = _scope(form)
    viewer.permit("deployment:suspend", serving.resource_to_stop(tx, **scope))
    crumbs = _crumbs(viewer, tx, scope)
    return viewer.page(
        "deployments/kill_switch.html",
        status=status,
        title=viewer.gettext("Kill switch for %(name)s", name=crumbs[-1][0]),
        crumbs=crumbs,
        form=form,
        back=crumbs[-1][1],
        working=serving.at_work(tx, **scope),
        scope={name: slug for name, slug in scope.items() if slug},
    )


def _scope(form: Form) -> dict[str, str | None]:
    return {name: form.maybe(name) for name in ("usecase", "department", "vendor")}


def _crumbs(viewer: Viewer, tx: Session, scope: Mapping[str, str | None]) -> list[tuple[str, str]]:
    """The way to the page of what would be stopped; the last one is its own."""
    if slug := scope["usecase"]:
        return [
            (viewer.gettext("Use cases"), "/usecases"),
            (governance.get_usecase(tx, slug).title, f"/usecases/{slug}"),
        ]
    if slug := scope["vendor"]:
        return [(viewer.gettext("Vendors"), "/vendors"), (governance.get_vendor(tx, slug).name, f"/vendors/{slug}")]
    slug = str(scope["department"])
    name = identity.get_department(tx, slug).name
    return [(viewer.gettext("Departments"), "/departments"), (name, f"/departments/{slug}")]
