"""The inventory of use cases: a table and a board, both narrowed by the address; moving a card is a real act or is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from headway import documents, governance, portfolio, registry
from headway.entrypoints.pages import exports, govern, kept
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import Names, names
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.errors import Conflict, HeadwayError, Invalid
from headway.kernel.ids import Ref
from headway.kernel.listing import Found, ListQuery
from headway.kernel.web import Tx
from headway.portfolio import BlockerKind, Stage, Standing

router = APIRouter(include_in_schema=False)
FILTERS = ("department", "tier", "stage", "owner", "blocked")
A_LANE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A use case on the board."""

    id: str
    title: str
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A stage on the board, with its first use cases."""

    id: str
    title: str
    cards: tuple[Card, ...]
    total: int
    more: str


@router.get("/usecases")
def show_usecases(request: Request, viewer: CurrentViewer, tx: Tx, view: str = "table") -> Response:
    """The inventory as a table or as a board."""
    within = govern.need_somewhere(viewer, tx, "usecase:read")
    query = query_of(request, sort="title", filters=FILTERS, within=within)
    if view == "board":
        return _board(request, viewer, tx, query)
    found, counts = portfolio.survey(tx, query)
    table = _view(request, viewer, found, _filters(viewer, tx, query, counts))
    if exports.is_wanted(request):
        return exports.download(viewer, table, _cells(viewer, tx, found))
    return viewer.page(
        "usecases/list.html",
        title=viewer.gettext("Use cases"),
        table=table,
        departments=govern.department_names(tx),
        people=_people(tx, found),
        may_open=viewer.may_somewhere("usecase:open"),
    )


@router.get("/usecases/export.yaml")
def export_yaml(viewer: CurrentViewer, tx: Tx) -> Response:
    """The inventory, as far as somebody may read it, as YAML that can be changed and sent back."""
    within = govern.need_somewhere(viewer, tx, "usecase:read")
    headers = {"content-disposition": 'attachment; filename="usecases.yaml"', "cache-control": "no-store"}
    text = governance.usecase_yaml(tx, ListQuery(within=within))
    return Response(text, media_type="application/yaml; charset=utf-8", headers=headers)


def _board(request: Request, viewer: Viewer, tx: Session, query: ListQuery) -> Response:
    chosen = {name: values for name, values in query.filters.items() if name != "stage"}
    asked = replace(query, filters=chosen, sort=query.sort or "title", limit=A_LANE, offset=0)
    stages = portfolio.board(tx, asked)
    total = sum(found.total for found in stages.values())
    shown = sum(len(found.items) for found in stages.values())
    filters = [one for one in _filters(viewer, tx, asked, {}) if one.name != "stage"]
    table = _view(request, viewer, Found(items=(), total=total, is_more=False, query=asked), filters)
    return viewer.page(
        "usecases/board.html",
        title=viewer.gettext("Use cases"),
        table=table,
        lanes=[_lane(viewer, table, stage, found) for stage, found in stages.items()],
        shown=shown,
        departments=govern.department_names(tx),
        may_open=viewer.may_somewhere("usecase:open"),
    )


def _lane(viewer: Viewer, table: TableView, stage: Stage, found: Found[Standing]) -> Lane:
    return Lane(
        id=stage.value,
        title=viewer.gettext(govern.STAGES[stage]),
        cards=tuple(Card(id=one.usecase.slug, title=one.usecase.title, standing=one) for one in found.items),
        total=found.total,
        more=table.address(view=None, stage=stage.value, page=None),
    )


def _view(request: Request, viewer: Viewer, found: Found[Standing], filters: list[Filter]) -> TableView:
    said = viewer.gettext
    return view_of(
        request,
        found,
        name="usecases",
        caption=said("Use cases"),
        columns=(
            Column(name="title", label=said("Title")),
            Column(name="department", label=said("Department")),
            Column(name="stage", label=said("Stage")),
            Column(name="tier", label=said("Tier")),
            Column(name="blocked", label=said("What blocks it")),
            Column(name="owner", label=said("Owner"), is_wide=True),
            Column(name="updated_at", label=said("Updated"), kind="date", is_wide=True),
        ),
        filters=tuple(filters),
        empty=_empty(viewer),
    )


def _cells(viewer: Viewer, tx: Session, found: Found[Standing]) -> Iterator[tuple[documents.Value, ...]]:
    rows = exports.all_rows(found, lambda query: portfolio.find_usecases(tx, query))
    people, departments = names(tx, [one.usecase.owner for one in rows]), govern.department_names(tx)
    kinds = blocker_words(viewer)
    for one in rows:
        case = one.usecase
        yield (
            case.title,
            departments.get(case.department, case.department),
            viewer.gettext(govern.STAGES[one.stage]),
            viewer.gettext(govern.TIERS[case.tier]),
            kinds[one.blockers[0].kind] if one.blockers else None,
            people[case.owner] if case.owner else None,
            case.updated_at,
        )


def _empty(viewer: Viewer) -> Mapping[str, str]:
    said = viewer.gettext
    told = {
        "title": said("No use cases yet"),
        "text": said(
            "A use case says what AI is to do for whom, who answers for it and how success is measured. "
            "Everything else hangs on it: pilots, models, approvals, value."
        ),
        "icon": "bulb",
    }
    if viewer.may_somewhere("usecase:open"):
        told |= {"href": "/usecases/new", "action": said("Propose a use case")}
    return told


def _filters(viewer: Viewer, tx: Session, query: ListQuery, counts: Mapping[Stage, int]) -> list[Filter]:
    said, within = viewer.gettext, query.within
    departments = [(slug, name) for slug, name in govern.department_names(tx).items() if not within or slug in within]
    owners = govern.owner_choices(tx, within)
    people = names(tx, owners)
    kinds = blocker_words(viewer)
    return [
        Filter(name="department", label=said("All departments"), choices=tuple(departments)),
        Filter(
            name="stage",
            label=said("All stages"),
            choices=tuple(
                (stage.value, f"{said(word)} ({counts.get(stage, 0)})") for stage, word in govern.STAGES.items()
            ),
        ),
        Filter(
            name="tier",
            label=said("All tiers"),
            choices=tuple((tier, said(word)) for tier, word in govern.TIERS.items()),
        ),
        Filter(name="owner", label=said("All owners"), choices=tuple((one, people[one]) for one in owners)),
        Filter(
            name="blocked",
            label=said("Blocked or not"),
            choices=tuple((kind.value, word) for kind, word in kinds.items() if kind is not BlockerKind.missing),
        ),
    ]


def blocker_words(viewer: Viewer) -> Mapping[BlockerKind, str]:
    """What keeps use cases where they stand, in a few words."""
    return {
        BlockerKind.approval: viewer.gettext("waits for approval"),
        BlockerKind.gate: viewer.gettext("held at the gate"),
        BlockerKind.suspended: viewer.gettext("deployment suspended"),
        BlockerKind.missing: viewer.gettext("entry incomplete"),
    }


def _people(tx: Session, found: Found[Standing]) -> Names:
    return names(tx, [one.usecase.owner for one in found.items])


# --- moving a card -----------------------------------------------------------------------------------------------


@router.post("/usecases/board")
def move_card(request: Request, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Answer where a card dropped on a stage leads: to the page of the act that would bring it there, or why it cannot."""
    form = Form.of(data)
    is_script = request.headers.get("accept", "").startswith("application/json")
    standing = portfolio.get_standing(tx, form.text("card"))
    viewer.permit("usecase:read", govern.about(standing.usecase))
    try:
        path = way(viewer, tx, standing, form.text("to"))
    except HeadwayError as error:
        if is_script and not isinstance(error, Conflict):
            raise
        told = f"{error.message}. {error.hint}" if error.hint else error.message
        return JSONResponse({"detail": told}) if is_script else viewer.go(kept.came_from(request), told)
    return JSONResponse({"go": path}) if is_script else viewer.go(path)


