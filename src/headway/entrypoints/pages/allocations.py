"""Means: what a use case asks for, rounds in which they are given, and the choice beside the best one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import documents, governance, portfolio
from headway.documents import Sheet, SheetColumn
from headway.entrypoints.pages import exports, govern, words
from headway.entrypoints.pages.appetite import KINDS
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.usecase import frame
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import UseCase, mandates
from headway.kernel.auth import Resource
from headway.kernel.errors import Fault, HeadwayError
from headway.kernel.money import Money
from headway.kernel.web import Tx
from headway.portfolio import Allocation, Limits
from headway.portfolio.errors import AllocationInvalid

router = APIRouter(include_in_schema=False)
ALL = Resource(kind="allocation", id="all")
PEOPLE = 100
"""Hundredths of a full-time equivalent, as people are counted."""


# --- what a use case asks for ------------------------------------------------------------------------------------


@router.get("/usecases/{slug}/resources")
def show_requests(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """What a use case asks for, and the form to ask anew."""
    case = governance.get_usecase(tx, slug)
    viewer.permit("allocation:read", govern.about(case))
    return _requests_page(viewer, tx, case, Form.filled({"months": 12}))


@router.post("/usecases/{slug}/resources")
def request_resources(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Ask for means."""
    case, form = governance.get_usecase(tx, slug), Form.of(data)
    viewer.permit("resources:request", govern.about(case))
    try:
        with tx.begin_nested():
            portfolio.request_resources(tx, viewer.actor, slug, asked_in(form))
    except HeadwayError as error:
        return _requests_page(viewer, tx, case, form.take(error), status=error.status)
    return viewer.go(f"/usecases/{slug}/resources", viewer.gettext("Asked. It counts in the next round"))


def asked_in(form: Form) -> portfolio.Asked:
    """What a form asks for; raises AllocationInvalid for what is no number."""
    return portfolio.Asked(
        budget=form.text("budget"),
        value=form.maybe("value"),
        reason=form.text("reason"),
        compute_hours=_whole(form, "compute_hours") or 0,
        people=float(_amount(form, "people") or 0),
        months=_whole(form, "months") or 0,
        risk=form.maybe("risk"),
        is_must=form.is_on("is_must"),
        requires=tuple(form.many("requires")),
    )


def _requests_page(viewer: Viewer, tx: Session, case: UseCase, form: Form, status: int = 200) -> Response:
    found = portfolio.list_requests(tx, case.slug)
    titles = governance.usecase_titles(tx, {name for one in found for name in one.requires})
    others = governance.usecase_departments(tx)
    choices = governance.usecase_titles(
        tx, [name for name, place in others.items() if name != case.slug and _may(viewer, place)]
    )
    return viewer.page(
        "allocations/requests.html",
        status=status,
        **frame(viewer, tx, case, "resources"),
        requests=found,
        form=form,
        people=names(tx, [one.requested_by for one in found]),
        titles=titles,
        choices=sorted(choices.items(), key=lambda one: one[1]),
        may_ask=case.retired_at is None and viewer.may("resources:request", govern.about(case)),
        amount=amount,
    )


def _may(viewer: Viewer, department: str) -> bool:
    return viewer.may("usecase:read", Resource(kind="usecase", id="all", department=department))


def _whole(form: Form, name: str) -> int | None:
    text = form.text(name)
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 12:
        raise _bad(name, text)
    return int(text)


def _amount(form: Form, name: str) -> Decimal | None:
    text = form.text(name).replace(",", ".")
    if not text:
        return None
    try:
        found = Decimal(text)
    except ArithmeticError:
        raise _bad(name, text) from None
    if not found.is_finite() or found < 0:
        raise _bad(name, text)
    return found


def _bad(name: str, text: str) -> AllocationInvalid:
    message = f"{text!r} is no amount: write a number of zero or more"
    return AllocationInvalid(message, faults=[Fault(rule="number", column=name, value=text, message=message)])


# --- rounds ------------------------------------------------------------------------------------------------------


@router.get("/allocations")
def show_rounds(viewer: CurrentViewer, tx: Tx, cursor: str | None = None) -> Response:
    """All rounds, newest first."""
    viewer.permit("allocation:read", ALL)
    found = portfolio.list_allocations(tx, cursor=cursor)
    return viewer.page(
        "allocations/list.html",
        title=viewer.gettext("Means"),
        rounds=found.items,
        following=found.next,
        people=names(tx, [ref for one in found.items for ref in (one.drafted_by, one.decided_by)]),
        may_draft=viewer.may("allocation:draft", ALL),
        amount=amount,
    )


@router.get("/allocations/new")
def show_new(viewer: CurrentViewer, tx: Tx) -> Response:
    """The form that drafts a round."""
    viewer.permit("allocation:draft", ALL)
    return _new_page(viewer, tx, Form.filled({"currency": viewer.parts.settings.currency}))


