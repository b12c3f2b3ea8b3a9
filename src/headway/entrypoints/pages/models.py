"""Models: the list, one model with its versions and aliases, training it again, and single training runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import catalog, governance, identity, registry
from headway.documents import Value
from headway.entrypoints.pages import exports
from headway.entrypoints.pages.figures import metric_rows
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import mandates
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError, Invalid
from headway.kernel.web import Tx
from headway.registry import Model, Run

router = APIRouter(include_in_schema=False)
VERSIONS = 100


@router.get("/models")
def show_models(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The models that somebody may see."""
    if not viewer.may_somewhere("model:read"):
        viewer.permit("model:read", Resource(kind="model", id="all"))
    view = _table(request, viewer, tx)
    if exports.is_wanted(request):
        return exports.download(viewer, view, _cells(tx, view))
    return viewer.page(
        "models/list.html",
        title=viewer.gettext("Models"),
        view=view,
        names=names(tx, [one.created_by for one in view.rows]),
    )


def _cells(tx: Session, view: TableView) -> Iterator[tuple[Value, ...]]:
    """What a file of the list holds, in the order of its columns."""
    found = exports.all_of(view, lambda query: registry.find_models(tx, query))
    people = names(tx, [one.created_by for one in found])
    for one in found:
        aliases = "; ".join(f"{alias} → {version}" for alias, version in one.aliases.items())
        yield one.name, one.usecase, one.versions, aliases, people[one.created_by], one.created_at


