"""Waivers: one control, excused for a while by somebody above the normal approvers, with something else in its place.

A waiver never makes a control pass. At the gate it turns a failed or unanswered control into a waived one, which warns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from headway.governance.entities import Control, ControlResult, Pack, Status, Tier, Waiver, WaiverStanding
from headway.kernel.errors import Fault
from headway.kernel.settings import ENVIRONMENTS

MAX_DAYS = 30
MIN_TEXT = 10
MAX_TEXT = 2_000
SOON = timedelta(days=7)
GAP = timedelta(days=30)
"""One waiver follows another when it begins within this time after the end of the one before."""
LONG_ROW = 3
"""So many in a row are told as a pitfall: the exception has become the rule."""
NOT_FINE = (Status.failed, Status.indeterminate)


def faults(environment: str, days: int, texts: dict[str, str]) -> list[Fault]:
    """Find everything that is wrong with what is asked for; ``texts``: what must say enough, by field."""
    found = []
    if environment not in ENVIRONMENTS:
        message = f"environment is one of {', '.join(ENVIRONMENTS)}"
        found.append(Fault(rule="waiver.environment", column="environment", value=environment, message=message))
    if not 1 <= days <= MAX_DAYS:
        message = f"a waiver holds for 1 to {MAX_DAYS} days"
        found.append(Fault(rule="waiver.days", column="days", value=str(days), message=message))
    for name, text in texts.items():
        if not MIN_TEXT <= len(text.strip()) <= MAX_TEXT:
            message = f"{name.replace('_', ' ')}: write {MIN_TEXT} to {MAX_TEXT} characters"
            found.append(Fault(rule=f"waiver.{name}", column=name, message=message))
    return found


def control_of(packs: Iterable[Pack], pack: str, control: str) -> Control | None:
    """Find a control by the name of its pack and its own; None when no pack in force has it."""
    return next((one for kept in packs if kept.id == pack for one in kept.controls if one.id == control), None)


def ends_at(granted_at: datetime, days: int) -> datetime:
    """Say when a waiver that is granted now ends."""
    return granted_at + timedelta(days=days)


def last_moment(waiver: Waiver) -> datetime | None:
    """Say when a granted waiver ends or ended; None when it was never granted."""
    return waiver.ended_at or waiver.ends_at


def is_in_force(waiver: Waiver, at: datetime) -> bool:
    """Tell whether a waiver counts at a time: granted by then, not ended, not over."""
    end = last_moment(waiver)
    return end is not None and waiver.answered_at is not None and waiver.answered_at <= at < end


def standing(waiver: Waiver, at: datetime) -> WaiverStanding:
    """Say where a waiver stands at a time."""
    if waiver.ends_at is None:
        return WaiverStanding(waiver.state.value)
    if not is_in_force(waiver, at):
        return WaiverStanding.ended if waiver.ended_at is not None else WaiverStanding.over
    return WaiverStanding.ending if waiver.ends_at - at <= SOON else WaiverStanding.in_force


def counted(line: Sequence[Waiver], at: datetime) -> list[Waiver]:
    """Number the waivers of one control of one use case in one environment.

    Args: line: all of them, oldest request first. Those that were refused are given the number they would have had.
    Returns: the same, with ``number``, ``in_a_row`` and ``standing`` as they are at that time.
    """
    granted: list[Waiver] = []
    found = []
    for one in line:
        row = 1
        if granted:
            before, start = granted[-1], one.answered_at if one.ends_at is not None else at
            ended = last_moment(before)
            if ended is not None and (start or at) - ended <= GAP:
                row = before.in_a_row + 1
        told = replace(one, number=len(granted) + 1, in_a_row=row, standing=standing(one, at))
        found.append(told)
        if told.ends_at is not None:
            granted.append(told)
    return found


def counting(
    waivers: Iterable[Waiver], environment: str, subject_digest: str, tier: Tier, at: datetime
) -> tuple[Waiver, ...]:
    """Choose the waivers that count for a subject in an environment at a time; none for a prohibited use."""
    if tier is Tier.prohibited:
        return ()
    return tuple(
        one
        for one in waivers
        if one.environment == environment and one.subject_digest in (None, subject_digest) and is_in_force(one, at)
    )


def excused(
    controls: Iterable[ControlResult], packs: Iterable[Pack], waivers: Sequence[Waiver]
) -> tuple[tuple[ControlResult, ...], tuple[Waiver, ...]]:
    """Turn what failed or could not be answered into waived where a waiver counts and the control may be waived.

    Returns: the controls, and the waivers that were needed.
    """
    waivable = {(f"{pack.id}@{pack.version}", one.id) for pack in packs for one in pack.controls if one.waivable}
    used: list[Waiver] = []
    found = []
    for control in controls:
        named = [one for one in waivers if (one.pack, one.control) == (control.pack.partition("@")[0], control.id)]
        if control.status in NOT_FINE and named and (control.pack, control.id) in waivable:
            longest = max(named, key=lambda one: (last_moment(one), one.id))
            used.append(longest)
            found.append(replace(control, status=Status.waived, reason=_reason(longest, control)))
        else:
            found.append(control)
    return tuple(found), tuple(used)


def _reason(waiver: Waiver, control: ControlResult) -> str:
    end = last_moment(waiver)
    day = f"{end.astimezone(UTC):%Y-%m-%d}" if end else "-"
    return f"waived until {day} by {waiver.id}; instead: {waiver.compensation}; it would be {control.status}: {control.reason}"


def first_end(waivers: Iterable[Waiver]) -> datetime | None:
    """Say when the first of some waivers ends, since nothing that rests on them lasts longer; None when there are none."""
    return min((end for one in waivers if (end := last_moment(one)) is not None), default=None)
