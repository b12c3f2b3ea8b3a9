"""Meetings for real: planned, moved, opened with an agenda and a quorum, decided in, told in minutes, reminded of."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import docx
import icalendar
import pypdf
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.governance import council
from headway.governance.council import BodyRules, Choice, Item, ItemState, Meeting, MeetingState
from headway.kernel import clock
from headway.kernel.auth import Actor, Resource, RoleGrant
from headway.kernel.clock import FixedClock
from headway.kernel.storage import Storage
from tests.factories import council as made
from tests.factories.council import OFFICE, SEATS, Cast
from tests.factories.governance import NOW

BERLIN = ZoneInfo("Europe/Berlin")
HEAD = Actor(ref="person:head", name="Head", roles=(RoleGrant(role="ai_office"),))
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def today() -> Iterator[FixedClock]:
    with clock.fixed(NOW) as held:
        yield held


@pytest.fixture
def cast(session: Session) -> Cast:
    found = made.people(session)
    made.high_case(session, found)
    made.body(session, found)
    return found


@pytest.fixture
def item(session: Session, cast: Cast) -> Item:
    return made.before_it(session, cast)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(f"file://{tmp_path}")


def called(session: Session, *, after: timedelta = HOUR) -> Meeting:
    return council.plan_meeting(session, HEAD, "ai-council", starts_at=clock.now() + after, place="Room 3")


def rhythm(session: Session, **changed: object) -> None:
    first = datetime(2027, 1, 11, 9, 0, tzinfo=BERLIN)
    rules: dict[str, object] = {
        "seats": SEATS, "quorum": 3, "chair": "legal", "every_weeks": 2, "first_meeting": first, "zone": "Europe/Berlin",
    }  # fmt: skip
    council.set_body(session, OFFICE, "ai-council", title="AI council", rules=BodyRules(**(rules | changed)))  # type: ignore[arg-type]  # built from words


def refused(session: Session, statement: str, **values: object) -> None:
    """The database itself refuses a statement."""
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text(statement), values)


def planned(session: Session) -> list[Meeting]:
    return list(council.list_meetings(session, state=MeetingState.planned).items)[::-1]


# --- when --------------------------------------------------------------------------------------------------------


def test_a_rhythm_plans_meetings_once_and_follows_when_it_changes(
    session: Session, cast: Cast, today: FixedClock
) -> None:
    today.advance(datetime(2027, 1, 5, tzinfo=UTC) - NOW)
    rhythm(session)
    first = planned(session)
    assert [one.starts_at.astimezone(BERLIN).strftime("%d.%m. %H:%M") for one in first] == [
        "11.01. 09:00", "25.01. 09:00", "08.02. 09:00", "22.02. 09:00",
    ]  # fmt: skip
    assert council.plan_due(session) == 0, "planning again plans nothing"
    moved = council.move_meeting(
        session, HEAD, first[1].id, starts_at=first[1].starts_at + HOUR, reason="the room is taken"
    )
    council.cancel_meeting(session, cast.ada, first[2].id, "holidays")
    today.advance(timedelta(days=8))
    assert council.plan_due(session) == 1, "one week later the next of them is near enough"
    given_up = council.get_meeting(session, first[0].id)
    assert (given_up.state, given_up.reason) == (MeetingState.cancelled, "nobody opened it")
    rhythm(session, first_meeting=datetime(2027, 1, 13, 14, 0, tzinfo=BERLIN))
    times = {one.starts_at.astimezone(BERLIN).strftime("%a %H:%M") for one in planned(session) if one.id != moved.id}
    assert times == {"Wed 14:00"}, "what is ahead follows"
    kept = council.get_meeting(session, moved.id)
    assert (kept.state, kept.sequence, kept.reason) == (MeetingState.planned, 1, "the room is taken")
    off = council.get_meeting(session, first[3].id)
    assert (off.state, off.sequence) == (MeetingState.cancelled, 1) and "other times" in str(off.reason)
    council.end_body(session, OFFICE, "ai-council", "no longer needed")
    assert planned(session) == [] and council.plan_due(session) == 0


def test_only_the_chair_and_the_ai_office_arrange_meetings_and_every_fault_is_told(
    session: Session, cast: Cast
) -> None:
    for nobody in (cast.ben, cast.rex, OFFICE):
        with pytest.raises(council.NotYourSeat):
            council.plan_meeting(session, nobody, "ai-council", starts_at=NOW + HOUR)
    assert council.plan_meeting(session, cast.finn, "ai-council", starts_at=NOW + HOUR), "a deputy of the chair's seat"
    with pytest.raises(council.CouncilInvalid) as wrong:
        council.plan_meeting(session, HEAD, "ai-council", starts_at=NOW, minutes_long=5, place="x" * 300)
    assert {one.column for one in wrong.value.faults} == {"starts_at", "minutes_long", "place"}
    with pytest.raises(council.CouncilInvalid) as wrong:
        rhythm(session, zone="Moon/Base", every_weeks=99)
    assert {one.column for one in wrong.value.faults} == {"zone", "every_weeks"}


# --- the meeting -------------------------------------------------------------------------------------------------


def test_a_meeting_from_its_agenda_to_approved_minutes(  # one story, told from end to end
    session: Session, cast: Cast, item: Item, storage: Storage, today: FixedClock
) -> None:
    meeting = called(session)
    told = council.meeting_standing(session, cast.ada, meeting.id)
    assert [one.item for one in told.agenda] == [item.id] and told.may_open
    kinds = {paper.kind for paper in told.agenda[0].papers}
    assert kinds >= {"usecase", "subject", "approval", "evidence"}
    council.strike_item(session, cast.ada, meeting.id, item.id, "legal has not read it")
    assert council.meeting_standing(session, cast.ada, meeting.id).agenda == ()
    council.set_agenda(session, cast.ada, meeting.id, [item.id])
    made.reviewed(session, cast, item)
    condition = council.propose_condition(session, cast.ben, item.id, text="tell people", owner=cast.olga.ref, days=14)
    council.recuse(session, cast.cleo, item.id, "my sister leads the vendor")
    council.delegate(session, cast.ben, "ai-council", seat="privacy", taker=cast.gil.ref, until=NOW + timedelta(days=9))
    council.seat_member(
        session, OFFICE, "ai-council", seat="risk", person=cast.finn.ref, kind=council.MemberKind.deputy
    )
    with pytest.raises(council.NotYourSeat):
        council.open_meeting(session, HEAD, meeting.id)
    council.open_meeting(session, cast.ada, meeting.id)
    with pytest.raises(council.StepRefused):
        council.open_meeting(session, cast.ada, meeting.id)
    council.attend(session, cast.gil, meeting.id)
    assert not council.meeting_standing(session, cast.ada, meeting.id).has_quorum
    council.attend(session, cast.ada, meeting.id, person=cast.finn.ref)
    council.attend(session, cast.ada, meeting.id, person=cast.olga.ref)
    with pytest.raises(council.StepRefused):
        council.attend(session, cast.gil, meeting.id)
    with pytest.raises(council.NotYourSeat):
        council.attend(session, cast.rex, meeting.id)
    told = council.meeting_standing(session, cast.ada, meeting.id)
    assert (told.present, told.needed, told.has_quorum) == (3, 3, True)
    today.advance(timedelta(minutes=5))
    council.vote(session, cast.dan, item.id, choice=Choice.no, reason="too little data about the South")
    council.vote(session, cast.eve, item.id, choice=Choice.yes, reason="the team needs it")
    council.vote(session, cast.gil, item.id, choice=Choice.yes, reason="with the condition", seat="privacy")
    council.vote(session, cast.finn, item.id, choice=Choice.yes, reason="the risk is small", seat="risk")
    done = council.vote(session, cast.ada, item.id, choice=Choice.yes, reason="lawful with the notice")
    assert (done.state, done.meeting) == (ItemState.approved, meeting.id)
    assert {one.person: one.meeting for one in done.votes} == {
        cast.dan.ref: None, cast.eve.ref: None, cast.gil.ref: meeting.id, cast.finn.ref: meeting.id,
        cast.ada.ref: meeting.id,
    }  # fmt: skip
    assert council.told_of(session, item.id).meeting == meeting.id, "the ledger alone tells it"
    with pytest.raises(council.StepRefused):
        council.make_minutes(session, cast.ada, storage, meeting.id)
    council.close_meeting(session, cast.ada, meeting.id)
    due = council.get_condition(session, condition.id).due_at
    assert due is not None
    _minutes(session, cast, storage, meeting.id, due)


def _minutes(session: Session, cast: Cast, storage: Storage, meeting_id: str, due: datetime) -> None:
    one = council.make_minutes(session, cast.ada, storage, meeting_id)
    _, data = council.read_minutes(session, storage, meeting_id, number=1, file="minutes.docx")
    file = docx.Document(io.BytesIO(data))
    said = "\n".join(
        [*(line.text for line in file.paragraphs), *(c.text for t in file.tables for r in t.rows for c in r.cells)]
    )
    for part in (
        "Minutes of AI council", "3 of 5 seats were there; 3 were needed", "Room 3", "Guests without a vote: Olga",
        "Cleo stepped back: my sister leads the vendor", "Olga, by the records: owns the use case", "delegate of Ben",
        "in the meeting", "in writing", "Approved: 4 yes, 1 no, 0 abstain. Decided in this meeting.",
        "Dan (Independent validator): too little data about the South", "tell people", f"{due:%Y}",
        "Legal, Ada, supports it: lawful with notice", "deputy",
    ):  # fmt: skip
        assert part in said, part
    _, pdf = council.read_minutes(session, storage, meeting_id, number=1, file="minutes.pdf")
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"] and "Dissent" in "".join(
        p.extract_text() for p in reader.pages
    )
    again = council.make_minutes(session, cast.ada, storage, meeting_id)
    assert (again.number, again.pdf, again.docx, again.content) == (2, one.pdf, one.docx, one.content), "facts alone"
    german = council.make_minutes(session, cast.ada, storage, meeting_id, locale="de")
    assert german.content != one.content
    _, data = council.read_minutes(session, storage, meeting_id, number=3, file="minutes.docx")
    assert "In dieser Sitzung entschieden." in _words(data)
    with pytest.raises(council.NotYourSeat):
        council.approve_minutes(session, cast.ben, meeting_id, 3)
    council.approve_minutes(session, cast.ada, meeting_id, 3)
    for act in (
        lambda: council.make_minutes(session, cast.ada, storage, meeting_id),
        lambda: council.approve_minutes(session, cast.ada, meeting_id, 1),
    ):
        with pytest.raises(council.StepRefused):
            act()
    [entry] = ledger.find(session, type="council.minutes_approved").items
    assert entry.payload and entry.payload["pdf"] == german.pdf
    with pytest.raises(council.MinutesUnknown):
        council.read_minutes(session, storage, meeting_id, number=3, file="minutes.exe")
    refused(session, "update governance.council_minutes set pdf = 'x'")
    refused(session, "delete from governance.council_minutes")
    refused(session, "update governance.council_meetings set place = 'elsewhere'")
    refused(session, "update governance.council_attendance set seat = null, capacity = null")


def _words(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return file.read("word/document.xml").decode()


def test_what_is_decided_between_meetings_is_a_written_resolution_in_the_next_minutes(
    session: Session, cast: Cast, item: Item, storage: Storage, today: FixedClock
) -> None:
    made.reviewed(session, cast, item)
    for person in (cast.ada, cast.ben, cast.cleo, cast.dan):
        council.vote(session, person, item.id, choice=Choice.yes, reason="read it")
    done = council.vote(session, cast.eve, item.id, choice=Choice.yes, reason="read it")
    assert (done.state, done.meeting) == (ItemState.approved, None)
    today.advance(timedelta(minutes=1))
    meeting = called(session)
    council.open_meeting(session, cast.ada, meeting.id)
    council.close_meeting(session, cast.ada, meeting.id)
    council.make_minutes(session, cast.ada, storage, meeting.id)
    _, data = council.read_minutes(session, storage, meeting.id, number=1, file="minutes.docx")
    said = _words(data)
    assert "Written resolutions" in said and "A written resolution of" in said
    assert "only 1 of 5 seats were there; 3 were needed" in said


def test_the_database_takes_no_vote_for_a_meeting_that_the_voter_is_not_in(
    session: Session, cast: Cast, item: Item
) -> None:
    meeting = called(session)
    council.open_meeting(session, cast.ada, meeting.id)
    voted = (
        "insert into governance.council_votes (item, seat, person, capacity, choice, reason, at, meeting) "
        "values (:item, 'privacy', :person, 'holder', 'yes', 'fine', :at, :meeting)"
    )
    values = {"item": item.id, "person": cast.ben.ref, "at": clock.now(), "meeting": meeting.id}
    refused(session, voted, **values)
    refused(
        session,
        "insert into governance.council_meetings (id, body, starts_at, minutes_long, place, state, sequence, agenda, struck,"
        " seats, changed_at, chair, quorum, opened_at) values ('cmt_x', 'ai-council', now(), 60, '', 'open', 0, '[]', '{}',"
        " '[]', now(), :person, 1, now())",
        person=cast.rex.ref,
    )
    council.attend(session, cast.ben, meeting.id)
    session.execute(text(voted), values)


# --- who must sit ------------------------------------------------------------------------------------------------


def test_who_proposed_the_case_or_made_the_version_is_no_independent_validator(session: Session, cast: Cast) -> None:
    from headway.kernel.ids import Ref
    from tests.factories.governance import SUBJECT

    ledger.record(session, actor=cast.dan, type="model.version_registered", subject=Ref.parse(str(SUBJECT)), payload={})
    item = made.before_it(session, cast)
    assert set(item.rules.makers) >= {cast.dan.ref, cast.rex.ref}
    told = council.standing_of(session, cast.dan, item.id)
    assert told.own_seats == () and "validator" in told.tally.empty
    assert any("seat validator" in line and "AI office" in line for line in told.mend)
    with pytest.raises(council.VoteRefused, match="cannot validate it independently"):
        council.vote(session, cast.dan, item.id, choice=Choice.yes, reason="my own", seat="validator")
    with pytest.raises(council.NotYourSeat):
        council.review(session, cast.dan, item.id, part="validator", supports=True, text="my own")
    until = NOW + timedelta(days=5)
    council.delegate(session, cast.dan, "ai-council", seat="validator", taker=cast.gil.ref, until=until)
    assert council.standing_of(session, cast.gil, item.id).own_seats == ("validator",), "somebody else can"
    refused(
        session,
        "insert into governance.council_votes (item, seat, person, capacity, choice, reason, at) "
        "values (:item, 'validator', :person, 'holder', 'yes', 'mine', :at)",
        item=item.id,
        person=cast.dan.ref,
        at=clock.now(),
    )


# --- calendars ---------------------------------------------------------------------------------------------------


def events(session: Session, path: str, *, may_see: bool = True) -> dict[str, icalendar.Event]:
    secret = path.removeprefix("/calendars/").removesuffix(".ics")

    def allows(actor: Actor, action: str, resource: Resource) -> bool:
        return may_see or resource.kind == "council"

    told = council.read_calendar(session, secret, allows=allows, url="https://headway.example.org/")
    return {str(one["UID"]): one for one in icalendar.Calendar.from_ical(told).walk("VEVENT")}


def test_a_calendar_follows_moves_and_cancellations_and_names_only_what_may_be_seen(
    session: Session, cast: Cast, item: Item
) -> None:
    meeting = called(session, after=timedelta(days=3))
    address = council.renew_calendar(session, cast.ben)
    assert address.path and council.calendar_address(session, cast.ben).path is None, "told once"
    uid = f"{meeting.id}@council.headway"
    found = events(session, address.path)
    assert "Lead scoring" in str(found[uid]["DESCRIPTION"]) and found[uid]["SEQUENCE"] == 0
    assert str(found[uid]["URL"]) == f"https://headway.example.org/meetings/{meeting.id}"
    assert f"{item.id}@council.headway" in found, "a vote that waits for Ben"
    hidden = events(session, address.path, may_see=False)
    assert str(hidden[uid]["DESCRIPTION"]) == "+ 1" and f"{item.id}@council.headway" not in hidden
    council.move_meeting(session, HEAD, meeting.id, starts_at=meeting.starts_at + HOUR, reason="the room is taken")
    after = events(session, address.path)[uid]
    assert (after["SEQUENCE"], after["DTSTART"].dt) == (1, meeting.starts_at + HOUR)
    council.cancel_meeting(session, HEAD, meeting.id, "nobody has time")
    off = events(session, address.path)[uid]
    assert (off["SEQUENCE"], str(off["STATUS"]), str(off["DESCRIPTION"])) == (2, "CANCELLED", "nobody has time")
    _only_the_newest_address_opens(session, cast, address.path)


def _only_the_newest_address_opens(session: Session, cast: Cast, path: str) -> None:
    second = council.renew_calendar(session, cast.ben).path
    assert second and second != path
    with pytest.raises(council.CalendarUnknown):
        events(session, path)
    assert events(session, second)
    rex = council.renew_calendar(session, cast.rex).path
    assert rex and events(session, rex) == {}, "who sits in no council sees none of its meetings"
    council.end_calendar(session, cast.ben)
    for wrong in (second, "/calendars/x.ics", "/calendars/" + "A" * 43 + ".ics"):
        with pytest.raises(council.CalendarUnknown):
            events(session, wrong)
    identity.deactivate_person(session, OFFICE, cast.rex.ref.removeprefix("person:"))
    with pytest.raises(council.CalendarUnknown):
        events(session, rex)


# --- reminders ---------------------------------------------------------------------------------------------------


def test_everything_is_reminded_of_once(session: Session, cast: Cast, item: Item, today: FixedClock) -> None:
    made.reviewed(session, cast, item)
    council.propose_condition(session, cast.ben, item.id, text="tell people", owner=cast.olga.ref, days=30)
    assert council.remind_due(session) == 0
    today.advance(timedelta(days=8, hours=1))
    called(session, after=timedelta(days=1, hours=2))
    assert (council.remind_due(session), council.remind_due(session)) == (1, 0), "the vote ends soon"
    today.advance(timedelta(hours=3))
    assert (council.remind_due(session), council.remind_due(session)) == (1, 0), "the meeting is tomorrow"
    for person in (cast.ada, cast.ben, cast.cleo, cast.dan, cast.eve):
        council.vote(session, person, item.id, choice=Choice.yes, reason="read it")
    today.advance(timedelta(days=24))
    assert (council.remind_due(session), council.remind_due(session)) == (1, 0), "the condition is due soon"
    today.advance(timedelta(days=7))
    assert (council.remind_due(session), council.remind_due(session)) == (1, 0), "it was missed"
    [missed] = ledger.find(session, type="council.condition_missed").items
    assert missed.payload and missed.payload["person"] == cast.olga.ref and missed.payload["sponsor"] == cast.sam.ref
    refused(session, "delete from governance.council_reminders")


def test_a_vote_that_gets_more_time_is_reminded_of_again(
    session: Session, cast: Cast, item: Item, today: FixedClock
) -> None:
    today.advance(timedelta(days=9))
    assert council.remind_due(session) == 1
    today.advance(timedelta(days=2))
    council.settle_council(session)
    assert council.get_item(session, item.id).state is ItemState.escalated
    council.extend(session, cast.sam, item.id, days=6, reason="people were ill")
    today.advance(timedelta(days=5))
    assert council.remind_due(session) == 1
