"""The organisation's risk appetite: how far each limit is used and by what, its versions, and what is at stake in a use case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import documents, governance, identity
from headway.entrypoints.pages import exports, govern
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.tables import Column, TableView, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import UseCase, mandates
from headway.governance.mandates import Appetite, Limit, LimitKind, LimitUse
from headway.kernel.auth import Resource
from headway.kernel.errors import Fault, HeadwayError, Invalid
from headway.kernel.listing import Found
from headway.kernel.money import Money
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
READ, ADOPT, CONFIRM = "appetite:read", "appetite:adopt", "appetite:confirm"
TIERS = ("minimal", "transparency", "high")
KINDS: Mapping[LimitKind, str] = {
    LimitKind.tier: N_("Live at once in a tier"),
    LimitKind.department: N_("Live at once in a department"),
    LimitKind.people: N_("People affected by each use case"),
    LimitKind.money: N_("Money at risk in each use case"),
}
STATES: Mapping[str, tuple[str, str, str]] = {
    "waiting": (N_("waits for a sponsor"), "warn", "clock"),
    "in_force": (N_("in force"), "ok", "circle-check"),
    "superseded": (N_("superseded"), "", "history"),
}


@router.get("/appetite")
def show_appetite(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """Each limit with how far it is used, and the versions."""
    govern.need_somewhere(viewer, tx, READ)
    found = mandates.appetite_use(tx)
    if exports.is_wanted(request):
        return exports.download(viewer, _table(request, viewer, found), _cells(viewer, found))
    return _page(viewer, tx, Form())


@router.post("/appetite/adopt")
def adopt(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Adopt a version; a sponsor confirms it."""
    viewer.permit(ADOPT, Resource(kind="appetite", id="new"))
    form = Form.of(data)
    try:
        with tx.begin_nested():
            mandates.adopt_appetite(tx, viewer.actor, _limits(viewer, form), form.text("reason"))
    except HeadwayError as error:
        return _page(viewer, tx, form.take(error), status=error.status)
    return viewer.go("/appetite", viewer.gettext("Adopted; it counts once a sponsor has confirmed it"))


