"""Rules on who is told: they fit the events there are, and events that tell the same share a mark."""

from __future__ import annotations

import pytest

from headway.collaboration import TELLINGS, Topic
from headway.collaboration.rules import RULES, Party, dedup_of, place_of, related, rules_of
from headway.collaboration.words import REFUSALS


def test_rules_are_about_events_that_there_are() -> None:
    assert set(RULES) <= set(TELLINGS)


def test_what_is_for_auditors_is_told_to_nobody_but_who_waited_for_it() -> None:
    for type_, telling in TELLINGS.items():
        if telling.for_audit and type_ not in REFUSALS:
            assert rules_of(type_) == (), type_


def test_watchers_hear_of_every_other_change() -> None:
    for type_, telling in TELLINGS.items():
        if type_ not in RULES and not telling.for_audit:
            assert [rule.party for rule in rules_of(type_)] == [Party.watching], type_
    assert rules_of("moon.landed") == ()


def test_a_release_and_its_approval_tell_the_same_once() -> None:
    payload = {"approval": "apr_1", "release": "rel_1"}
    marks = {dedup_of(f"evt_{kind}", f"{kind}.approved", payload, Topic.answer) for kind in ("release", "approval")}
    assert marks == {"approved:apr_1"}
    assert dedup_of("evt_1", "release.released", payload, Topic.answer) == "evt_1"
    assert dedup_of("evt_1", "release.requested", {"approval": None}, Topic.change) == "evt_1"


def test_a_person_is_mentioned_once_in_a_comment_however_often_it_is_reworded() -> None:
    assert dedup_of("evt_1", "comment.added", {"comment": "cmt_1"}, Topic.mention) == "mention:cmt_1"
    assert dedup_of("evt_2", "comment.edited", {"comment": "cmt_1"}, Topic.mention) == "mention:cmt_1"
    assert dedup_of("evt_1", "comment.added", {"comment": "cmt_1"}, Topic.comment) == "evt_1"


@pytest.mark.parametrize(
    ("subject", "payload", "found"),
    [
        ("usecase:leads", {}, ("usecase:leads",)),
        ("model:leads@3", {"usecase": "leads"}, ("model:leads@3", "model:leads", "usecase:leads")),
        ("usecase:leads", {"usecase": "leads"}, ("usecase:leads",)),
        ("deployment:pilot/leads", {"usecase": None}, ("deployment:pilot/leads",)),
        ("alert:alr_1", {"deployment": "pilot/leads"}, ("alert:alr_1", "deployment:pilot/leads")),
    ],
)
def test_an_event_concerns_those_around_its_subject(subject: str, payload: dict[str, object], found: object) -> None:
    assert related(subject, payload) == found


def test_a_notification_leads_to_what_can_be_answered() -> None:
    assert place_of("model:leads@3", {"release": "rel_1", "approval": "apr_1"}) == "release:rel_1"
    assert place_of("model:leads@3", {"approval": "apr_1"}) == "approval:apr_1"
    assert place_of("deployment:pilot/leads", {"release": "sha256-0"}) == "deployment:pilot/leads"