@router.post("/allocations/new")
def draft(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Draft a round; the best choice is worked out at once."""
    form = Form.of(data)
    viewer.permit("allocation:draft", ALL)
    try:
        with tx.begin_nested():
            made = portfolio.draft_allocation(tx, viewer.actor, _draft(form))
    except HeadwayError as error:
        return _new_page(viewer, tx, form.take(error), status=error.status)
    return viewer.go(f"/allocations/{made.id}", viewer.gettext("Drafted. Somebody else decides it"))


def _draft(form: Form) -> portfolio.Draft:
    currency = form.text("currency").upper()
    people = _amount(form, "people")
    return portfolio.Draft(
        title=form.text("title"),
        starts=_day(form, "starts"),
        ends=_day(form, "ends"),
        currency=currency,
        limits=Limits(
            budget=portfolio.minor(form.maybe("budget"), currency),
            compute_hours=_whole(form, "compute_hours"),
            people=None if people is None else round(people * PEOPLE),
            risk=portfolio.minor(form.maybe("risk"), currency),
            department_budget=_parts(form, currency),
            most_for_one_department=_whole(form, "most_for_one_department"),
        ),
        at_most_one=tuple(
            tuple(part.split()) for part in form.text("at_most_one").replace(",", " ").splitlines() if part.split()
        ),
    )


def _parts(form: Form, currency: str) -> Mapping[str, int] | None:
    """Budgets of departments, one a line: ``sales = 200000``."""
    found = {}
    for line in form.text("department_budget").splitlines():
        name, sign, text = line.partition("=")
        if line.strip():
            if not sign:
                raise _bad("department_budget", line.strip())
            found[name.strip()] = portfolio.minor(text.strip(), currency) or 0
    return found or None


def _day(form: Form, name: str) -> date:
    try:
        return date.fromisoformat(form.text(name))
    except ValueError:
        message = f"{form.text(name)!r} is no day: write it as 2027-01-31"
        raise AllocationInvalid(
            message, faults=[Fault(rule="day", column=name, value=form.text(name), message=message)]
        ) from None


def _new_page(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    return viewer.page(
        "allocations/new.html",
        status=status,
        title=viewer.gettext("Draft a round"),
        crumbs=[(viewer.gettext("Means"), "/allocations")],
        form=form,
        appetite=_appetite_in_force(tx),
    )


def _appetite_in_force(tx: Session) -> int | None:
    return next((one.version for one in mandates.list_appetites(tx) if one.state == "in_force"), None)


@router.get("/allocations/{allocation_id}")
def show_round(allocation_id: str, request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """A round: contention, overlaps, the best choice, and another one compared with it."""
    viewer.permit("allocation:read", ALL)
    found = portfolio.get_allocation(tx, allocation_id)
    if exports.is_wanted(request):
        return exports.workbook(viewer, [_sheet(viewer, found)], f"allocation-{found.id}")
    return _round_page(viewer, tx, found, Form())


@router.post("/allocations/{allocation_id}/compare")
def compare(allocation_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Price another choice; nothing is kept."""
    viewer.permit("allocation:read", ALL)
    form = Form.of(data)
    found = portfolio.compare_choice(tx, allocation_id, form.many("chosen"))
    return _round_page(viewer, tx, found, form, is_compared=True)


@router.post("/allocations/{allocation_id}/decide")
def decide(allocation_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Decide; each use case decided otherwise than the best choice has it needs a reason."""
    found = portfolio.get_allocation(tx, allocation_id)
    viewer.permit("allocation:decide", about(found))
    form = Form.of(data)
    chosen = form.many("chosen")
    differing = set(chosen) ^ set(found.best.chosen)
    reasons = {name: form.text(f"reason.{name}") for name in differing}
    try:
        with tx.begin_nested():
            portfolio.decide_allocation(tx, viewer.actor, allocation_id, chosen=chosen, reasons=reasons)
    except HeadwayError as error:
        compared = portfolio.compare_choice(tx, allocation_id, chosen) if found.decided_at is None else found
        return _round_page(
            viewer, tx, compared, form.take(error), status=error.status, is_compared=found.decided_at is None
        )
    return viewer.go(f"/allocations/{allocation_id}", viewer.gettext("Decided; it does not change any more"))


def about(found: Allocation) -> Resource:
    """What the rules are asked about; who drafted it is part of it."""
    return Resource(kind="allocation", id=found.id, attributes={"requested_by": found.drafted_by})


def _round_page(
    viewer: Viewer, tx: Session, found: Allocation, form: Form, *, status: int = 200, is_compared: bool = False
) -> Response:
    chosen = set(found.choice.chosen if found.choice else found.best.chosen)
    pairs = {name for one in found.overlaps for name in (one.usecase, one.other)}
    return viewer.page(
        "allocations/show.html",
        status=status,
        title=found.title,
        crumbs=[(viewer.gettext("Means"), "/allocations")],
        round=found,
        form=form,
        is_compared=is_compared,
        chosen=chosen,
        best=set(found.best.chosen),
        reasons={one.usecase: one.reason for one in found.differences},
        titles=governance.usecase_titles(tx, {one.usecase for one in found.needs} | pairs),
        departments=govern.department_names(tx),
        people=names(tx, [found.drafted_by, found.decided_by]),
        resources=_resources(viewer),
        limits=_limits(viewer),
        kinds={kind: viewer.gettext(word) for kind, word in KINDS.items()},
        tiers=govern.TIERS,
        newer=_newer(tx, found),
        limit_amount=lambda one: amount(one.currency, one.most) if one.currency else one.most,
        chart=_contention(viewer, found),
        may_decide=found.decided_at is None and viewer.may("allocation:decide", about(found)),
        is_own=found.drafted_by == viewer.actor.ref,
        amount=amount,
        of=lambda name, value: _said(found.currency, name, value),
    )


def _newer(tx: Session, found: Allocation) -> int | None:
    """The version of the risk appetite in force, where an undecided round was drafted under another one or none."""
    version = None if found.decided_at else _appetite_in_force(tx)
    held = found.limits.appetite.version if found.limits.appetite else None
    return version if version != held else None


def _resources(viewer: Viewer) -> dict[str, str]:
    said = viewer.gettext
    return {
        "budget": said("Budget"), "compute_hours": said("Hours of computing"), "people": said("People"), "risk": said("Yearly risk")
    }  # fmt: skip


def _limits(viewer: Viewer) -> dict[str, str]:
    said = viewer.gettext
    return {
        **_resources(viewer),
        "department_budget": said("Budget of the department"),
        "most_for_one_department": said("Use cases of one department"),
        "requires": said("Needs another that is left out"),
        "excludes": said("At most one of these"),
        "must": said("Must be done and is left out"),
        **{f"appetite_{kind.value}": f"{said('Risk appetite')}, {said(word)}" for kind, word in KINDS.items()},
    }


def _said(currency: str, name: str, value: int | None) -> str:
    if value is None:
        return "–"
    if name in ("budget", "risk", "department_budget", "value"):
        return amount(currency, value)
    return f"{Decimal(value) / PEOPLE:g}" if name == "people" else str(value)


def amount(currency: str, minor: int | None) -> str:
    """Money of minor units as people read it."""
    return words.money(None if minor is None else Money(minor, currency).amount, currency)


def _contention(viewer: Viewer, found: Allocation) -> documents.Figure | None:
    """What is asked for and what the best choice takes, each in percent of what there is."""
    rows = [one for one in found.contention if one.available]
    if not rows:
        return None
    used = found.best.used
    chart = documents.BarChart(
        title=viewer.gettext("Asked for, in percent of what there is"),
        categories=tuple(_resources(viewer)[one.resource] for one in rows),
        series=(
            documents.Bars(
                name=viewer.gettext("asked for"), values=tuple(100 * one.asked / (one.available or 1) for one in rows)
            ),
            documents.Bars(
                name=viewer.gettext("best choice"),
                values=tuple(100 * getattr(used, one.resource) / (one.available or 1) for one in rows),
            ),
        ),
        horizontal=True,
        rules=(documents.Rule(name=viewer.gettext("what there is"), value=100.0),),
    )
    return documents.figure(chart, locale=viewer.looks.language)


def _sheet(viewer: Viewer, found: Allocation) -> Sheet:
    said = viewer.gettext
    labels = (
        ("usecase", said("Use case"), "text"),
        ("department", said("Department"), "text"),
        ("budget", said("Budget"), "number"),
        ("compute_hours", said("Hours of computing"), "integer"),
        ("people", said("People"), "number"),
        ("risk", said("Yearly risk"), "number"),
        ("value", said("Expected value"), "number"),
        ("must", said("Must be done"), "text"),
        ("best", said("Best choice"), "text"),
        ("chosen", said("Chosen"), "text"),
        ("reason", said("Reason"), "text"),
    )
    columns = tuple(
        SheetColumn(name=name, label=label, kind=exports.KINDS.get(kind, "text")) for name, label, kind in labels
    )
    return Sheet(title=said("Round"), columns=columns, rows=list(_cells(viewer, found)))


def _cells(viewer: Viewer, found: Allocation) -> Iterator[Sequence[documents.Value]]:
    best, chosen = set(found.best.chosen), set(found.choice.chosen) if found.choice else None
    reasons = {one.usecase: one.reason for one in found.differences}

    def tick(is_so: bool) -> str:
        return viewer.gettext("yes") if is_so else viewer.gettext("no")

    for one in found.needs:
        yield (
            one.usecase,
            one.department,
            Money(one.budget, found.currency).amount,
            one.compute_hours,
            one.people / PEOPLE,
            Money(one.risk, found.currency).amount,
            Money(one.value, found.currency).amount,
            tick(one.is_must),
            tick(one.usecase in best),
            None if chosen is None else tick(one.usecase in chosen),
            reasons.get(one.usecase),
        )
