"""The kill switch: what a use case or a department has at work, stopped at once after it was shown."""

from __future__ import annotations

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
def show_switch(viewer: CurrentViewer, tx: Tx, usecase: str = "", department: str = "") -> Response:
    """What would be stopped."""
    return _page(viewer, tx, Form.filled({"usecase": usecase, "department": department}))


@router.post("/kill-switch")
def pull(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Stop all of it; nodes follow within seconds."""
    form = Form.of(data)
    usecase, department = form.maybe("usecase"), form.maybe("department")
    viewer.permit("deployment:suspend", serving.resource_to_stop(tx, usecase=usecase, department=department))
    try:
        made = serving.stop(tx, viewer.actor, usecase=usecase, department=department, reason=form.text("reason"))
    except Invalid as error:
        return _page(viewer, tx, form.take(error), status=error.status)
    told = viewer.gettext("Stopped: %(count)s; nodes follow within seconds", count=len(made.deployments))
    to = f"/usecases/{usecase}" if usecase else f"/departments/{department}"
    response = viewer.go(to, told)
    response.background = BackgroundTasks()
    for environment in sorted({one.environment for one in made.deployments}):
        response.background.add_task(publish, viewer.parts, environment)
    return response


def _page(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    usecase, department = form.maybe("usecase"), form.maybe("department")
    viewer.permit("deployment:suspend", serving.resource_to_stop(tx, usecase=usecase, department=department))
    if usecase is not None:
        name = governance.get_usecase(tx, usecase).title
        crumbs = [(viewer.gettext("Use cases"), "/usecases"), (name, f"/usecases/{usecase}")]
    else:
        name = identity.get_department(tx, str(department)).name
        crumbs = [(viewer.gettext("Departments"), "/departments"), (name, f"/departments/{department}")]
    return viewer.page(
        "deployments/kill_switch.html",
        status=status,
        title=viewer.gettext("Kill switch for %(name)s", name=name),
        crumbs=crumbs,
        form=form,
        back=crumbs[-1][1],
        working=serving.at_work(tx, usecase=usecase, department=department),
        usecase=usecase,
        department=department,
    )
