"""Councils themselves: how they decide, who sits in which seat, who lets whom vote for a while."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway.entrypoints.pages import govern, meetings
from headway.entrypoints.pages.council import CAPACITIES, SEATS, of_body, seat_words
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import council
from headway.governance.council import OWNER, SEAT_ROLES, Body, BodyRules, MeetingState, MemberKind, is_zone
from headway.kernel import clock
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.ids import slug as make_slug
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
COMING = (MeetingState.planned, MeetingState.open)
MOST_PAST = 12
START = {
    "seats": ["legal", "privacy", "risk", "security", "business", "validator"], "quorum": "3", "days": "10",
    "tie": "rejected", "zone": "UTC", "minutes_long": "60",
}  # fmt: skip


@router.get("/councils/new")
def show_new(viewer: CurrentViewer, tx: Tx) -> Response:
    """The form that sets up a council."""
    _need_to_manage(viewer)
    return _form_page(
        viewer, tx, Form.filled({**START, "reviews": [OWNER], "required": ["legal", "risk", "validator"]}), None
    )


@router.post("/councils/new")
def set_up(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Set it up; its seats are filled next."""
    form = Form.of(data)
    title = form.text("title")
    return _keep(viewer, tx, form, make_slug(title) if title.strip() else "", None)


@router.get("/councils/{slug}")
def show_council(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Its rules, its seats, who sits in them."""
    viewer.permit("council:read", of_body(council.get_body(tx, slug)))
    return page_of(viewer, tx, slug)


@router.get("/councils/{slug}/edit")
def show_edit(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The form that changes its rules, as they are."""
    body = council.get_body(tx, slug)
    viewer.permit("council:manage", of_body(body))
    said = {
        "title": body.title, "department": body.department or "", "seats": list(body.seats), "quorum": body.quorum,
        "required": list(body.required), "reviews": list(body.reviews), "tie": body.tie, "chair": body.chair or "",
        "days": body.days, "every_weeks": body.every_weeks or "", "zone": body.zone, "minutes_long": body.minutes_long,
        **_first(body),
    }  # fmt: skip
    return _form_page(viewer, tx, Form.filled(said), body)


@router.post("/councils/{slug}/edit")
def change(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Change its rules; what is before it already is decided by the rules of before."""
    body = council.get_body(tx, slug)
    viewer.permit("council:manage", of_body(body))
    return _keep(viewer, tx, Form.of(data), slug, body)


@router.post("/councils/{slug}/seat")
def seat(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Put somebody into a seat."""
    form = Form.of(data)
    viewer.permit("council:manage", of_body(council.get_body(tx, slug)))
    kind = MemberKind.deputy if form.text("kind") == MemberKind.deputy.value else MemberKind.holder
    try:
        with tx.begin_nested():
            person = govern.person_meant(viewer, tx, form.text("person")) or ""
            council.seat_member(tx, viewer.actor, slug, seat=form.text("seat"), person=person, kind=kind)
    except HeadwayError as error:
        return page_of(viewer, tx, slug, form.take(error), status=error.status)
    return viewer.go(f"/councils/{slug}", viewer.gettext("The seat is filled"))


@router.post("/councils/{slug}/leave")
def leave(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Take somebody out of a seat."""
    form = Form.of(data)
    viewer.permit("council:manage", of_body(council.get_body(tx, slug)))
    try:
        with tx.begin_nested():
            council.unseat_member(tx, viewer.actor, slug, seat=form.text("seat"), person=form.text("person"))
    except HeadwayError as error:
        return page_of(viewer, tx, slug, form.take(error), status=error.status)
    return viewer.go(f"/councils/{slug}", viewer.gettext("Out of the seat; votes that were cast stand"))


@router.post("/councils/{slug}/delegate")
def delegate(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Let somebody else vote for a while."""
    form = Form.of(data)
    viewer.permit("council:act", of_body(council.get_body(tx, slug)))
    try:
        with tx.begin_nested():
            taker = govern.person_meant(viewer, tx, form.text("taker")) or ""
            until = _end_of(form.text("until"))
            council.delegate(tx, viewer.actor, slug, seat=form.text("seat"), taker=taker, until=until)
    except HeadwayError as error:
        return page_of(viewer, tx, slug, form.take(error), status=error.status)
    return viewer.go(f"/councils/{slug}", viewer.gettext("Handed on until the end of that day"))


@router.post("/councils/{slug}/delegations/{delegation_id}/end")
def end_delegation(slug: str, delegation_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Take a delegation back."""
    form = Form.of(data)
    viewer.permit("council:act", of_body(council.get_body(tx, slug)))
    try:
        with tx.begin_nested():
            council.end_delegation(tx, viewer.actor, slug, delegation_id)
    except HeadwayError as error:
        return page_of(viewer, tx, slug, form.take(error), status=error.status)
    return viewer.go(f"/councils/{slug}", viewer.gettext("The delegation has ended"))


@router.post("/councils/{slug}/end")
def end_council(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Dissolve a council."""
    form = Form.of(data)
    viewer.permit("council:manage", of_body(council.get_body(tx, slug)))
    try:
        with tx.begin_nested():
            council.end_body(tx, viewer.actor, slug, form.text("reason"))
    except HeadwayError as error:
        return page_of(viewer, tx, slug, form.take(error), status=error.status)
    return viewer.go("/council", viewer.gettext("Dissolved; approvals go the usual way"))


def _end_of(day: str) -> datetime:
    """The end of a day, UTC; a day that is none is over."""
    try:
        return datetime.combine(datetime.fromisoformat(day).date(), time(23, 59), UTC)
    except ValueError:
        return clock.now()


def _need_to_manage(viewer: Viewer) -> None:
    if not viewer.may_somewhere("council:manage"):
        viewer.permit("council:manage", Resource(kind="council", id="new"))


def _first(body: Body) -> dict[str, str]:
    """The first meeting as the fields of a form, by the clock of the council."""
    if body.first_meeting is None:
        return {}
    here = body.first_meeting.astimezone(ZoneInfo(body.zone))
    return {"day": f"{here:%Y-%m-%d}", "time": f"{here:%H:%M}"}


def _first_meeting(form: Form) -> datetime | None:
    """The first meeting that a form names; the zone is checked by the service, so an unknown one counts as UTC here."""
    if not form.text("day"):
        return None
    zone = form.text("zone")
    return meetings.moment_of(form, zone if is_zone(zone) else "UTC")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0


def _keep(viewer: Viewer, tx: Session, form: Form, slug: str, body: Body | None) -> Response:
    department = form.maybe("department")
    viewer.permit("council:manage", Resource(kind="council", id=slug or "new", department=department))
    try:
        with tx.begin_nested():
            rules = BodyRules(
                seats=tuple(form.many("seats")),
                quorum=_number(form.text("quorum")),
                required=tuple(form.many("required")),
                reviews=tuple(form.many("reviews")),
                tie="chair" if form.text("tie") == "chair" else "rejected",
                chair=form.maybe("chair"),
                days=_number(form.text("days")),
                every_weeks=_number(form.text("every_weeks")) if form.maybe("every_weeks") else None,
                first_meeting=_first_meeting(form),
                zone=form.text("zone") or "UTC",
                minutes_long=_number(form.text("minutes_long") or "60"),
            )
            made = council.set_body(
                tx, viewer.actor, slug, title=form.text("title"), department=department, rules=rules
            )
    except HeadwayError as error:
        return _form_page(viewer, tx, form.take(error), body, status=error.status)
    return viewer.go(f"/councils/{made.slug}", viewer.gettext("Kept. It holds for what comes before it from now on"))


def _form_page(viewer: Viewer, tx: Session, form: Form, body: Body | None, *, status: int = 200) -> Response:
    words = seat_words(viewer)
    return viewer.page(
        "councils/edit.html",
        status=status,
        title=viewer.gettext("Change how %(council)s decides", council=body.title)
        if body
        else viewer.gettext("Set up a council"),
        crumbs=[(viewer.gettext("Council"), "/council")],
        form=form,
        body=body,
        seats=[(name, words[name]) for name in SEAT_ROLES],
        parts=[(name, words[name]) for name in SEATS],
        departments=govern.department_choices(viewer, tx, "council:manage"),
        is_everywhere=viewer.may_everywhere("council:manage"),
    )


def page_of(viewer: Viewer, tx: Session, slug: str, form: Form | None = None, *, status: int = 200) -> Response:
    """The page of a council, with what is wrong in a form of it."""
    body, now = council.get_body(tx, slug), clock.now()
    here = of_body(body)
    met = council.list_meetings(tx, body=slug).items
    seated = [one for one in body.members if one.until is None]
    given = [one for one in body.delegations if one.until > now]
    refs = [*(one.person for one in body.members), *(who for one in given for who in (one.giver, one.taker))]
    me = viewer.actor.ref
    own = {one.seat for one in seated if one.person == me and one.kind is MemberKind.holder}
    return viewer.page(
        "councils/show.html",
        status=status,
        title=body.title,
        crumbs=[(viewer.gettext("Council"), "/council")],
        body=body,
        form=form or Form(),
        seated=seated,
        given=given,
        left=[one for one in body.members if one.until is not None],
        own_seats=sorted(own | {one.seat for one in given if one.taker == me}),
        may_manage=viewer.may("council:manage", here) and body.ended_at is None,
        may_act=viewer.may("council:act", here),
        may_lead=viewer.may("council:act", here) and body.ended_at is None and council.leads(viewer.actor, body),
        coming=[(one, meetings.local(body, one)) for one in reversed(met) if one.state in COMING],
        past=[(one, meetings.local(body, one)) for one in met if one.state not in COMING][:MOST_PAST],
        states=meetings.state_words(viewer),
        now=now,
        seats=seat_words(viewer),
        capacities={name: viewer.gettext(word) for name, word in CAPACITIES.items()},
        people=names(tx, refs),
        proposed=govern.people_names(viewer, tx),
        departments=govern.department_names(tx),
    )
