"""Messages wait for the digest and for the end of quiet hours, in the local time of whoever gets them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.collaboration import Pace
from headway.collaboration.preferences import defaults, faults_of
from headway.collaboration.timing import after_quiet, due_at
from tests.factories.dose import examples

BERLIN = replace(defaults("person:a"), time_zone="Europe/Berlin", quiet_from="20:00", quiet_until="07:00")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_at_once_is_at_once_outside_quiet_hours() -> None:
    assert due_at(NOON, Pace.now, BERLIN) == NOON


@pytest.mark.parametrize(
    ("at", "sent"),
    [
        ("2026-03-02T18:59:59+00:00", "2026-03-02T18:59:59+00:00"),  # 19:59:59 in Berlin
        ("2026-03-02T19:00:00+00:00", "2026-03-03T06:00:00+00:00"),  # 20:00
        ("2026-03-03T03:00:00+00:00", "2026-03-03T06:00:00+00:00"),  # 04:00
        ("2026-03-03T06:00:00+00:00", "2026-03-03T06:00:00+00:00"),  # 07:00
        ("2026-03-28T23:00:00+00:00", "2026-03-29T05:00:00+00:00"),  # the night that clocks go forward
        ("2026-10-24T22:00:00+00:00", "2026-10-25T06:00:00+00:00"),  # the night that they go back
    ],
)
def test_quiet_hours_pass_midnight_and_changes_of_the_clock(at: str, sent: str) -> None:
    assert due_at(datetime.fromisoformat(at), Pace.now, BERLIN) == datetime.fromisoformat(sent)


def test_quiet_hours_inside_a_day() -> None:
    siesta = replace(defaults("person:a"), quiet_from="12:00", quiet_until="14:30")
    assert after_quiet(NOON, siesta) == NOON + timedelta(hours=2, minutes=30)
    assert after_quiet(NOON - timedelta(seconds=1), siesta) == NOON - timedelta(seconds=1)


def test_a_digest_comes_at_the_next_local_hour() -> None:
    wishes = replace(defaults("person:a"), time_zone="America/New_York", digest_at="08:00")
    assert due_at(NOON, Pace.digest, wishes) == datetime(2026, 3, 2, 13, tzinfo=UTC)
    assert due_at(NOON + timedelta(hours=1), Pace.digest, wishes) == datetime(2026, 3, 3, 13, tzinfo=UTC)


def test_a_digest_in_quiet_hours_waits_for_their_end() -> None:
    wishes = replace(BERLIN, digest_at="06:00")
    assert due_at(NOON, Pace.digest, wishes) == datetime(2026, 3, 3, 6, tzinfo=UTC)


CLOCKS = st.builds(lambda h, m: f"{h:02}:{m:02}", st.integers(0, 23), st.integers(0, 59))
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@settings(max_examples=examples(300), deadline=None)
@given(MOMENTS, st.sampled_from([Pace.now, Pace.digest]), ZONES, CLOCKS, CLOCKS, CLOCKS)
def test_nothing_is_sent_early_late_or_in_quiet_hours(  # noqa: PLR0917  Hypothesis gives them by place
    now: datetime, pace: Pace, zone: str, start: str, end: str, digest: str
) -> None:
    wishes = replace(defaults("person:a"), time_zone=zone, quiet_from=start, quiet_until=end, digest_at=digest)
    sent = due_at(now, pace, wishes)
    assert now <= sent <= now + timedelta(days=2, hours=2)
    local = sent.astimezone(ZoneInfo(zone)).strftime("%H:%M")
    is_quiet = start <= local < end if start < end else start != end and (local >= start or local < end)
    gap = (
        sent.astimezone(ZoneInfo(zone)).utcoffset()
        != (sent - timedelta(hours=2)).astimezone(ZoneInfo(zone)).utcoffset()
    )
    assert not is_quiet or gap, "only where the end of the quiet hours does not exist that night"


def test_all_that_is_wrong_with_wishes_is_told() -> None:
    wrong = replace(defaults("person:a"), language="xx-1", time_zone="Mars/Base", quiet_from="25:00", digest_at="8")
    assert [fault.column for fault in faults_of(wrong)] == [
        "language",
        "time_zone",
        "quiet_from",
        "digest_at",
        "quiet_until",
    ]
    assert [fault.column for fault in faults_of(replace(wrong, time_zone="../../etc/passwd"))][1] == "time_zone"
    assert faults_of(defaults("person:a")) == []
