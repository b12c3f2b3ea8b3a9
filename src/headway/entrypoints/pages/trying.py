"""Try a deployment: a form made of its contract, one decision in one's own name, its reasons, and the way to its chain."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import governance, serving
from headway.entrypoints.pages.decisions import reasons_figure, said
from headway.entrypoints.pages.deployment_place import Place, place_of
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.errors import Conflict, Invalid, Unavailable
from headway.kernel.web import Tx
from headway.serving import AskedField, TriedDecision

router = APIRouter(include_in_schema=False)
PREFIX = "record."


@router.get("/deployments/{name}/try")
def ask(request: Request, name: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The form, filled in with the governed reference row."""
    place = place_of(viewer, tx, name, request.query_params.get("environment"))
    viewer.permit("decision:try", place.resource("decision"))
    fields = serving.asked_fields(viewer.parts.storage, place.now)
    return _page(viewer, tx, place, fields, Form.filled({PREFIX + one.name: one.example for one in fields}))


@router.post("/deployments/{name}/try")
def decide(name: str, viewer: CurrentViewer, data: OwnForm) -> Response:
    """Ask a node; what it refuses is said at the fields."""
    form = Form.of(data)
    with viewer.parts.database.session() as tx:  # not open while the node is waited for
        place = place_of(viewer, tx, name, form.text("environment"))
        viewer.permit("decision:try", place.resource("decision"))
    fields = serving.asked_fields(viewer.parts.storage, place.now)
    told = {one.name: form.text(PREFIX + one.name) for one in fields}
    made, status = None, 200
    try:
        made = serving.try_out(
            viewer.parts,
            viewer.actor,
            name=name,
            environment=place.environment,
            record=serving.record_of(fields, told),
        )
    except (Invalid, Conflict, Unavailable) as error:
        form.faults |= {PREFIX + one.column: one.message for one in error.faults if one.column in told}
        elsewhere = [one.message for one in error.faults if one.column not in told]
        form.failure, form.hint = "; ".join(elsewhere) or (None if error.faults else error.message), error.hint
        status = error.status
    with viewer.parts.database.session() as tx:
        return _page(viewer, tx, place, fields, form, made=made, status=status)


def _page(
    viewer: Viewer,
    tx: Session,
    place: Place,
    fields: Sequence[AskedField],
    form: Form,
    *,
    made: TriedDecision | None = None,
    status: int = 200,
) -> Response:
    _ = viewer.gettext
    title = _("Try %(name)s", name=place.now.name)
    return viewer.page(
        "trying/try.html",
        status=status,
        title=title,
        crumbs=[(_("Deployments"), "/deployments"), (place.now.name, place.path)],
        place=place,
        now=place.now,
        usecase=governance.get_usecase(tx, place.now.usecase),
        fields=fields,
        prefix=PREFIX,
        form=form,
        made=made,
        reasons=_reasons(viewer, made),
    )


def _reasons(viewer: Viewer, made: TriedDecision | None) -> object:
    if made is None or not made.reasons:
        return None
    return reasons_figure(
        viewer, [(f"{one.label}: {said(viewer, one.value)}", one.contribution) for one in made.reasons]
    )
