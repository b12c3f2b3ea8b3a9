"""Judging a deployment by its arms: effect, checks, money, and the level of evidence with its reasons in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from headway import serving
from headway.kernel.money import Money
from headway.value.comparison import compare, interval_of, needed, proportion
from headway.value.entities import (
    ArmValue,
    DeploymentValue,
    Effect,
    EvidenceLevel,
    Group,
    Need,
    Promise,
    RatioCheck,
    RunningCost,
    Worth,
)
from headway.value.ratio import ALARM, check_known, check_ratio
from headway.value.worth import worth_of

FEWEST = 30
"""Outcomes in each arm below which nothing is called measured, whatever the interval says."""
FEWEST_OF_EACH = 5
"""Successes and failures in each arm, so that the normal approximation of a rate holds. Source: Cochran (1954)."""
DETECTABLE = 0.05
"""The difference of rates that must be seen, where no pilot says which it promises."""
CHAMPION, HOLD_OUT = "champion", "hold_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The two arms with all that was worked out of them."""

    champion: serving.ArmOutcomes
    hold_out: serving.ArmOutcomes | None
    is_amount: bool
    groups: tuple[Group | None, Group | None]
    effect: Effect | None
    ratio: RatioCheck | None
    known_ratio: RatioCheck | None
    need: Need | None
    is_enough: bool


def judge(found: serving.OutcomesByArm, promise: Promise | None, running: RunningCost | None = None) -> DeploymentValue:
    """Judge what came of a deployment's arms, beside what was promised for it and what running it cost."""
    made = compare_arms(found, promise)
    worth = _worth(made, promise, running)
    level, why = _judged(made, promise)
    deployment = found.deployment
    return DeploymentValue(
        deployment=deployment.name,
        environment=deployment.environment,
        usecase=deployment.usecase,
        version=deployment.version,
        state=deployment.state.value,
        since=found.since,
        window_days=found.window_days,
        measure="mean_amount" if made.is_amount else "success_rate",
        level=level,
        why=tuple(why),
        champion=_arm(made.champion, made.is_amount),
        hold_out=_arm(made.hold_out, made.is_amount) if made.hold_out else None,
        effect=made.effect,
        amount_effect=None if made.is_amount else _amount_effect(made),
        ratio=made.ratio,
        known_ratio=made.known_ratio,
        need=made.need,
        worth=worth,
        running=running,
        promise=promise,
        free_action=found.free_action,
        unread=sum(arm.unread for arm in found.arms),
        switched=sum(arm.switched for arm in found.arms),
    )


def compare_arms(found: serving.OutcomesByArm, promise: Promise | None) -> Compared:
    """Work out effect and checks of the champion against the hold-out; other arms are left out."""
    arms = {arm.arm: arm for arm in found.arms}
    champion, held = arms[CHAMPION], arms.get(HOLD_OUT)
    held = held if held is not None and held.share > 0 else None
    is_amount = any(arm.numbers for arm in found.arms)
    group, other = group_of(champion, is_amount), group_of(held, is_amount) if held else None
    effect = compare(group, other) if group and other else None
    ratio = known = None
    if held is not None:
        both = champion.share + held.share
        ratio = check_ratio((champion.subjects, held.subjects), (champion.share / both, held.share / both))
        known = check_known((_known(champion, is_amount), _known(held, is_amount)), (champion.due, held.due))
    return Compared(
        champion=champion,
        hold_out=held,
        is_amount=is_amount,
        groups=(group, other),
        effect=effect,
        ratio=ratio,
        known_ratio=known,
        need=_need(champion, held, promise, is_amount),
        is_enough=held is not None and all(_is_enough(arm, is_amount) for arm in (champion, held)),
    )


def group_of(arm: serving.ArmOutcomes, is_amount: bool) -> Group | None:
    """An arm's outcomes as a sample; None below two."""
    if not is_amount:
        return proportion(arm.successes, arm.known) if arm.known > 1 else None
    if arm.amount_mean is None or arm.amount_variance is None:
        return None
    return Group(n=arm.amounts, mean=arm.amount_mean, variance=arm.amount_variance)


def _known(arm: serving.ArmOutcomes, is_amount: bool) -> int:
    return arm.amounts if is_amount else arm.known


def _is_enough(arm: serving.ArmOutcomes, is_amount: bool) -> bool:
    if is_amount:
        return arm.amounts >= FEWEST
    return arm.known >= FEWEST and min(arm.successes, arm.known - arm.successes) >= FEWEST_OF_EACH


def _need(
    champion: serving.ArmOutcomes, held: serving.ArmOutcomes | None, promise: Promise | None, is_amount: bool
) -> Need | None:
    """What it takes to see the promised difference of rates, by the rate of both arms together."""
    if held is None or is_amount:
        return None
    promised = promise.effect if promise is not None and promise.effect and promise.effect > 0 else None
    known, successes = champion.known + held.known, champion.successes + held.successes
    rate = successes / known if known >= FEWEST and 0 < successes < known else 0.5  # a half needs the most
    variance = rate * (1.0 - rate)
    return needed(
        Group(n=champion.known, mean=rate, variance=variance),
        Group(n=held.known, mean=rate, variance=variance),
        held_out_share=held.share / (champion.share + held.share),
        detectable=promised or DETECTABLE,
    )


