"""When a council meets, in which order it looks at things, and its calendar, read by another program than ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.governance import Tier
from headway.governance.council import agenda, calendar, reminders, schedule
from headway.governance.council.entities import Body
from tests.factories.council import plain_body

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 3, 9, 9, 30, tzinfo=BERLIN).astimezone(UTC)


def body(**changed: object) -> Body:
    return replace(plain_body(), **({"every_weeks": 2, "first_meeting": START, "zone": "Europe/Berlin"} | changed))  # type: ignore[arg-type]  # built from words


def test_a_meeting_is_at_the_same_time_of_the_clock_in_winter_and_in_summer() -> None:
    found = list(islice(schedule.slots(body(), START - timedelta(seconds=1)), 3))
    assert [one.astimezone(BERLIN).strftime("%a %d %H:%M") for one in found] == [
        "Mon 09 09:30", "Mon 23 09:30", "Mon 06 09:30",
    ]  # fmt: skip
    assert [one.hour for one in found] == [8, 8, 7], "the offset of the zone changed between them"


def test_slots_are_the_same_wherever_one_begins_to_look() -> None:
    whole = list(islice(schedule.slots(body(), START - timedelta(days=400)), 30))
    assert whole[0] == START, "nothing before the first meeting"
    for at in whole[3:20]:
        assert next(schedule.slots(body(), at - timedelta(seconds=1))) == at
        assert next(schedule.slots(body(), at)) == whole[whole.index(at) + 1]


def test_meetings_are_planned_ahead_and_the_next_one_in_any_case() -> None:
    assert len(schedule.due(body(), START)) == 4
    [rare] = schedule.due(body(every_weeks=26), START)
    assert rare - START > timedelta(weeks=25)
    assert schedule.due(body(every_weeks=None, first_meeting=None), START) == ()
    assert schedule.due(body(ended_at=START), START) == ()


@pytest.mark.parametrize(
    ("name", "known"), [("Europe/Berlin", True), ("UTC", True), ("Moon/Base", False), ("", False), ("../etc", False)]
)
def test_only_known_zones_count(name: str, known: bool) -> None:
    assert schedule.is_zone(name) is known


def test_the_agenda_goes_by_day_then_tier_then_age() -> None:
    day = timedelta(days=1)

    def one(name: str, tier: Tier, closes: timedelta, opened: timedelta = day) -> agenda.Waiting:
        return agenda.Waiting(item=name, tier=tier, opened_at=START - opened, closes_at=START + closes)

    listed = [
        one("later", Tier.prohibited, 5 * day), one("young", Tier.high, 2 * day), one("old", Tier.high, 2 * day, 9 * day),
        one("unknown", Tier.undecided, 2 * day), one("first", Tier.minimal, day),
    ]  # fmt: skip
    order = agenda.by_need(listed)
    assert order == ("first", "old", "young", "unknown", "later")
    assert agenda.arranged(["unknown", "gone", "unknown"], order, {"old"}) == ("unknown", "first", "young", "later")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(summary=TEXTS, description=TEXTS, place=TEXTS)
def test_another_program_reads_every_text_as_it_was_written(summary: str, description: str, place: str) -> None:
    entry = calendar.Entry(
        uid="cmt_1@council.headway", sequence=3, summary=summary, description=description, starts_at=START, minutes=90,
        changed_at=START, place=place, address="https://headway.example.org/meetings/cmt_1",
    )  # fmt: skip
    text = calendar.ics("AI council", [entry])
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert text.endswith("END:VCALENDAR\r\n") and "\n" not in text.replace("\r\n", "")
    [event] = icalendar.Calendar.from_ical(text).walk("VEVENT")

    def plain(said: str) -> str:
        lines = said.replace("\r\n", "\n").replace("\r", "\n")
        return "".join(sign for sign in lines if sign == "\n" or (ord(sign) >= 32 and ord(sign) != 127))

    assert str(event["SUMMARY"]) == plain(summary)
    assert str(event.get("DESCRIPTION", "")) == plain(description)
    assert str(event.get("LOCATION", "")) == plain(place)
    assert event["DTSTART"].dt == START and event["DTEND"].dt - START == timedelta(minutes=90)
    assert (str(event["UID"]), event["SEQUENCE"], str(event["STATUS"])) == ("cmt_1@council.headway", 3, "CONFIRMED")


def test_what_is_due_at_a_moment_takes_no_time() -> None:
    entry = calendar.Entry(
        uid="x", sequence=0, summary="vote", description="", starts_at=START, minutes=0, changed_at=START,
    )  # fmt: skip
    [event] = icalendar.Calendar.from_ical(calendar.ics("x", [entry])).walk("VEVENT")
    assert "DTEND" not in event and str(event["TRANSP"]) == "TRANSPARENT"


def test_reminders_come_in_the_last_part_of_the_time() -> None:
    from tests.factories.council import plain_condition, plain_item

    item = plain_item(opened_at=START, closes_at=START + timedelta(days=10))
    days = [day for day in range(12) if reminders.is_closing(item, START + timedelta(days=day))]
    assert days == [8, 9]
    short = replace(item, closes_at=START + timedelta(days=3))
    assert [day for day in range(4) if reminders.is_closing(short, START + timedelta(days=day))] == [2]
    condition = plain_condition(due_at=START + timedelta(days=30), days=30)
    near = [day for day in range(32) if reminders.is_near(condition, START + timedelta(days=day))]
    assert near == list(range(23, 30))
    assert not reminders.is_near(replace(condition, met_at=START), START + timedelta(days=25))
