"""Meetings of a council: when, what is on the agenda with its papers, who is there, and the minutes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import governance, registry
from headway.entrypoints.pages import govern
from headway.entrypoints.pages.council import CAPACITIES, of_body, seat_words
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import council
from headway.governance.council import Body, Meeting, MeetingState
from headway.kernel import clock
from headway.kernel.errors import HeadwayError
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
LOCALES = {"en": "English", "de": "Deutsch"}
PAPERS = {
    "usecase": N_("use case"),
    "subject": N_("what would be released"),
    "approval": N_("approval"),
    "assessment": N_("assessment"),
    "evidence": N_("evidence"),
}


def moment_of(form: Form, zone: str) -> datetime:
    """The moment that a day and a time in a form mean in a zone; one that is none is long over, which the service refuses."""
    try:
        said = datetime.fromisoformat(f"{form.text('day')}T{form.text('time')}")
        return said.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime(2000, 1, 1, tzinfo=UTC)


@router.post("/councils/{slug}/meetings")
def plan(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Call a meeting outside of the rhythm."""
    from headway.entrypoints.pages import councils

    form, body = Form.of(data), council.get_body(tx, slug)
    viewer.permit("council:act", of_body(body))
    try:
        with tx.begin_nested():
            long = form.text("minutes_long")
            made = council.plan_meeting(
                tx,
                viewer.actor,
                slug,
                starts_at=moment_of(form, body.zone),
                minutes_long=int(long) if long.isascii() and long.isdecimal() and len(long) < 5 else None,
                place=form.text("place"),
            )
    except HeadwayError as error:
        return councils.page_of(viewer, tx, slug, form.take(error), status=error.status)
    return viewer.go(f"/meetings/{made.id}", viewer.gettext("Called. Its members are told, and calendars show it"))