@router.get("/models/{name}")
def show_model(name: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One model with its versions."""
    return _model_page(viewer, tx, name, Form())


@router.post("/models/{name}/aliases")
def move_alias(name: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Point an alias at a version."""
    model, form = registry.get_model(tx, name), Form.of(data)
    viewer.permit("model:update", about(tx, "model", name, model.usecase))
    form.require(("alias", "version"), viewer.gettext("This is needed"))
    if form.faults or not form.text("version").isdigit():
        return _model_page(viewer, tx, name, form, status=422)
    try:
        with tx.begin_nested():
            registry.set_alias(
                tx, viewer.actor, model=name, alias=form.text("alias"), version=int(form.text("version"))
            )
    except HeadwayError as error:
        form.faults["alias"] = f"{error.message}. {error.hint}" if error.hint else error.message
        return _model_page(viewer, tx, name, form, status=error.status)
    return viewer.go(f"/models/{name}", viewer.gettext("%(alias)s moved", alias=form.text("alias")))


@router.post("/models/{name}/train")
def train_again(name: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Train the model once more, with the settings of its last run on the newest snapshot of its data product."""
    run = _last_run(tx, name)
    if run is None or run.product is None:
        raise Invalid(f"model {name} was not trained on a data product")
    product = catalog.get_product(tx, run.product)
    viewer.permit("run:train", Resource(kind="run", id=product.slug, department=product.department))
    if run.usecase is not None:
        viewer.permit("run:train", about(tx, "run", run.usecase, run.usecase))
    try:
        with tx.begin_nested():
            spec = registry.plan_training(tx, _wish(run))
            payload = {"spec": msgspec.to_builtins(spec), "usecase": run.usecase}
            job = viewer.parts.jobs.enqueue(tx, "training", payload, actor=viewer.actor)
    except HeadwayError as error:
        return viewer.go(f"/models/{name}", error.message)
    return viewer.go(f"/jobs/{job}", viewer.gettext("Training has begun; you may close this page"))


@router.get("/runs/{run_id}")
def show_run(run_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """A training run: settings, figures, digests."""
    run = registry.get_run(tx, run_id)
    viewer.permit("run:read", about(tx, "run", run_id, run.usecase))
    return viewer.page(
        "models/run.html",
        title=viewer.gettext("Training run"),
        crumbs=[
            (viewer.gettext("Models"), "/models"),
            (run.model, f"/models/{run.model}"),
            (viewer.gettext("Version %(number)s", number=run.version), f"/models/{run.model}/versions/{run.version}"),
        ],
        run=run,
        figures=metric_rows(viewer, run.metrics),
        names=names(tx, [run.made_by]),
    )


def about(session: Session, kind: str, name: str, usecase: str | None, **attributes: str) -> Resource:
    """What a question about a model is asked of: it lies in the department of its use case."""
    case = governance.get_usecase(session, usecase) if usecase else None
    lane = {"lane": mandates.lane_of(case.tier)} if case else {}
    return Resource(kind=kind, id=name, department=case.department if case else None, attributes={**lane, **attributes})


def _model_page(viewer: Viewer, session: Session, name: str, form: Form, *, status: int = 200) -> Response:
    model = registry.get_model(session, name)
    viewer.permit("model:read", about(session, "model", name, model.usecase))
    versions = registry.list_versions(session, name, limit=VERSIONS).items
    run = _last_run(session, name)
    return viewer.page(
        "models/model.html",
        status=status,
        title=model.name,
        crumbs=[(viewer.gettext("Models"), "/models")],
        model=model,
        versions=versions,
        aliases=_by_version(model),
        form=form,
        run=run,
        names=names(session, [model.created_by, *(one.made_by for one in versions)]),
        may_alias=viewer.may("model:update", about(session, "model", name, model.usecase)),
        may_train=run is not None and run.product is not None and _may_train(viewer, session, run),
    )


def _may_train(viewer: Viewer, session: Session, run: Run) -> bool:
    product = catalog.get_product(session, str(run.product))
    may = viewer.may("run:train", Resource(kind="run", id=product.slug, department=product.department))
    return may and (run.usecase is None or viewer.may("run:train", about(session, "run", run.usecase, run.usecase)))


def _last_run(session: Session, name: str) -> Run | None:
    return next(iter(registry.list_runs(session, model=name, limit=1).items), None)


def _wish(run: Run) -> registry.TrainingWish:
    """The wish that a run's settings amount to, on the newest snapshot."""
    was: Mapping[str, Any] = run.settings
    return registry.TrainingWish(
        product=str(run.product),
        usecase=run.usecase,
        name=run.model,
        label=was["label"],
        positive=was["positive"],
        time=was["time"],
        ordered=was["ordered"],
        split_reason=was["split_reason"],
        subject=was["subject"],
        exclude=tuple(was["exclude"]),
        features=None if was["features"] is None else tuple(was["features"]),
        policy=msgspec.convert(was["policy"], registry.PolicySpec),
        solution=was["solution"],
        seed=was["seed"],
    )


def _by_version(model: Model) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for alias, version in model.aliases.items():
        found.setdefault(version, []).append(alias)
    return found


def _table(request: Request, viewer: Viewer, session: Session) -> TableView:
    _ = viewer.gettext
    within = viewer.places(session, "model:read")
    query = query_of(request, sort="name", filters=("department",), within=within)
    departments = [one for one in identity.list_departments(session) if within is None or one.slug in within]
    return view_of(
        request,
        registry.find_models(session, query),
        name="models",
        caption=_("Models"),
        columns=(
            Column(name="name", label=_("Model")),
            Column(name="usecase", label=_("Use case")),
            Column(name="versions", label=_("Versions"), kind="integer"),
            Column(name="alias", label=_("Aliases"), is_sortable=False, is_wide=True),
            Column(name="created_by", label=_("Made by"), is_sortable=False, is_wide=True),
            Column(name="created_at", label=_("First made"), kind="date"),
        ),
        filters=(
            Filter(
                name="department",
                label=_("All departments"),
                choices=tuple((one.slug, one.name) for one in departments),
            ),
        ),
        empty={
            "title": _("No models yet"),
            "text": _("A pilot trains the first version of a model and judges it on rows it did not see."),
            **viewer.offer("pilot:start", "/pilots/new", _("Start a pilot")),
            "icon": "cube",
        },
    )