def _amount_effect(made: Compared) -> Effect | None:
    """The effect on amounts that were told beside success; none where every amount is a bare yes or no."""
    if made.hold_out is None or not made.champion.amounts or not made.hold_out.amounts:
        return None
    if not any(arm.amount_mean and arm.amount_mean > 1 for arm in (made.champion, made.hold_out)):
        return None
    groups = group_of(made.champion, True), group_of(made.hold_out, True)
    return compare(groups[0], groups[1]) if groups[0] and groups[1] else None


def _worth(made: Compared, promise: Promise | None, running: RunningCost | None) -> Worth | None:
    """Money, where a success has a price and the comparison may be believed: no sum is shown that nobody may count on."""
    held = made.hold_out
    is_believed = made.is_enough and made.ratio is not None and made.ratio.holds
    is_known_alike = made.known_ratio is None or made.known_ratio.holds
    if promise is None or made.effect is None or held is None or made.is_amount:
        return None
    if not (is_believed and is_known_alike):
        return None
    return worth_of(
        promise,
        made.effect,
        cases=made.champion.known,
        actions=made.champion.known_actions,
        held_out_cases=held.known,
        held_out_actions=held.known_actions,
        running=Money.parse(running.total) if running is not None else None,
    )


def _arm(arm: serving.ArmOutcomes, is_amount: bool) -> ArmValue:
    group, known = group_of(arm, is_amount), _known(arm, is_amount)
    reach = interval_of(group) if group else None
    return ArmValue(
        arm=arm.arm,
        share=arm.share,
        subjects=arm.subjects,
        decisions=arm.decisions,
        actions=arm.actions,
        due=arm.due,
        known=known,
        known_share=known / arm.due if arm.due else None,
        successes=None if is_amount else arm.successes,
        mean=group.mean if group else None,
        low=reach[0] if reach else None,
        high=reach[1] if reach else None,
        median_delay_days=arm.median_delay_days,
    )


# --- the level of evidence ---------------------------------------------------------------------------------------


def _judged(made: Compared, promise: Promise | None) -> tuple[EvidenceLevel, list[str]]:
    """Name the level and why, the deciding reason first."""
    held_back = list(_held_back(made))
    if made.ratio is not None and not made.ratio.holds:
        return EvidenceLevel.refuted, [_ratio_failed(made), *held_back]
    if held_back or made.effect is None:
        is_promised = promise is not None and promise.gain is not None
        level = EvidenceLevel.projected if is_promised else EvidenceLevel.none
        return level, held_back or ["no outcome varies yet, so that no interval can be stated"]
    said = _interval_said(made.effect)
    if made.effect.high < 0:
        return EvidenceLevel.refuted, [f"the model does worse than the hold-out: {said}"]
    if made.effect.low > 0:
        return EvidenceLevel.measured, [f"the hold-out shows a gain: {said}"]
    return EvidenceLevel.measured, [f"measured, and no gain is shown: {said} and so includes zero", *_more(made.need)]


def _held_back(made: Compared) -> Iterator[str]:
    """What keeps a comparison from being called measured."""
    if made.hold_out is None:
        yield "there is no hold-out: without one nothing tells what would have happened anyway"
        return
    known = (_known(made.champion, made.is_amount), _known(made.hold_out, made.is_amount))
    is_known = known[0] + known[1] > 0
    if not is_known:
        yield "no outcome is known yet"
    elif not made.is_enough:
        yield (
            f"too few outcomes: {known[0]} in the champion's arm and {known[1]} in the hold-out; each needs at least {FEWEST}"
            + ("" if made.is_amount else f", with {FEWEST_OF_EACH} successes and {FEWEST_OF_EACH} failures")
        )
        yield from _more(made.need)
    if made.ratio is None and is_known:
        yield "too few subjects to check whether chance split them as planned"
    if made.known_ratio is not None and not made.known_ratio.holds:
        yield (
            f"outcomes are not known equally often in both arms (p = {made.known_ratio.p:.2g}): "
            "what is missing may be what differs"
        )


def _ratio_failed(made: Compared) -> str:
    held, champion = made.hold_out, made.champion
    counts = f"{champion.subjects} to {held.subjects if held else 0}"
    p = made.ratio.p if made.ratio else 0.0
    return (
        f"subjects did not fall into the arms as planned: {counts}, p = {p:.2g}, below {ALARM}; "
        "something moves subjects between the arms or loses them, so that no figure here can be believed"
    )


def _interval_said(effect: Effect) -> str:
    return f"the interval of the effect reaches from {effect.low:+.4g} to {effect.high:+.4g}"


def _more(need: Need | None) -> Iterator[str]:
    if need is not None and (need.hold_out_more or need.champion_more):
        yield (
            f"to see a difference of {need.detectable:.3g} four times out of five it takes {need.hold_out_more} more outcomes "
            f"in the hold-out and {need.champion_more} more in the champion's arm"
        )
