"""Deployments: the list, and one of them with everything about it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import documents, governance, serving
from headway.entrypoints.pages import exports, govern
from headway.entrypoints.pages.deployment_place import deployment_page, place_of
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.tables import Column, Filter, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, Viewer
from headway.kernel.listing import LARGEST_PAGE, ListQuery
from headway.kernel.settings import ENVIRONMENTS
from headway.kernel.web import Tx
from headway.serving import Deployment, DeploymentState

router = APIRouter(include_in_schema=False)
FILTERS = ("environment", "state", "department", "usecase")


@router.get("/deployments")
def list_deployments(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The deployments that somebody may see."""
    within = govern.need_somewhere(viewer, tx, "deployment:read")
    query = query_of(request, sort="changed_at", descending=True, filters=FILTERS, within=within)
    found = serving.find_deployments(tx, query)
    view = view_of(
        request,
        found,
        name="deployments",
        caption=viewer.gettext("Deployments"),
        columns=_columns(viewer),
        filters=_filters(viewer, tx),
        empty=_nothing(viewer),
    )
    if exports.is_wanted(request):
        rows = exports.all_rows(found, lambda asked: serving.find_deployments(tx, asked))
        return exports.download(viewer, view, [_cells(one) for one in rows])
    return viewer.page(
        "deployments/list.html", title=viewer.gettext("Deployments"), view=view, titles=_titles(tx, found.items)
    )


def _columns(viewer: Viewer) -> tuple[Column, ...]:
    _ = viewer.gettext
    return (
        Column(name="name", label=_("Name")),
        Column(name="environment", label=_("Environment")),
        Column(name="state", label=_("State")),
        Column(name="usecase", label=_("Use case")),
        Column(name="version", label=_("Version")),
        Column(name="holdout", label=_("Held out"), kind="percent", is_sortable=False, is_wide=True),
        Column(name="changed_at", label=_("Changed"), kind="date"),
    )


def _cells(one: Deployment) -> tuple[documents.Value, ...]:
    held_out = sum(arm.share for arm in one.arms if arm.release is None)
    return (one.name, one.environment, one.state.value, one.usecase, one.version, held_out, one.changed_at)


def _filters(viewer: Viewer, tx: Session) -> tuple[Filter, ...]:
    _ = viewer.gettext
    departments = sorted(set(governance.usecase_departments(tx).values()))
    places = viewer.places(tx, "deployment:read")
    seen = [slug for slug in departments if places is None or slug in places]
    return (
        Filter(
            name="environment", label=_("All environments"), choices=tuple((name, _(name)) for name in ENVIRONMENTS)
        ),
        Filter(
            name="state", label=_("All states"), choices=tuple((one.value, _(one.value)) for one in DeploymentState)
        ),
        Filter(name="department", label=_("All departments"), choices=tuple((slug, slug) for slug in seen)),
    )


def _nothing(viewer: Viewer) -> dict[str, str]:
    _ = viewer.gettext
    return {
        "title": _("Nothing is deployed yet"),
        "text": _("A deployment puts a released version to work under a name. A pilot makes the first one by itself."),
        "icon": "rocket",
        **viewer.offer("pilot:start", "/pilots/new", _("Start a pilot")),
    }


def _titles(tx: Session, found: tuple[Deployment, ...]) -> dict[str, str]:
    slugs = tuple(sorted({one.usecase for one in found}))
    if not slugs:
        return {}
    query = ListQuery(filters={"slug": slugs[:LARGEST_PAGE]}, limit=LARGEST_PAGE)
    return {one.slug: one.title for one in governance.find_usecases(tx, query).items}


@router.get("/deployments/{name}")
def show_deployment(request: Request, name: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One deployment in one environment."""
    place = place_of(viewer, tx, name, request.query_params.get("environment"))
    return deployment_page(viewer, tx, place, Form())
