"""Ids, references, money, the clock, errors and settings."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from headway.kernel import clock
from headway.kernel.auth import Actor, RoleGrant
from headway.kernel.errors import Conflict, Denied, Fault, HeadwayError, Invalid, NotFound, problem
from headway.kernel.ids import Ref, made_at, new_id, new_salt, slug, uuid7
from headway.kernel.jobs.entities import actor_from_plain, actor_to_plain, error_from_problem
from headway.kernel.money import Money
from headway.kernel.settings import Settings


def test_uuid7_has_the_layout_of_rfc_9562() -> None:
    before = time.time_ns() // 1_000_000
    made = UUID(int=uuid7())
    assert made.version == 7 and made.variant == "specified in RFC 4122"
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000 + 1


def test_ids_rise_across_threads_and_never_repeat() -> None:
    one = [new_id("job") for _ in range(10_000)]
    assert one == sorted(set(one))
    with ThreadPoolExecutor(4) as pool:
        many = [name for batch in pool.map(lambda _: [new_id("job") for _ in range(2000)], range(4)) for name in batch]
    assert len(set(many)) == 8000
    assert all(len(name) == 30 and name.startswith("job_") for name in many)


@pytest.mark.parametrize(
    ("text", "kind", "name", "version"),
    [
        ("model:lead-scoring@3", "model", "lead-scoring", 3),
        ("product:sales.leads", "product", "sales.leads", None),
        (f"bundle:x@sha256-{'a' * 64}", "bundle", "x", None),
        ("person:anna", "person", "anna", None),
    ],
)
def test_references_are_read_and_written_alike(text: str, kind: str, name: str, version: int | None) -> None:
    ref = Ref.parse(text)
    assert (ref.kind, ref.slug, ref.version, str(ref)) == (kind, name, version, text)


@pytest.mark.parametrize("text", ["", "m", "M:x", "m:", "m:x@", "m:x@v3", "m:x@sha256-abc", "m:x y"])
def test_what_is_no_reference_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(Invalid, match="not a reference") as caught:
        Ref.parse(text)
    assert "kind:name" in str(caught.value.hint)


def test_slugs_keep_letters_and_digits() -> None:
    assert slug("  Lead Scoring (EMEA), 2026! ") == "lead-scoring-emea-2026"
    with pytest.raises(Invalid):
        slug("---")


@pytest.mark.parametrize(
    ("text", "minor", "currency"),
    [
        ("120.50 EUR", 12050, "EUR"),
        ("usd 3", 300, "USD"),
        ("7", 700, "CHF"),
        ("-1.5", -150, "CHF"),
        ("1000 JPY", 1000, "JPY"),
        ("1.234 KWD", 1234, "KWD"),
    ],
)
def test_money_is_read_into_minor_units(text: str, minor: int, currency: str) -> None:
    assert Money.parse(text, "CHF") == Money(minor, currency)


@pytest.mark.parametrize("text", ["", "EUR", "1,50 EUR", "EUR 1 EUR", "1.234 EUR", "1.5 JPY", "nan EUR", "1e3 EUR"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Money.parse(text)


def test_money_is_added_multiplied_and_never_mixed() -> None:
    assert Money(150, "EUR") + Money(50, "EUR") - Money(1, "EUR") == Money(199, "EUR")
    assert [Money(cents, "EUR").times(0.5).minor for cents in (1, 3, 5)] == [0, 2, 2]  # half to even
    assert Money(10, "EUR").times(Decimal("0.15")) == Money(2, "EUR")
    assert str(Money(12050, "EUR")) == "120.50 EUR"
    with pytest.raises(Invalid, match="without a rate"):
        Money(1, "EUR") + Money(1, "USD")


def test_clock_can_be_held_and_moved_and_goes_back() -> None:
    at = datetime(2026, 3, 2, 13, tzinfo=timezone(timedelta(hours=1)))
    with clock.fixed(at) as held:
        assert clock.now() == at and clock.now().tzinfo is UTC
        held.advance(timedelta(minutes=5))
        assert clock.iso(clock.now()) == "2026-03-02T12:05:00.000000Z"
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    with pytest.raises(ValueError, match="aware"):
        clock.FixedClock(datetime(2026, 3, 2))  # noqa: DTZ001  the point of the test


def test_a_simulated_process_has_the_ids_of_its_time_and_the_same_again() -> None:
    at = datetime(2025, 3, 2, 12, tzinfo=UTC)

    def lived(seed: int) -> list[str]:
        with clock.simulated(at, seed) as simulation:
            made = [new_id("evt") for _ in range(5000)] + [new_id("dec")]
            simulation.go_to(at + timedelta(days=1))
            assert clock.now() == at + timedelta(days=1)
            simulation.go_to(at)  # time does not go back
            return [*made, new_salt(), new_salt(), new_id("evt")]

    first = lived(7)
    assert first == lived(7) != lived(8)
    events = [name for name in first if name.startswith("evt")]
    assert events == sorted(set(events))
    assert made_at(first[0]) == at and made_at(first[-1]) == at + timedelta(days=1)
    assert len(first) == len(set(first)) and len(first[-2]) == len(new_salt()) == 32 and new_salt() != new_salt()
    made = UUID(int=_number(first[0]))
    assert made.version == 7 and made.variant == "specified in RFC 4122"
    assert clock.simulation() is None and abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    with clock.simulated(at, 1), pytest.raises(RuntimeError), clock.simulated(at, 2):
        pass


def _number(name: str) -> int:
    alphabet, number = "0123456789abcdefghjkmnpqrstvwxyz", 0
    for digit in name.rpartition("_")[2]:
        number = number << 5 | alphabet.index(digit)
    return number


def test_times_are_read_back_as_written() -> None:
    at = datetime(2026, 3, 2, 12, 0, 0, 1, tzinfo=UTC)
    assert clock.parse(clock.iso(at)) == at
    assert clock.parse("2026-03-02T12:00:00+01:00") == datetime(2026, 3, 2, 11, tzinfo=UTC)
    assert clock.parse("2026-03-02") == datetime(2026, 3, 2, tzinfo=UTC)
    with pytest.raises(ValueError, match="Invalid isoformat"):
        clock.parse("yesterday")


class AliasTaken(Conflict):
    """An error of a domain."""

    code = "registry.alias_taken"


def test_problem_object_tells_code_hint_faults_and_values() -> None:
    error = AliasTaken(
        "taken", hint="pick another", faults=[Fault(rule="r", message="m", row=2)], values={"alias": "champion"}
    )
    told = problem(error)
    assert told == {
        "type": "urn:headway:error:registry.alias_taken",
        "title": "AliasTaken",
        "status": 409,
        "code": "registry.alias_taken",
        "detail": "taken",
        "hint": "pick another",
        "faults": [{"rule": "r", "message": "m", "row": 2}],
        "values": {"alias": "champion"},
    }
    again = error_from_problem(told)
    assert isinstance(again, Conflict) and problem(again) == {**told, "title": "Conflict"}


@pytest.mark.parametrize("kind", [Invalid, Denied, NotFound, HeadwayError])
def test_kind_of_an_error_survives_its_problem_object(kind: type[HeadwayError]) -> None:
    again = error_from_problem(problem(kind("message")))
    assert isinstance(again, kind) and again.exit_code == kind.exit_code and str(again) == "message"


def test_actor_survives_its_plain_form() -> None:
    for scopes in (None, frozenset({"a", "b"})):
        roles = (RoleGrant(role="sponsor", department="sales"), RoleGrant(role="auditor"))
        actor = Actor(ref="person:anna", name="Anna", roles=roles, scopes=scopes)
        assert actor_from_plain(actor_to_plain(actor)) == actor


def test_settings_are_read_by_their_types() -> None:
    environ = {
        "HEADWAY_HOME": "/srv/headway",
        "HEADWAY_PORT": "9000",
        "HEADWAY_SEGMENT_SECONDS": "0.5",
        "HEADWAY_ENVIRONMENT": "production",
        "HEADWAY_DATABASE_URL": "",
        "UNRELATED": "x",
    }
    settings = Settings.load(environ)
    assert (settings.home, settings.port, settings.segment_seconds) == (Path("/srv/headway"), 9000, 0.5)
    assert settings.environment == "production" and settings.database_url is None
    assert settings.storage == "file:///srv/headway/storage"
    assert settings.trust_file == Path("/srv/headway/keys/trusted.json")


def test_all_wrong_settings_are_named_at_once() -> None:
    environ = {"HEADWAY_PORT": "many", "HEADWAY_ENVIRONMENT": "prod", "HEADWAY_LOG_LEVEL": "loud"}
    with pytest.raises(Invalid) as caught:
        Settings.load(environ)
    assert {fault.column for fault in caught.value.faults} == set(environ)
