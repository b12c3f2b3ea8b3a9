"""The radar of pitfalls: each shows exactly where its facts say so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from headway.governance import Tier
from headway.portfolio.entities import PitfallKind, Stage
from headway.portfolio.pitfalls import MOST_FAILED, SILENT, Data, Held, Known, pitfalls

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
DATA = Data(contract_checked=True, rows=1000, failed_rows=int(1000 * MOST_FAILED), made_at=NOW)
SOUND = Known(
    stage=Stage.pilot,
    success_measure="won deals a hundred calls",
    sponsor="Sam Sponsor",
    sponsor_has_account=True,
    sponsor_seen=NOW - SILENT,
    tier=Tier.minimal,
    is_tier_by_person=False,
    built_at=NOW - timedelta(days=3),
    data=DATA,
    held=(),
    sandbox_ended=None,
    now=NOW,
)
HELD = Held(deployment="leads", environment="production", reasons=("Two people", "Quality"))


def test_where_everything_is_in_order_there_is_none() -> None:
    assert pitfalls(SOUND) == ()
    assert pitfalls(replace(SOUND, tier=Tier.high, is_tier_by_person=True)) == ()


@pytest.mark.parametrize(
    ("change", "kind", "told"),
    [
        ({"success_measure": None}, PitfallKind.no_measure, "before anybody said"),
        ({"held": (HELD,), "stage": Stage.live}, PitfallKind.rollout_ahead, "Two people; Quality"),
        ({"data": replace(DATA, contract_checked=False)}, PitfallKind.contract, "no contract"),
        ({"data": replace(DATA, failed_rows=51)}, PitfallKind.contract, "5.1%"),
        ({"tier": Tier.undecided}, PitfallKind.compliance, "nobody knows"),
        ({"tier": Tier.high}, PitfallKind.compliance, "high by the rules"),
        ({"sponsor": None, "sponsor_has_account": False}, PitfallKind.silent_sponsor, "nobody stands behind"),
        ({"sponsor_has_account": False}, PitfallKind.silent_sponsor, "has no account"),
        ({"sponsor_seen": None}, PitfallKind.silent_sponsor, "ever"),
        ({"sponsor_seen": NOW - SILENT - timedelta(days=1)}, PitfallKind.silent_sponsor, "61 days"),
        ({"sandbox_ended": NOW - timedelta(days=9)}, PitfallKind.expired_pilot, "reached its end"),
    ],
)
def test_each_shows_alone_and_goes_with_the_use_case(change: dict[str, Any], kind: PitfallKind, told: str) -> None:
    (one,) = pitfalls(replace(SOUND, **change))
    assert one.kind is kind and told in one.found and one.todo
    assert pitfalls(replace(SOUND, **(change | {"stage": Stage.retired}))) == ()


def test_nothing_is_asked_of_what_is_only_proposed() -> None:
    asked = replace(SOUND, stage=Stage.proposed, built_at=None, data=None, success_measure=None, tier=Tier.undecided)
    assert pitfalls(replace(asked, sponsor=None, sponsor_has_account=False)) == ()


def test_what_presses_most_comes_first_and_an_end_matters_to_pilots_alone() -> None:
    many = replace(SOUND, sponsor_seen=None, sandbox_ended=NOW, tier=Tier.undecided, held=(HELD,))
    assert [one.severity for one in pitfalls(many)] == ["serious", "serious", "warning", "warning"]
    assert pitfalls(replace(SOUND, stage=Stage.live, sandbox_ended=NOW)) == ()
    assert pitfalls(replace(SOUND, data=replace(DATA, rows=0, failed_rows=0))) == ()
