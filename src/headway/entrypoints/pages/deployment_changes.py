"""Putting a released version to work, and changing what a deployment does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData, QueryParams

from headway import governance, registry, serving
from headway.entrypoints.pages.deployment_place import Change, changed, environment_of, place_of, published, rename
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.auth import Resource
from headway.kernel.errors import Conflict, Invalid
from headway.kernel.ids import Ref
from headway.kernel.listing import LARGEST_PAGE, ListQuery
from headway.kernel.settings import ENVIRONMENTS
from headway.kernel.web import Tx
from headway.registry import ModelRelease
from headway.serving import Deployment

router = APIRouter(include_in_schema=False)


@router.get("/deployments/new")
def ask_new(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The form that puts a released version to work."""
    if not _may_deploy(viewer):
        viewer.permit("deployment:deploy", Resource(kind="deployment", id="new"))
    asked = request.query_params
    said = {name: asked.get(name) for name in ("name", "subject_field")}
    return _new_page(viewer, tx, Form.filled({**said, "release": _meant(tx, asked), "holdout_percent": "10"}))


def _may_deploy(viewer: Viewer) -> bool:
    """Whether somebody may deploy anywhere: many may in the sandbox alone."""
    return viewer.may_somewhere("deployment:deploy") or viewer.may_somewhere("deployment:deploy", environment="sandbox")


def _meant(tx: Session, asked: QueryParams) -> str | None:
    """The released version that an address names: by itself, by its release, or as the newest of a use case."""
    if (version := asked.get("version")) and (environment := asked.get("environment")):
        return f"{environment} {version}"
    named = {"id": asked.get("release"), "usecase": asked.get("usecase")}
    filters = {key: (value,) for key, value in named.items() if value}
    query = ListQuery(filters={**filters, "status": ("released",)}, limit=1)
    newest = registry.find_releases(tx, query).items[:1] if filters else ()
    return next((f"{one.environment} {one.version}" for one in newest), None)


def _released(viewer: Viewer, tx: Session) -> Iterator[ModelRelease]:
    """The releases that somebody may deploy."""
    for environment in ENVIRONMENTS:
        within = viewer.places(tx, "deployment:deploy", environment=environment)
        filters = {"status": ("released",), "environment": (environment,)}
        asked = ListQuery(filters=filters, limit=LARGEST_PAGE, within=within)
        yield from (one for one in registry.find_releases(tx, asked).items if one.revoked_at is None)


def _new_page(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    _ = viewer.gettext
    options = [
        (
            f"{one.environment} {one.version}",
            _("%(version)s, released into %(place)s", version=one.version, place=_(one.environment)),
        )
        for one in _released(viewer, tx)
    ]
    return viewer.page(
        "deployments/new.html",
        status=status,
        title=_("Deploy a version"),
        crumbs=[(_("Deployments"), "/deployments")],
        form=form,
        options=options,
    )


@router.post("/deployments/new")
def deploy(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Put a released version to work."""
    form = Form.of(data)
    if not form.require(["release", "name"], viewer.gettext("Fill this in")):
        return _new_page(viewer, tx, form, 422)
    place, _, version = form.text("release").partition(" ")
    try:
        environment = environment_of(place)
        found = registry.get_version(tx, Ref.parse(version))
        usecase = found.usecase or ""
        viewer.permit("deployment:deploy", _resource(tx, form.text("name"), environment, usecase))
        with tx.begin_nested():
            made = serving.deploy_version(
                tx,
                viewer.actor,
                name=form.text("name"),
                usecase=usecase,
                version=Ref.parse(version),
                environment=environment,
                holdout_share=_share(form.text("holdout_percent")),
                subject_field=form.maybe("subject_field"),
            )
    except (Invalid, Conflict) as error:
        rename(form, error, {"holdout_share": "holdout_percent"})
        return _new_page(viewer, tx, form.take(error), error.status)
    told = viewer.gettext("%(name)s is deployed; nodes follow within seconds", name=made.name)
    return published(viewer, environment, viewer.go(f"/deployments/{made.name}?environment={environment}", told))


def _resource(tx: Session, name: str, environment: str, usecase: str) -> Resource:
    department = governance.get_usecase(tx, usecase).department
    attributes = {"environment": environment}
    return Resource(kind="deployment", id=f"{environment}/{name}", department=department, attributes=attributes)


def _share(percent: str) -> float:
    try:
        return float(percent or "0") / 100
    except ValueError:
        return -1.0  # the service says what a share must be


@router.post("/deployments/{name}/suspend")
def suspend(name: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Stop a deployment from deciding."""
    told = viewer.gettext("Suspended; nodes follow within seconds")
    return _move(_asked(viewer, tx, name, data, "deployment:suspend"), serving.suspend, "suspend_reason", told)


@router.post("/deployments/{name}/resume")
def resume(name: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Let a deployment decide again."""
    told = viewer.gettext("Resumed; nodes follow within seconds")
    return _move(_asked(viewer, tx, name, data, "deployment:resume"), serving.resume, "resume_reason", told)


@router.post("/deployments/{name}/retire")
def retire(name: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """End a deployment for good."""
    told = viewer.gettext("Retired; its name is free again")
    return _move(_asked(viewer, tx, name, data, "deployment:deploy"), serving.retire, "retire_reason", told)


@router.post("/deployments/{name}/limit")
def set_limit(name: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Set how many decisions a day a deployment makes at most; an empty field lifts the limit."""
    asked = _asked(viewer, tx, name, data, "deployment:deploy")
    typed = asked.form.text("decisions_per_day")
    most = None if not typed else int(typed) if typed.isdigit() else 0
    return changed(
        asked,
        lambda: serving.limit(tx, viewer.actor, name=name, environment=asked.place.environment, decisions_per_day=most),
        viewer.gettext("The limit is set; nodes follow within seconds"),
    )


def _asked(viewer: Viewer, tx: Session, name: str, data: FormData, action: str) -> Change:
    form = Form.of(data)
    place = place_of(viewer, tx, name, form.text("environment"))
    viewer.permit(action, place.resource())
    return Change(viewer=viewer, tx=tx, place=place, form=form)


def _move(asked: Change, service: Callable[..., Deployment], field: str, told: str) -> Response:
    return changed(
        asked,
        lambda: service(
            asked.tx,
            asked.viewer.actor,
            name=asked.place.now.name,
            environment=asked.place.environment,
            reason=asked.form.text(field),
        ),
        told,
        {"reason": field},
    )
