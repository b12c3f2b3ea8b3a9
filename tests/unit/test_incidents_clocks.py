"""Clocks of incidents: which run, since when, until when, why; what nobody knows runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from headway.incidents import adapters, calendars, cases, clockfile, clocks
from headway.incidents.entities import Answer, CaseFacts, ClockSet, Fact, Place, Reading, Unit
from headway.incidents.errors import ClocksInvalid

AWARE = datetime(2026, 11, 26, 16, 30, tzinfo=UTC)  # a Thursday
NOTHING: dict[str, Fact] = dict.fromkeys(("severity", "harm", "widespread", "personal_data_breach", "risk_to_persons"))
HARMLESS: dict[str, Fact] = {
    "severity": "low", "harm": (), "widespread": False, "personal_data_breach": False, "risk_to_persons": None,
}  # fmt: skip
LEGAL = {"AIA-73-2", "AIA-73-3", "AIA-73-4", "AIA-26-5", "GDPR-33", "GDPR-34"}


def case(*jurisdictions: str, is_known: bool = True, **facts: Fact) -> CaseFacts:
    known: dict[str, Fact] = {"tier": "high", "roles": ("provider",), "vendor_supplied": False, **facts}
    return CaseFacts(usecase="screening", facts=tuple(known.items()), jurisdictions=jurisdictions if is_known else None)


def ask(
    incident: dict[str, Fact], *of: CaseFacts, said: tuple[Place, ...] = (), at: datetime = AWARE, **moments: datetime
) -> dict[str, Reading]:
    when: Any = {"aware": at, "occurred": at, "opened": at, **moments}
    return {one.rule.id: one for one in clocks.readings(incident, of or (case("EU"),), said, adapters.shipped(), when)}


def running(found: dict[str, Reading]) -> set[str]:
    return {name for name, one in found.items() if one.answer is not Answer.no}


def told(name: str, answer: Answer) -> Place:
    return Place(jurisdiction=name, answer=answer, sources=(), said_by="person:a", said_at=AWARE, reason="so it is")


def test_nothing_known_lets_every_clock_run_and_says_what_is_missing() -> None:
    found = ask(NOTHING, cases.NOBODY)
    assert running(found) == LEGAL | {"OWN-CONTAIN", "OWN-TELL", "OWN-CAUSE"}
    assert found["AIA-73-4"].answer is Answer.unknown
    assert found["AIA-73-4"].missing == ("harm", "jurisdictions", "roles", "tier")
    assert "nobody knows yet" in found["GDPR-33"].why


def test_all_ruled_out_leaves_only_the_own_clock_that_always_runs() -> None:
    assert running(ask(HARMLESS)) == {"OWN-CAUSE"}


@pytest.mark.parametrize(
    ("harm", "clock", "days"),
    [
        ("death", "AIA-73-4", 10),
        ("critical_infrastructure", "AIA-73-3", 2),
        ("health", "AIA-73-2", 15),
        ("fundamental_rights", "AIA-73-2", 15),
        ("property_or_environment", "AIA-73-2", 15),
    ],
)
def test_each_kind_of_serious_incident_starts_its_own_clock_to_the_hour(harm: str, clock: str, days: int) -> None:
    found = ask({**HARMLESS, "harm": (harm,)})
    assert running(found) & LEGAL == {clock}
    assert (found[clock].answer, found[clock].since) == (Answer.yes, AWARE)
    assert found[clock].until == AWARE + timedelta(days=days)
    assert harm in found[clock].why and "EU" in found[clock].why


def test_a_widespread_infringement_has_two_days_whatever_the_harm() -> None:
    found = ask({**HARMLESS, "widespread": True})
    assert running(found) & LEGAL == {"AIA-73-3"}
    assert ask({**HARMLESS, "widespread": None})["AIA-73-3"].missing == ("widespread",)


def test_two_kinds_of_harm_start_both_clocks() -> None:
    assert running(ask({**HARMLESS, "harm": ("death", "health")})) & LEGAL == {"AIA-73-2", "AIA-73-4"}


def test_who_only_deploys_tells_the_provider_and_not_the_authority() -> None:
    deployer = case("EU", roles=("deployer",), vendor_supplied=True)
    found = ask({**HARMLESS, "harm": ("health",)}, deployer)
    assert running(found) & LEGAL == {"AIA-26-5"}
    assert found["AIA-26-5"].until == datetime(2026, 11, 27, 23, tzinfo=UTC)  # the whole Friday in Brussels


def test_the_legal_clocks_of_the_act_lean_on_the_tier() -> None:
    minimal = case("EU", tier="minimal")
    assert running(ask({**HARMLESS, "harm": ("death",)}, minimal)) & LEGAL == set()
    undecided = case("EU", tier=None)
    assert ask({**HARMLESS, "harm": ("death",)}, undecided)["AIA-73-4"].missing == ("tier",)


def test_of_several_use_cases_the_strictest_answer_counts() -> None:
    found = ask({**HARMLESS, "harm": ("death",)}, case("US-CO"), case("EU", tier="minimal"), case("EU"))
    assert found["AIA-73-4"].answer is Answer.yes
    assert (
        ask({**HARMLESS, "harm": ("death",)}, case("US-CO"), case("EU", tier="minimal"))["AIA-73-4"].answer is Answer.no
    )


def test_jurisdictions_decide_and_a_person_decides_above_them() -> None:
    harm: dict[str, Fact] = {**HARMLESS, "harm": ("death",)}
    assert running(ask(harm, case("US-NYC"))) & LEGAL == set()
    assert ask(harm, case("US-NYC"))["AIA-73-4"].why == "not in EU (screening)"
    assert ask(harm, case(is_known=False))["AIA-73-4"].missing == ("jurisdictions",)
    assert ask(harm, case("US-NYC"), said=(told("EU", Answer.yes),))["AIA-73-4"].answer is Answer.yes
    assert ask(harm, case("EU"), said=(told("EU", Answer.no),))["AIA-73-4"].answer is Answer.no
    assert ask(harm, case(is_known=False), said=(told("EU", Answer.no),))["AIA-73-4"].answer is Answer.no
    assert ask(harm, case("EU-DE"))["AIA-73-4"].answer is Answer.yes
    assert ask(harm, case("EU", "US"), said=(told("US", Answer.no),))["AIA-73-4"].answer is Answer.yes


def test_a_rule_counts_from_its_day_on() -> None:
    early = ask({**HARMLESS, "harm": ("death",)}, at=datetime(2026, 8, 1, 12, tzinfo=UTC))
    assert early["AIA-73-4"].answer is Answer.no and "not in force" in early["AIA-73-4"].why
    assert ask({**HARMLESS, "harm": ("death",)}, at=datetime(2026, 8, 2, tzinfo=UTC))["AIA-73-4"].answer is Answer.yes


def test_a_breach_has_72_hours_through_the_weekend_unless_it_is_judged_to_be_no_risk() -> None:
    breach: dict[str, Fact] = {**HARMLESS, "personal_data_breach": True}
    found = ask(breach)
    assert found["GDPR-33"].missing == ("risk_to_persons",) and found["GDPR-34"].missing == ("risk_to_persons",)
    assert found["GDPR-33"].until == AWARE + timedelta(hours=72)
    assert running(ask({**breach, "risk_to_persons": "unlikely"})) & LEGAL == set()
    assert running(ask({**breach, "risk_to_persons": "likely"})) & LEGAL == {"GDPR-33"}
    assert running(ask({**breach, "risk_to_persons": "high"})) & LEGAL == {"GDPR-33", "GDPR-34"}


def test_places_tell_their_sources_and_what_nobody_knows() -> None:
    known = ["EU", "US-NYC", "US-CO", "own"]
    told_ = {one.jurisdiction: one for one in clocks.places_of((case("EU-DE", "US-CO"),), known, ())}
    assert {name: one.answer.value for name, one in told_.items()} == {
        "EU": "yes", "EU-DE": "yes", "US-CO": "yes", "US-NYC": "no",
    }  # fmt: skip
    assert told_["EU"].sources == ("usecase:screening",)
    unknown = clocks.places_of((case(is_known=False),), known, (told("US-CO", Answer.no),))
    assert {one.jurisdiction: one.answer.value for one in unknown} == {
        "EU": "unknown",
        "US-CO": "no",
        "US-NYC": "unknown",
    }


# ------------------------------------------------------------------------------------------------ calendars
@pytest.mark.parametrize(
    ("since", "amount", "until"),
    [
        (datetime(2026, 11, 26, 9, tzinfo=UTC), 1, datetime(2026, 11, 27, 23, tzinfo=UTC)),  # Thursday: all of Friday
        (datetime(2026, 11, 27, 9, tzinfo=UTC), 1, datetime(2026, 11, 30, 23, tzinfo=UTC)),  # Friday: all of Monday
        (datetime(2026, 11, 28, 9, tzinfo=UTC), 2, datetime(2026, 12, 1, 23, tzinfo=UTC)),  # Saturday: up to Tuesday
        (
            datetime(2026, 11, 26, 23, 30, tzinfo=UTC),
            1,
            datetime(2026, 11, 30, 23, tzinfo=UTC),
        ),  # is Friday in Brussels
        (datetime(2026, 12, 23, 9, tzinfo=UTC), 2, datetime(2026, 12, 28, 23, tzinfo=UTC)),  # Christmas is off
        (datetime(2026, 3, 27, 9, tzinfo=UTC), 1, datetime(2026, 3, 30, 22, tzinfo=UTC)),  # summer time began
    ],
)
def test_business_days_leave_out_weekends_and_holidays_and_end_whole(
    since: datetime, amount: int, until: datetime
) -> None:
    days_off = {date(2026, 12, 25)}
    made = calendars.ends_at(since, amount, Unit.business_days, time_zone="Europe/Brussels", holidays=days_off)
    assert made == until and made.tzinfo == since.tzinfo


def test_calendar_days_and_hours_run_on() -> None:
    for unit, amount in ((Unit.hours, 72), (Unit.calendar_days, 3)):
        assert calendars.ends_at(AWARE, amount, unit, time_zone="Europe/Brussels") == AWARE + timedelta(hours=72)


def test_people_are_reminded_with_a_quarter_of_the_time_left_three_days_at_most() -> None:
    assert calendars.reminds_at(AWARE, AWARE + timedelta(hours=72)) == AWARE + timedelta(hours=54)
    assert calendars.reminds_at(AWARE, AWARE + timedelta(days=30)) == AWARE + timedelta(days=27)


# ------------------------------------------------------------------------------------------------ files
GOOD: dict[str, Any] = {
    "id": "own-incidents", "version": "2.0.0", "title": "Ours", "as_of": "2026-11-01", "time_zone": "Europe/Berlin",
    "holidays": ["2026-12-25"],
    "clocks": [{
        "id": "OWN-1", "title": "Tell the board", "source": "policy 7", "confidence": "verified", "jurisdiction": "own",
        "starts": "aware", "within": {"amount": 4, "unit": "hours"}, "met_by": "internal", "to": "the board",
        "when": [{"fact": "severity", "is": ["critical"]}],
    }],
}  # fmt: skip


def test_files_that_come_with_headway_are_read_and_name_their_sources() -> None:
    rules = [rule for kept in adapters.shipped() for rule in kept.clocks]
    assert {rule.id for rule in rules} == LEGAL | {"OWN-CONTAIN", "OWN-TELL", "OWN-CAUSE"}
    assert all(rule.source and rule.confidence for rule in rules)
    assert {rule.confidence for rule in rules if rule.id.startswith("GDPR")} == {"recall"}
    assert all(kept.as_of for kept in adapters.shipped())


def test_a_file_of_ones_own_is_read() -> None:
    made = clockfile.read(GOOD)
    assert (made.clocks[0].amount, made.clocks[0].unit, made.holidays) == (4, Unit.hours, (date(2026, 12, 25),))
    assert made.digest == clockfile.read(GOOD).digest != clockfile.read({**GOOD, "title": "Other"}).digest


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"time_zone": "Berlin"}, "no time zone"),
        ({"as_of": None}, "say of which day"),
        ({"colour": "red"}, "colour: is not known"),
        ({"clocks": [{**GOOD["clocks"][0], "within": {"amount": 0, "unit": "hours"}}]}, "whole number"),
        ({"clocks": [{**GOOD["clocks"][0], "within": {"amount": 2, "unit": "weeks"}}]}, "business_days"),
        ({"clocks": [{**GOOD["clocks"][0], "when": [{"fact": "mood", "is": ["bad"]}]}]}, "is one of tier"),
        ({"clocks": [{**GOOD["clocks"][0], "when": [{"fact": "harm", "is": ["bruise"]}]}]}, "harm is never bruise"),
        ({"clocks": [{**GOOD["clocks"][0], "when": [{"any": []}]}]}, "any: is not known"),
        ({"clocks": GOOD["clocks"] * 2}, "stands there twice"),
        ({"clocks": "none"}, "must be a list"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ClocksInvalid, match=message):
        clockfile.read({**GOOD, **change})


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(ClocksInvalid) as refused:
        clockfile.read({"clocks": [{}]})
    assert len(refused.value.faults) > 8


def test_yaml_with_aliases_or_too_long_is_refused() -> None:
    with pytest.raises(ClocksInvalid, match="aliases"):
        adapters.plain("a: &x [1]\nb: *x\n")
    with pytest.raises(ClocksInvalid, match="no YAML"):
        adapters.plain("a: [")
    with pytest.raises(ClocksInvalid, match="at most"):
        adapters.plain("#" * 200_001)


def test_a_version_of_ones_own_is_asked_like_those_that_come_along() -> None:
    made: ClockSet = replace(clockfile.read(GOOD))
    when: Any = dict.fromkeys(("aware", "occurred", "opened"), AWARE)
    [found] = clocks.readings({**HARMLESS, "severity": "critical"}, (case("EU"),), (), [made], when)
    assert (found.answer, found.until, found.set) == (Answer.yes, AWARE + timedelta(hours=4), "own-incidents@2.0.0")
