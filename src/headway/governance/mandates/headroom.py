"""What the risk appetite leaves for use cases that may be given means: of some of them so many at most, of others none. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from headway.governance.mandates.appetite import COUNTED, Entry, Limit, LimitKind, counts, value_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """What a limit of the appetite leaves: of ``usecases`` at most ``room`` may be chosen.

    A tier or department counts what is live at once, so what is live already takes none of the room. Of people and money each
    use case is asked by itself: ``usecases`` are those that pass the limit, and ``unknown`` those that nobody estimated.
    """

    kind: LimitKind
    scope: str
    most: int
    currency: str
    live: int
    """How many are live in the tier or department; 0 for people and money."""
    room: int
    usecases: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom:
    """What a version of the appetite leaves, limit by limit."""

    version: int
    ceilings: tuple[Ceiling, ...]


def ceilings(
    limits: Iterable[Limit], asked: Sequence[Entry], live: Sequence[Entry], parents: Mapping[str, str | None]
) -> tuple[Ceiling, ...]:
    """Say what each limit leaves for the use cases that ask, given what is live now."""
    return tuple(_ceiling(one, asked, live, parents) for one in limits)


def _ceiling(limit: Limit, asked: Iterable[Entry], live: Iterable[Entry], parents: Mapping[str, str | None]) -> Ceiling:
    if limit.kind in COUNTED:
        taken = sum(counts(limit, one, parents) for one in live)
        held = [one.usecase for one in asked if one.since is None and counts(limit, one, parents)]
        return _made(limit, live=taken, room=max(0, limit.most - taken), usecases=held, unknown=[])
    told = {one.usecase: value_of(limit, one) for one in asked}
    unknown = [name for name, value in told.items() if value is None]
    passed = [name for name, value in told.items() if value is not None and value > limit.most]
    return _made(limit, live=0, room=0, usecases=[*passed, *unknown], unknown=unknown)


def _made(limit: Limit, *, live: int, room: int, usecases: Iterable[str], unknown: Iterable[str]) -> Ceiling:
    return Ceiling(
        kind=limit.kind,
        scope=limit.scope,
        most=limit.most,
        currency=limit.currency,
        live=live,
        room=room,
        usecases=tuple(sorted(usecases)),
        unknown=tuple(sorted(unknown)),
    )
