"""The level of evidence, from counts of the arms alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from headway import serving
from headway.value import DeploymentValue, EvidenceLevel, Promise
from headway.value.judging import judge
from tests.factories.measured import PROMISE

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def arm(name: str, share: float, subjects: int, known: int, successes: int, **more: Any) -> serving.ArmOutcomes:
    nothing: dict[str, Any] = dict.fromkeys(serving.ArmOutcomes.__dataclass_fields__, 0)
    told = {"arm": name, "share": share, "subjects": subjects, "decisions": subjects, "due": subjects, "known": known}
    empty = {"amount_mean": None, "amount_variance": None, "median_delay_days": None}
    return serving.ArmOutcomes(**{**nothing, **empty, **told, "successes": successes, **more})


def judged(
    champion: tuple[int, int, int], held: tuple[int, int, int] | None, promise: Promise | None = PROMISE
) -> DeploymentValue:
    """Judge arms given as subjects, known outcomes and successes; a tenth is held out by plan."""
    share = 0.1 if held else 0.0
    arms = [arm("champion", 1 - share, *champion), *([arm("hold_out", share, *held)] if held else [])]
    deployment = serving.Deployment(
        id="dep_1",
        name="leads",
        environment="production",
        usecase="lead-scoring",
        version="model:lead-scoring@3",
        release="sha256-0",
        state=serving.DeploymentState.active,
        reason=None,
        held=None,
        kept_by=(),
        arms=tuple(serving.Arm(name=one.arm, release=None, share=one.share) for one in arms),
        subject_field="customer",
        bands=(),
        daily_limit=None,
        created_by="person:ana",
        created_at=NOW,
        changed_at=NOW,
        expires_at=None,
        url="/v1/decisions/leads",
    )
    found = serving.OutcomesByArm(
        deployment=deployment, since=NOW, window_days=None, free_action=None, arms=tuple(arms)
    )
    return judge(found, promise)


@pytest.mark.parametrize(
    ("champion", "held", "level", "why"),
    [
        ((9000, 9000, 1800), None, EvidenceLevel.projected, "there is no hold-out"),
        ((9000, 0, 0), (1000, 0, 0), EvidenceLevel.projected, "no outcome is known yet"),
        ((9000, 270, 50), (1000, 29, 6), EvidenceLevel.projected, "too few outcomes"),
        ((9000, 9000, 1800), (1000, 1000, 4), EvidenceLevel.projected, "too few outcomes"),
        ((9000, 9000, 1800), (1000, 1000, 120), EvidenceLevel.measured, "shows a gain"),
        ((9000, 9000, 1800), (1000, 1000, 195), EvidenceLevel.measured, "no gain is shown"),
        ((9000, 9000, 900), (1000, 1000, 180), EvidenceLevel.refuted, "worse than the hold-out"),
        ((9000, 9000, 1800), (700, 700, 80), EvidenceLevel.refuted, "did not fall into the arms as planned"),
        ((9000, 4500, 900), (1000, 900, 110), EvidenceLevel.projected, "not known equally often"),
    ],
)
def test_the_level_and_its_first_reason(
    champion: tuple[int, int, int], held: tuple[int, int, int] | None, level: EvidenceLevel, why: str
) -> None:
    made = judged(champion, held)
    assert made.level is level and why in made.why[0]
    believed = level is EvidenceLevel.measured or "worse" in why
    assert (made.worth is not None) == believed


def test_nothing_promised_and_nothing_measured_is_no_evidence() -> None:
    assert judged((10, 0, 0), (2, 0, 0), None).level is EvidenceLevel.none
    assert judged((10, 0, 0), (2, 0, 0), replace(PROMISE, gain=None)).level is EvidenceLevel.none
    assert judged((9000, 9000, 1800), (1000, 1000, 120), None).level is EvidenceLevel.measured


def test_what_is_missing_is_told_for_the_promised_difference() -> None:
    made = judged((9000, 900, 180), (1000, 100, 20))
    assert made.need is not None and made.need.detectable == PROMISE.effect
    # Two-sided 5 %, power 80 %, rate 0.2: (1.95996 + 0.84162)^2 x 0.16 x (1/0.9 + 1/0.1) / 0.03^2 = 15,503.5 in all.
    assert made.need.hold_out == pytest.approx(1551, abs=1) and made.need.hold_out_more == made.need.hold_out - 100
    assert any(f"{made.need.hold_out_more} more outcomes" in reason for reason in made.why)
    unpromised = judged((9000, 900, 180), (1000, 100, 20), None)
    assert unpromised.need is not None and unpromised.need.detectable == 0.05
