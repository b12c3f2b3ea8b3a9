"""The oracle of value: over a hundred simulated companies the hold-out measures the effect that was planted, and tells when it cannot.

Leads come from the simulator with both of their fates, arms are dealt as a node deals them, and the comparison is the product's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from headway import demo
from headway.entrypoints.company import leads
from headway.entrypoints.company.leads import Decided
from headway.entrypoints.company.plan import LEADS_A_DAY, LIVE, Plan, spec_of
from headway.entrypoints.company.scoring import HELD_OUT
from headway.runtime.arms import bucket, choose_arm
from headway.runtime.entities import Arm
from headway.value.comparison import compare, proportion
from headway.value.ratio import check_known, check_ratio
from tests.factories.dose import IS_FULL

pytestmark = [pytest.mark.prove, pytest.mark.timeout(3600)]
SEEDS = range(100) if IS_FULL else range(4)
UNTIL = date(2026, 6, 1)
ARMS = (Arm(name="champion", share=1 - HELD_OUT, release="a"), Arm(name="hold_out", share=HELD_OUT, release=None))
SHARES = (1 - HELD_OUT, HELD_OUT)
CALLED_FROM = 9
"""Pages that a lead has viewed, from which on the champion has it called: about one in ten."""
LOST = 0.15
"""The share of the held-out leads that a fault takes away."""


@dataclass(frozen=True, slots=True)
class Year:
    """What was decided about a company's leads in its year, settled leads only, and the true effect on the champion's."""

    salt: str
    decided: tuple[Decided, ...]
    planted: float

    def arm(self, name: str) -> list[Decided]:
        return [one for one in self.decided if one.arm == name]


def live(seed: int, folder: Path) -> Year:
    """Simulate the leads of a company and decide about them, each arm as a node would deal it."""
    plan = Plan(seed=seed, until=UNTIL)
    given = spec_of(plan).plain()
    sales = next(one for one in given["departments"] if "leads" in one["tables"])
    north = [{**region, "share": 1.0} for region in sales["regions"] if region["name"] == "north"]
    only = [{**sales, "tables": {"leads": sales["tables"]["leads"]}, "regions": north}]
    kept = [event for event in given["events"] if event["table"] == "leads"]
    rows = round(LEADS_A_DAY * given["days"])
    demo.generate(demo.read_spec(given | {"departments": only, "events": kept, "rows": rows}), folder)
    place = str(folder / "{}" / "sales" / "north" / "leads.parquet")
    table = leads.joined(pl.read_parquet(place.format("data")), pl.read_parquet(place.format("truth")))
    first, last = plan.at(0), plan.at(LIVE) - leads.WINDOW
    salt = f"salt {seed}"
    decided = []
    for row in table.filter(pl.col("created_at").is_between(first, last, closed="left")).iter_rows(named=True):
        arm = choose_arm(salt, str(row["lead_id"]), ARMS)
        called = arm == "champion" and (row["pages_viewed"] or 0) >= CALLED_FROM
        decided.append(leads.came_of(row, arm, leads.ACTED if called else "as usual", row["created_at"]))
    return Year(salt, tuple(decided), leads.planted_effect(decided, first, plan.at(LIVE)))


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Year]]:
    folder = tmp_path_factory.mktemp("years")
    yield [live(seed, folder / str(seed)) for seed in SEEDS]


def test_the_planted_effect_lies_in_the_interval_as_often_as_is_said(years: list[Year]) -> None:
    covered = wrong_side = 0
    for year in years:
        assert 0.01 < year.planted < 0.1
        treated, held = (year.arm(arm.name) for arm in ARMS)
        effect = compare(*(proportion(sum(one.sold for one in arm), len(arm)) for arm in (treated, held)))
        assert effect is not None and min(len(treated), len(held)) > 1000
        covered += effect.low <= year.planted <= effect.high
        wrong_side += effect.high < 0
    assert wrong_side == 0
    share = covered / len(years)
    assert share >= 0.75 if len(years) < 20 else 0.90 <= share <= 0.99, covered


def test_arms_that_were_dealt_as_planned_raise_no_alarm(years: list[Year]) -> None:
    """At an alarm of one in a thousand, a hundred years may raise one by chance; two would come once in two hundred times."""
    checks = [check_ratio([len(year.arm(arm.name)) for arm in ARMS], SHARES) for year in years]
    assert sum(1 for check in checks if check is None or not check.holds) <= 1


def test_a_hold_out_that_lost_subjects_is_caught(years: list[Year]) -> None:
    """A fault of a system takes a share of the held-out leads away, so that they never reach the log."""
    for year in years:
        kept = [one for one in year.arm("hold_out") if bucket("fault", one.lead) >= LOST * 10_000]
        check = check_ratio((len(year.arm("champion")), len(kept)), SHARES)
        assert check is not None and not check.holds, year.salt


def test_outcomes_that_are_told_for_one_arm_more_than_for_the_other_are_caught(years: list[Year]) -> None:
    """Nobody tells the losses of leads that nobody called: the hold-out looks better than it is."""
    for year in years:
        treated, held = (year.arm(arm.name) for arm in ARMS)
        told = [one for one in held if one.sold or bucket("fault", one.lead) >= LOST * 10_000]
        check = check_known((len(treated) - len(treated) // 100, len(told)), (len(treated), len(held)))
        assert check is not None and not check.holds, year.salt