def way(viewer: Viewer, tx: Session, standing: Standing, wanted: str) -> str:
    """The page of the act that brings a use case to a stage.

    Raises: Conflict with the reason, when no act does; Denied when this person may not begin it; Invalid.
    """
    if wanted not in set(Stage):
        raise Invalid(f"there is no stage {wanted!r}", hint="stages are " + ", ".join(Stage))
    slug, now, to = standing.usecase.slug, standing.stage, Stage(wanted)
    if Stage.retired in (now, to) and now is not to:
        viewer.permit("usecase:retire", govern.about(standing.usecase))
        return f"/usecases/{slug}/{'retire' if to is Stage.retired else 'reopen'}"
    if (now, to) == (Stage.proposed, Stage.pilot):
        viewer.permit("pilot:start", govern.about(standing.usecase, "pilot", "new"))
        return f"/pilots/new?usecase={slug}"
    if (now, to) == (Stage.pilot, Stage.approval):
        viewer.permit("release:request", govern.about(standing.usecase, "release", environment="production"))
        return f"/usecases/{slug}/promote"
    if (now, to) == (Stage.approval, Stage.live):
        return _to_live(viewer, tx, standing)
    raise Conflict(_why_not(viewer, now, to), values={"usecase": slug, "stage": now.value})


def _to_live(viewer: Viewer, tx: Session, standing: Standing) -> str:
    """A released version is deployed; before that, the reason why nothing can go live."""
    for blocker in standing.blockers:
        if blocker.kind is BlockerKind.approval:
            asker = names(tx, [blocker.who])[blocker.who or ""]
            told = viewer.gettext(
                "It waits for the yes of others; %(name)s asked for it and cannot give it", name=asker
            )
            raise Conflict(told, values={"approval": blocker.ref})
        if blocker.kind is BlockerKind.gate and blocker.ref:
            release = registry.get_release(tx, blocker.ref)
            missing = governance.evaluate_gate(
                tx,
                environment=release.environment,
                subject=Ref.parse(release.version),
                subject_digest=release.digest,
                usecase=release.usecase,
            ).missing
            told = viewer.gettext("The gate does not let it in: %(missing)s", missing="; ".join(missing[:3]))
            raise Conflict(told, values={"release": release.id})
    viewer.permit("deployment:deploy", govern.about(standing.usecase, "deployment", environment="production"))
    return f"/deployments/new?usecase={standing.usecase.slug}"


def _why_not(viewer: Viewer, now: Stage, to: Stage) -> str:
    if now is to:
        return viewer.gettext("It stands there already")
    order = list(Stage)
    if order.index(to) < order.index(now):
        return viewer.gettext(
            "A stage tells what happened and cannot be turned back; suspend or retire the deployment, or retire the use case"
        )
    if now is Stage.proposed:
        return viewer.gettext("A pilot comes first: it makes the model that is approved and goes live")
    return viewer.gettext("It must be approved first: ask for promotion, and a second person decides")
