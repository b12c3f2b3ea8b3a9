"""The operate gate's memory: a control that is lost is warned about first, and stops what runs once its days of grace are over.

What was lost before is held beside what is lost now. Nothing here knows a clock: the time of the run comes with the question.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from headway.governance.entities import ControlResult, FindingState, Pack, Status, Tier

SETTLING = timedelta(hours=1)
"""What was put to work so lately is not warned about yet: its first evidence is on the way. What stops at once does."""
GOES_ON = timedelta(days=30)
"""What was taken away and comes back within this time goes on where it stood, so that nobody wins days of grace by it."""
HOUSE = "headway"
PROHIBITED = "PROHIBITED"
RENEWED = frozenset({"monitoring_report", "log_config", "log_retention_proof", "approval_record"})
"""Evidence that the platform writes again and again of what runs, or of an approval itself: no part of what is approved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Which control, whatever the version of its pack."""

    pack: str
    control: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A blocking control that is not passed by something that runs."""

    key: Key
    title: str
    reason: str
    remedy: str
    grace_days: int | None  # None: it is only warned about


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How a lost control stands: since when, whether it is warned about or has stopped what runs, and when it will."""

    state: FindingState
    since: datetime
    suspends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a run makes of one subject: how each lost control stands now, and those that are over."""

    lost: Mapping[Key, Stand]
    cleared: tuple[Key, ...]


def losses(controls: Iterable[ControlResult], packs: Iterable[Pack], tier: Tier) -> tuple[Loss, ...]:
    """Name the controls that block here and are not passed. A prohibited use is one, whatever the packs say."""
    known = {(f"{pack.id}@{pack.version}", one.id): (pack.id, one) for pack in packs for one in pack.controls}
    found = []
    if tier is Tier.prohibited:
        found.append(
            Loss(
                key=Key(pack=HOUSE, control=PROHIBITED),
                title="The use is not prohibited",
                reason="the legal tier of the use case is prohibited",
                remedy="stop: the use is prohibited",
                grace_days=0,
            )
        )
    for result in controls:
        if result.enforce != "block" or result.status not in (Status.failed, Status.indeterminate):
            continue
        pack, control = known[result.pack, result.id]
        found.append(
            Loss(
                key=Key(pack=pack, control=control.id),
                title=control.title,
                reason=result.reason,
                remedy=control.missing,
                grace_days=control.grace_days,
            )
        )
    return tuple(found)


def step(
    before: Mapping[Key, datetime],
    lost: Sequence[Loss],
    *,
    at: datetime,
    begun: datetime,
    taken_away: Mapping[Key, datetime] | None = None,
) -> Step:
    """Judge one subject at one run.

    Args: before: since when each open finding is there. lost: what is not passed now. begun: when it was put to work.
    taken_away: since when findings were there that ended only because the subject was taken away, and not long ago.
    """
    away = taken_away or {}
    stands = {}
    for one in lost:
        since = before.get(one.key, away.get(one.key, at))
        if one.key in before or one.grace_days == 0 or at - begun >= SETTLING:
            stands[one.key] = stand(since, one.grace_days, at)
    return Step(lost=stands, cleared=tuple(key for key in before if key not in stands))


def stand(since: datetime, grace_days: int | None, at: datetime) -> Stand:
    """How a control stands that is lost since a time."""
    ends = None if grace_days is None else since + timedelta(days=grace_days)
    is_over = ends is not None and at >= ends
    return Stand(
        state=FindingState.suspended if is_over else FindingState.warned,
        since=since,
        suspends_at=ends,
    )