@router.post("/appetite/{version}/confirm")
def confirm(version: int, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Put a version in force."""
    viewer.permit(CONFIRM, _to_confirm(viewer, mandates.get_appetite(tx, version)))
    form = Form.of(data)
    try:
        with tx.begin_nested():
            mandates.confirm_appetite(tx, viewer.actor, version, digest=form.text("digest"))
    except HeadwayError as error:
        return _page(viewer, tx, form.take(error), status=error.status)
    return viewer.go("/appetite", viewer.gettext("In force: gates ask it from now on"))


def _limits(viewer: Viewer, form: Form) -> list[Limit]:
    """What was typed, as limits; raises Invalid naming each field that cannot be read."""
    made: list[Limit] = []
    faults: list[Fault] = []
    whole, money = viewer.gettext("Write a whole number"), viewer.gettext("Write such as 250000 EUR")
    named = {f"tier_{tier}": (LimitKind.tier, tier) for tier in TIERS} | {"people": (LimitKind.people, "")}
    for name, (kind, scope) in named.items():
        text = form.text(name)
        if text.isdecimal():
            made.append(Limit(kind=kind, scope=scope, most=int(text), currency=""))
        elif text:
            faults.append(Fault(rule=f"appetite.{name}", column=name, message=whole))
    for line in form.text("departments").splitlines():
        place, _, most = (part.strip() for part in line.partition("="))
        if most.isdecimal():
            made.append(Limit(kind=LimitKind.department, scope=place, most=int(most), currency=""))
        elif line.strip():
            message = viewer.gettext("Write one department a line, as sales=5")
            faults.append(Fault(rule="appetite.departments", column="departments", message=message))
    if text := form.text("money"):
        try:
            amount = Money.parse(text)
            made.append(Limit(kind=LimitKind.money, scope="", most=amount.minor, currency=amount.currency))
        except Invalid:
            faults.append(Fault(rule="appetite.money", column="money", message=money))
    if faults:
        raise Invalid("; ".join(one.message for one in faults), faults=faults)
    return made


def _to_confirm(viewer: Viewer, found: Appetite) -> Resource:
    places = [grant.department for grant in viewer.actor.roles if grant.role == identity.Role.sponsor]
    place = None if None in places else min((one for one in places if one), default=None)
    asked = {"requested_by": found.adopted_by}
    return Resource(kind="appetite", id=str(found.version), department=place, attributes=asked)


def _page(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    versions, found = mandates.list_appetites(tx), mandates.appetite_use(tx)
    waiting = next((one for one in versions[:1] if one.state == "waiting"), None)
    places = viewer.places(tx, "usecase:read")
    if not form.values and versions:
        form = Form.filled(_told(versions[0].limits))
    return viewer.page(
        "appetite/show.html",
        status=status,
        title=viewer.gettext("Risk appetite"),
        form=form,
        table=_table(viewer.request, viewer, found),
        uses=found,
        versions=versions,
        waiting=waiting,
        kinds=KINDS,
        states=STATES,
        tiers=[(f"tier_{tier}", viewer.gettext(govern.TIERS[tier])) for tier in TIERS],
        amount=_amount,
        readable=lambda place: places is None or place in places,
        departments=govern.department_names(tx),
        people=names(tx, [ref for one in versions for ref in (one.adopted_by, one.confirmed_by)]),
        may={
            "adopt": viewer.may(ADOPT, Resource(kind="appetite", id="new")),
            "confirm": waiting is not None and viewer.may(CONFIRM, _to_confirm(viewer, waiting)),
        },
    )


def _told(limits: Sequence[Limit]) -> dict[str, object]:
    """The form filled in with limits that are there, so that a version is made from the one before."""
    told: dict[str, object] = {}
    for one in limits:
        if one.kind is LimitKind.money:
            told["money"] = str(Money(one.most, one.currency))
        elif one.kind is not LimitKind.department:
            told[f"tier_{one.scope}" if one.kind is LimitKind.tier else "people"] = one.most
    lines = [f"{one.scope}={one.most}" for one in limits if one.kind is LimitKind.department]
    return told | ({"departments": "\n".join(lines)} if lines else {})


def _amount(limit: Limit, value: int | None) -> str:
    if value is None:
        return "–"
    return str(Money(value, limit.currency)) if limit.kind is LimitKind.money else f"{value:,}"


def _table(request: Request, viewer: Viewer, found: Sequence[LimitUse]) -> TableView:
    said = viewer.gettext
    query = query_of(request, sort="limit")
    return view_of(
        request,
        Found(items=tuple(found), total=len(found), is_more=False, query=query),
        name="limits",
        caption=said("Limits and how far they are used"),
        columns=(
            Column(name="limit", label=said("Limit"), is_sortable=False),
            Column(name="scope", label=said("Of"), is_sortable=False),
            Column(name="most", label=said("At most"), is_sortable=False),
            Column(name="used", label=said("Used"), is_sortable=False),
            Column(name="entries", label=said("Use cases behind it"), is_sortable=False, is_wide=True),
        ),
        is_searchable=False,
        empty={
            "title": said("No risk appetite in force"),
            "text": said(
                "The AI office adopts limits: how many use cases of a tier or in a department may be live at once, how many people "
                "and how much money may be at stake in each. A sponsor confirms them; from then on gates ask."
            ),
            "icon": "gauge",
        },
    )


def _cells(viewer: Viewer, rows: Sequence[LimitUse]) -> Iterator[Sequence[documents.Value]]:
    for one in rows:
        yield (
            viewer.gettext(KINDS[one.limit.kind]),
            one.limit.scope or None,
            _amount(one.limit, one.limit.most),
            _amount(one.limit, one.used),
            ", ".join(entry.usecase for entry in one.entries),
        )


# --- what is at stake in one use case ----------------------------------------------------------------------------


@router.get("/usecases/{slug}/stakes")
def show_stakes(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """What is at stake in a use case, and the limits that it passes."""
    case = governance.get_usecase(tx, slug)
    viewer.permit("usecase:read", govern.about(case))
    found = mandates.get_stakes(tx, slug)
    told: dict[str, object] = {}
    if found is not None:
        told["people"] = found.people
        if found.money_minor is not None and found.currency:
            told["money"] = str(Money(found.money_minor, found.currency))
    return _stakes_page(viewer, tx, case, Form.filled(told))


@router.post("/usecases/{slug}/stakes")
def estimate(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Estimate it."""
    case = governance.get_usecase(tx, slug)
    viewer.permit("usecase:update", govern.about(case))
    form = Form.of(data)
    try:
        amount = Money.parse(form.text("money")) if form.maybe("money") else None
        count = form.text("people")
        if count and not count.isdecimal():
            message = viewer.gettext("Write a whole number")
            raise Invalid(message, faults=[Fault(rule="stakes.people", column="people", message=message)])
        with tx.begin_nested():
            mandates.estimate_stakes(
                tx,
                viewer.actor,
                slug,
                people=int(count) if count else None,
                money_minor=amount.minor if amount else None,
                currency=amount.currency if amount else None,
            )
    except HeadwayError as error:
        return _stakes_page(viewer, tx, case, form.take(error), status=error.status)
    return viewer.go(f"/usecases/{slug}/stakes", viewer.gettext("Estimated; gates take it from now on"))


def _stakes_page(viewer: Viewer, tx: Session, case: UseCase, form: Form, status: int = 200) -> Response:
    found = mandates.get_stakes(tx, case.slug)
    return viewer.page(
        "appetite/stakes.html",
        status=status,
        title=viewer.gettext("What is at stake"),
        crumbs=[(viewer.gettext("Use cases"), "/usecases"), (case.title, f"/usecases/{case.slug}")],
        case=case,
        form=form,
        found=found,
        passed=mandates.passed_by(tx, case),
        people=names(tx, [found.said_by if found else None]),
        may_estimate=viewer.may("usecase:update", govern.about(case)),
    )
