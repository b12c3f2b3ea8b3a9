"""Recording, reading and erasing events on a real database."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import ledger
from headway.kernel.auth import SYSTEM, Actor, Resource
from headway.kernel.clock import FixedClock
from headway.kernel.errors import Denied, Invalid
from headway.kernel.ids import Ref

ADA = Actor(ref="person:ada", name="Ada")
SUBJECT = Ref("usecase", "leads")


def test_an_event_is_found_by_subject_and_type_newest_first(session: Session, fixed_clock: FixedClock) -> None:
    first = ledger.record(session, actor=ADA, type="usecase.opened", subject=SUBJECT, payload={"title": "Leads"})
    second = ledger.record(session, actor=ADA, type="usecase.updated", subject=SUBJECT)
    ledger.record(session, actor=ADA, type="usecase.opened", subject=Ref("usecase", "other"))

    assert [e.id for e in ledger.find(session, subject=SUBJECT).items] == [second, first]
    found = ledger.find(session, subject=SUBJECT, type="usecase.opened").items[0]
    assert found.payload == {"title": "Leads"}
    assert (found.actor, found.at, found.leaf_index) == ("person:ada", fixed_clock.at, None)


def test_pages_of_events_meet_without_gap_or_overlap(session: Session) -> None:
    made = [ledger.record(session, actor=ADA, type="thing.made", subject=SUBJECT, payload={"n": n}) for n in range(7)]
    seen: list[str] = []
    cursor = None
    for _ in range(4):
        page = ledger.find(session, subject=SUBJECT, limit=2, cursor=cursor)
        seen += [event.id for event in page.items]
        cursor = page.next
    assert seen == made[::-1]
    assert cursor is None


def test_payload_values_become_json(session: Session) -> None:
    payload = {
        "ref": SUBJECT,
        "at": datetime(2026, 1, 2, tzinfo=UTC),
        "amount": Decimal("12.50"),
        "names": {"b", "a"},
        "pair": (1, 2.5),
    }
    event_id = ledger.record(session, actor=SYSTEM, type="thing.made", subject=SUBJECT, payload=payload)
    assert ledger.get_event(session, event_id).payload == {
        "ref": "usecase:leads",
        "at": "2026-01-02T00:00:00.000000Z",
        "amount": "12.50",
        "names": ["a", "b"],
        "pair": [1, 2.5],
    }


def test_the_commitment_is_the_salted_hash_of_the_payload(session: Session) -> None:
    event_id = ledger.record(session, actor=ADA, type="thing.made", subject=SUBJECT, payload={"b": 1, "a": "é"})
    salt, payload = session.execute(
        text("select salt, payload from ledger.payloads where event_id = :id"), {"id": event_id}
    ).one()
    assert payload == '{"a":"é","b":1}'
    assert len(salt) == 16
    expected = hashlib.sha256(bytes(salt) + payload.encode()).hexdigest()
    assert ledger.get_event(session, event_id).commitment == expected


@pytest.mark.parametrize("wrong", ["opened", "Usecase.opened", "usecase.", "usecase opened"])
def test_a_type_that_is_no_dotted_name_is_refused(session: Session, wrong: str) -> None:
    with pytest.raises(Invalid, match="not an event type"):
        ledger.record(session, actor=ADA, type=wrong, subject=SUBJECT)


@pytest.mark.parametrize("value", [float("nan"), b"bytes", object(), 2**60])
def test_a_payload_that_json_cannot_hold_is_refused(session: Session, value: object) -> None:
    with pytest.raises(Invalid):
        ledger.record(session, actor=ADA, type="thing.made", subject=SUBJECT, payload={"value": value})


def test_an_unknown_event_is_not_found(session: Session) -> None:
    with pytest.raises(ledger.EventNotFound):
        ledger.get_event(session, "evt_none")


def test_erasing_forgets_the_payload_and_says_so_in_the_log(session: Session) -> None:
    event_id = ledger.record(
        session, actor=ADA, type="person.added", subject=SUBJECT, payload={"name": "Bo"}, personal=True
    )
    erased = ledger.erase(session, ADA, event_id, "asked by the person")
    assert erased.is_erased
    assert erased.payload is None
    note = ledger.find(session, type="ledger.erased").items
    assert [(e.subject, e.payload) for e in note] == [(f"event:{event_id}", {"reason": "asked by the person"})]
    ledger.erase(session, ADA, event_id, "again")
    assert len(ledger.find(session, type="ledger.erased").items) == 1
    salt = session.scalar(text("select salt from ledger.payloads where event_id = :id"), {"id": event_id})
    assert salt is None


def test_a_payload_that_is_not_personal_stays(session: Session) -> None:
    event_id = ledger.record(session, actor=ADA, type="model.released", subject=SUBJECT, payload={"n": 1})
    with pytest.raises(ledger.NotErasable):
        ledger.erase(session, ADA, event_id, "hide it")


def test_a_refusal_is_recorded_with_action_rule_and_reason(session: Session) -> None:
    error = Denied("no", values={"rule": "data-scientists-train"})
    resource = Resource(kind="usecase", id="leads of 2026!", department="sales")
    event_id = ledger.record_refusal(session, actor=ADA, error=error, action="run:train", resource=resource)
    event = ledger.get_event(session, event_id)
    assert (event.type, event.subject) == ("access.denied", "usecase:leads-of-2026")
    assert event.payload == {
        "action": "run:train",
        "resource": "usecase:leads of 2026!",
        "department": "sales",
        "reason": "no",
        "rule": "data-scientists-train",
    }


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger.events set actor = 'person:eve'",
        "delete from ledger.payloads",
        "update ledger.payloads set payload = '{}'",
        "update ledger.payloads set salt = null, payload = null",
        "truncate ledger.events cascade",
        "truncate ledger.payloads",
    ],
)
def test_the_database_refuses_to_change_what_was_recorded(session: Session, statement: str) -> None:
    ledger.record(session, actor=ADA, type="thing.made", subject=SUBJECT)
    with pytest.raises(IntegrityError):
        session.execute(text(statement))