@router.get("/meetings/{meeting_id}")
def show_meeting(meeting_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """A meeting with its agenda, who is there, and its minutes."""
    viewer.permit("council:read", of_body(_body(tx, meeting_id)))
    return _page(viewer, tx, meeting_id)


@router.post("/meetings/{meeting_id}/move")
def move(meeting_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Move it to another time or place."""
    form, zone = Form.of(data), _body(tx, meeting_id).zone
    return _done(
        viewer, tx, meeting_id, form,
        lambda: council.move_meeting(
            tx, viewer.actor, meeting_id, starts_at=moment_of(form, zone), reason=form.text("reason"),
            place=form.text("place"),
        ),
        N_("Moved. Its members are told, and calendars follow"),
    )  # fmt: skip


@router.post("/meetings/{meeting_id}/cancel")
def cancel(meeting_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Cancel it."""
    form = Form.of(data)
    return _done(
        viewer, tx, meeting_id, form,
        lambda: council.cancel_meeting(tx, viewer.actor, meeting_id, form.text("reason")),
        N_("Cancelled. What is open can be decided in writing"),
    )  # fmt: skip


@router.post("/meetings/{meeting_id}/agenda")
def move_up(meeting_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Put an item one place up, or one that was taken off back on."""
    form = Form.of(data)

    def do() -> object:
        item, order = form.text("item"), list(council.agenda_of(tx, council.get_meeting(tx, meeting_id)))
        at = order.index(item) if item in order else len(order)
        order = [one for one in order if one != item]
        order.insert(max(0, at - 1), item)
        return council.set_agenda(tx, viewer.actor, meeting_id, order)

    return _done(viewer, tx, meeting_id, form, do, N_("The agenda is kept"))


@router.post("/meetings/{meeting_id}/strike")
def strike(meeting_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Take an item off the agenda."""
    form = Form.of(data)
    return _done(
        viewer, tx, meeting_id, form,
        lambda: council.strike_item(tx, viewer.actor, meeting_id, form.text("item"), form.text("reason")),
        N_("Taken off; it stays open"),
    )  # fmt: skip


@router.post("/meetings/{meeting_id}/open")
def open_it(meeting_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Open it from the chair."""
    form = Form.of(data)
    return _done(
        viewer, tx, meeting_id, form, lambda: council.open_meeting(tx, viewer.actor, meeting_id),
        N_("Open. Votes that people who are here give now are given in the meeting"),
    )  # fmt: skip


@router.post("/meetings/{meeting_id}/attend")
def attend(meeting_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Be there, or note that somebody is."""
    form = Form.of(data)

    def do() -> object:
        said = form.text("person")
        person = (govern.person_meant(viewer, tx, said) or said) if said else None
        return council.attend(tx, viewer.actor, meeting_id, person=person, seat=form.maybe("seat"))

    return _done(viewer, tx, meeting_id, form, do, N_("Noted as present"))


@router.post("/meetings/{meeting_id}/close")
def close(meeting_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Close it."""
    form = Form.of(data)
    return _done(
        viewer, tx, meeting_id, form, lambda: council.close_meeting(tx, viewer.actor, meeting_id),
        N_("Closed. The minutes can be written now"),
    )  # fmt: skip


@router.post("/meetings/{meeting_id}/minutes")
def make_minutes(meeting_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Write the minutes from the records."""
    form, storage = Form.of(data), viewer.parts.storage
    locale = form.text("locale") if form.text("locale") in LOCALES else viewer.looks.language
    return _done(
        viewer, tx, meeting_id, form,
        lambda: council.make_minutes(tx, viewer.actor, storage, meeting_id, locale=locale),
        N_("The minutes are written, and kept as they are"),
    )  # fmt: skip


@router.post("/meetings/{meeting_id}/minutes/{number}/approve")
def approve_minutes(meeting_id: str, number: int, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Approve one writing of the minutes, as the chair."""
    form = Form.of(data)
    return _done(
        viewer, tx, meeting_id, form,
        lambda: council.approve_minutes(tx, viewer.actor, meeting_id, number), N_("Approved in your name"),
    )  # fmt: skip


@router.get("/meetings/{meeting_id}/minutes/{number}/{file}")
def download(meeting_id: str, number: int, file: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """A file of the minutes, as it was kept."""
    viewer.permit("council:read", of_body(_body(tx, meeting_id)))
    media, data = council.read_minutes(tx, viewer.parts.storage, meeting_id, number=number, file=file)
    name = f"{meeting_id}-{number}.{file.rpartition('.')[2]}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(data, media_type=media, headers=headers)


def _body(tx: Session, meeting_id: str) -> Body:
    return council.get_body(tx, council.get_meeting(tx, meeting_id).body)


def _done(  # noqa: PLR0917  what every step on this page has
    viewer: Viewer, tx: Session, meeting_id: str, form: Form, do: Callable[[], object], said: str
) -> Response:
    viewer.permit("council:act", of_body(_body(tx, meeting_id)))
    try:
        with tx.begin_nested():
            do()
            registry.follow_approvals(tx, viewer.parts.storage, viewer.parts.signer)
    except HeadwayError as error:
        return _page(viewer, tx, meeting_id, form.take(error), status=error.status)
    return viewer.go(f"/meetings/{meeting_id}", viewer.gettext(said))


def state_words(viewer: Viewer) -> dict[str, str]:
    """Where a meeting stands, in the language of whoever looks."""
    said = viewer.gettext
    return {
        MeetingState.planned: said("planned"),
        MeetingState.open: said("open"),
        MeetingState.held: said("held"),
        MeetingState.cancelled: said("cancelled"),
    }


def local(body: Body, meeting: Meeting) -> datetime:
    """When a meeting is by the clock of its council."""
    return meeting.starts_at.astimezone(ZoneInfo(body.zone))


def _page(viewer: Viewer, tx: Session, meeting_id: str, form: Form | None = None, *, status: int = 200) -> Response:
    told = council.meeting_standing(tx, viewer.actor, meeting_id)
    meeting, body = told.meeting, council.get_body(tx, told.meeting.body)
    here = of_body(body)
    struck = [council.get_item(tx, one) for one in meeting.struck]
    refs = [
        meeting.chair, meeting.closed_by, *(one.person for one in meeting.attendance),
        *(one.requested_by for one in told.agenda),
        *(who for one in meeting.minutes for who in (one.made_by, one.approved_by)),
    ]  # fmt: skip
    return viewer.page(
        "meetings/show.html",
        status=status,
        title=viewer.gettext("Meeting of %(council)s", council=body.title),
        crumbs=[(viewer.gettext("Council"), "/council"), (body.title, f"/councils/{body.slug}")],
        told=told,
        meeting=meeting,
        body=body,
        form=form or Form(),
        starts=local(body, meeting),
        may_act=viewer.may("council:act", here),
        seats=seat_words(viewer),
        states=state_words(viewer),
        capacities={name: viewer.gettext(word) for name, word in CAPACITIES.items()},
        papers={name: viewer.gettext(word) for name, word in PAPERS.items()},
        struck=[(one, governance.get_usecase(tx, one.usecase).title, meeting.struck[one.id]) for one in struck],
        there={one.seat: one for one in meeting.attendance if one.seat},
        guests=[one for one in meeting.attendance if one.seat is None],
        locales=LOCALES,
        people=names(tx, refs),
        proposed=govern.people_names(viewer, tx),
        now=clock.now(),
    )
