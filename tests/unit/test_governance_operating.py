"""The operate gate's memory on plain values: what counts as lost, and how a lost control stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from headway.governance import gates, operating
from headway.governance.entities import Control, FindingState, Pack, Status, Tier
from headway.governance.operating import Key, Loss
from headway.kernel.canonical import digest

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
LONG_AGO = AT - timedelta(days=400)
KEY = Key(pack="p", control="C-1")
LOSS = Loss(key=KEY, title="Enough", reason="no evidence", remedy="bring it", grace_days=14)
CONTROL = Control(
    id="C-1",
    title="Enough",
    source="us",
    gates=("operate",),
    applies_when="true",
    check="!gate.revoked",
    evidence=(),
    enforce="block",
    sandbox="warn",
    valid_from=None,
    valid_to=None,
    confidence="recall",
    missing="bring it",
    grace_days=14,
)


def asked(environment: str = "production", *, revoked: bool = True, **changes: object) -> tuple[Loss, ...]:
    control = replace(CONTROL, **changes)  # type: ignore[arg-type]  # fields by name
    pack = Pack(
        id="p",
        version="1",
        title="P",
        note="n",
        as_of=date(2026, 1, 1),
        digest=digest("p"),
        facts=(),
        evidence_types=(),
        tier_rules=(),
        controls=(control,),
    )
    facts = {"gate": {"environment": environment, "revoked": revoked}}
    results = gates.ask([pack], gates.Question("operate", environment, facts, {}, AT))
    return operating.losses(results, [pack], Tier.minimal)


def test_only_a_blocking_control_that_is_not_passed_is_lost() -> None:
    [found] = asked()
    assert (found.key, found.grace_days, found.remedy) == (KEY, 14, "bring it")
    assert "gate.revoked = True" in found.reason
    assert asked(revoked=False) == ()
    assert asked(enforce="warn") == () and asked(enforce="record") == ()
    assert asked("sandbox") == ()  # there it warns
    assert len(asked("sandbox", sandbox="block")) == 1
    assert asked(applies_when="false") == () and asked(gates=("pre_deploy",)) == ()
    assert len(asked(check="evidence.proof.n > 1", evidence=("proof",))) == 1  # an unknown is a loss too


def test_a_waived_control_is_not_lost() -> None:
    pack = Pack(
        id="p", version="1", title="P", note="n", as_of=date(2026, 1, 1), digest=digest("p"), facts=(),
        evidence_types=(), tier_rules=(), controls=(CONTROL,),
    )  # fmt: skip
    facts = {"gate": {"environment": "production", "revoked": True}}
    [result] = gates.ask([pack], gates.Question("operate", "production", facts, {}, AT))
    assert len(operating.losses([result], [pack], Tier.minimal)) == 1
    assert operating.losses([replace(result, status=Status.waived)], [pack], Tier.minimal) == ()


def test_a_prohibited_use_is_lost_at_once_whatever_the_packs_say() -> None:
    [found] = operating.losses((), (), Tier.prohibited)
    made = operating.step({}, [found], at=AT, begun=AT)  # even within its first hour
    assert made.lost[found.key].state is FindingState.suspended


@pytest.mark.parametrize(
    ("grace", "days", "state"),
    [
        (14, 0, "warned"),
        (14, 13.999, "warned"),
        (14, 14, "suspended"),
        (14, 300, "suspended"),
        (0, 0, "suspended"),
        (None, 1000, "warned"),
    ],
)
def test_it_is_warned_about_until_its_days_of_grace_are_over(grace: int | None, days: float, state: str) -> None:
    made = operating.step({KEY: AT}, [replace(LOSS, grace_days=grace)], at=AT + timedelta(days=days), begun=LONG_AGO)
    assert (made.lost[KEY].state, made.lost[KEY].since) == (state, AT)
    assert made.lost[KEY].suspends_at == (None if grace is None else AT + timedelta(days=grace))


def test_it_is_cleared_when_it_passes_again_and_begins_anew_when_lost_again() -> None:
    made = operating.step({KEY: AT}, [], at=AT + timedelta(days=20), begun=LONG_AGO)
    assert (made.lost, made.cleared) == ({}, (KEY,))
    again = operating.step({}, [LOSS], at=AT + timedelta(days=21), begun=LONG_AGO)
    assert again.lost[KEY].since == AT + timedelta(days=21)


def test_what_was_just_put_to_work_is_given_an_hour_unless_it_stops_at_once() -> None:
    young = AT - timedelta(minutes=59)
    assert operating.step({}, [LOSS], at=AT, begun=young).lost == {}
    assert operating.step({}, [replace(LOSS, grace_days=0)], at=AT, begun=young).lost != {}
    assert operating.step({}, [LOSS], at=AT, begun=AT - timedelta(hours=1)).lost != {}
    assert operating.step({KEY: LONG_AGO}, [LOSS], at=AT, begun=young).lost != {}  # an open one stays


def test_what_was_taken_away_and_comes_back_goes_on_where_it_stood() -> None:
    made = operating.step({}, [LOSS], at=AT, begun=LONG_AGO, taken_away={KEY: AT - timedelta(days=15)})
    assert made.lost[KEY].state is FindingState.suspended
