"""Break-glass: in an emergency two people let one exact subject into an environment that its gate blocks, for three days.

It never helps a revoked subject, a prohibited use or one whose tier is not decided, and it replaces no signature or digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from headway.governance.entities import (
    BreakGlass,
    BreakGlassStanding,
    BreakGlassState,
    ControlResult,
    ReviewFinding,
    Status,
    Tier,
)
from headway.kernel.errors import Fault
from headway.kernel.settings import ENVIRONMENTS

SERVE = timedelta(days=3)
"""How long it lets in, and within which time it has to be reviewed."""
CONFIRM = timedelta(days=1)
"""A request that nobody confirmed by then is no emergency any more."""
GATES = ("pre_deploy", "change", "operate")
"""What an emergency may pass: letting in, changing and keeping at work; nothing begins or ends by it."""
MIN_TEXT, MAX_TEXT = 10, 2_000
NEVER = (Tier.prohibited, Tier.undecided)
NOT_FINE = (Status.failed, Status.indeterminate)


def faults(environment: str, texts: dict[str, str]) -> list[Fault]:
    """Find everything that is wrong with what is asked for or said; ``texts``: what must say enough, by field."""
    found = []
    if environment not in ENVIRONMENTS:
        message = f"environment is one of {', '.join(ENVIRONMENTS)}"
        found.append(Fault(rule="break_glass.environment", column="environment", value=environment, message=message))
    for name, text in texts.items():
        if not MIN_TEXT <= len(text.strip()) <= MAX_TEXT:
            message = f"{name}: write {MIN_TEXT} to {MAX_TEXT} characters"
            found.append(Fault(rule=f"break_glass.{name}", column=name, message=message))
    return found


def is_in_force(one: BreakGlass, at: datetime) -> bool:
    """Tell whether it lets in at a time: confirmed, within three days, not found unjustified."""
    if one.confirmed_at is None or one.ends_at is None or not one.confirmed_at <= at < one.ends_at:
        return False
    return one.finding is not ReviewFinding.not_justified


def standing(one: BreakGlass, at: datetime) -> BreakGlassStanding:
    """Say where it stands at a time."""
    if one.state is BreakGlassState.requested:
        lapsed = at > one.requested_at + CONFIRM
        return BreakGlassStanding.lapsed if lapsed else BreakGlassStanding.requested
    if one.finding is not None:
        return BreakGlassStanding(one.finding.value)
    if one.state is BreakGlassState.rejected or one.ends_at is None:
        return BreakGlassStanding.rejected
    return BreakGlassStanding.overdue if at >= one.ends_at else BreakGlassStanding.open


def broken(
    controls: Iterable[ControlResult], tier: Tier, opened: Sequence[BreakGlass]
) -> tuple[tuple[ControlResult, ...], tuple[BreakGlass, ...]]:
    """Turn what blocks into waived, when a break-glass is in force for this subject here.

    Returns: the controls, and the break-glass that was needed.
    """
    found = tuple(controls)
    blocking = [one for one in found if one.status in NOT_FINE and one.enforce == "block"]
    if not opened or not blocking or tier in NEVER:
        return found, ()
    longest = max(opened, key=lambda one: (one.ends_at, one.id))
    return tuple(_excused(one, longest) if one in blocking else one for one in found), (longest,)


def _excused(control: ControlResult, one: BreakGlass) -> ControlResult:
    until = f"{one.ends_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if one.ends_at else "-"
    reason = (
        f"let in until {until} by break-glass {one.id}: {one.reason}; it would be {control.status}: {control.reason}"
    )
    return replace(control, status=Status.waived, reason=reason)


def placed(one: BreakGlass, at: datetime) -> BreakGlass:
    """Give it with its standing at a time."""
    return replace(one, standing=standing(one, at))
