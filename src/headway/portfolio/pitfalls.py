"""Pitfalls that make pilots stall, read from facts and not from a form: what is known goes in, what to look at comes out. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from headway.governance import Tier
from headway.portfolio.entities import Pitfall, PitfallKind, Stage

SILENT = timedelta(days=60)
"""A sponsor who did nothing in Headway for so long is silent: a pilot's sandbox ends after a fraction of it."""
MOST_FAILED = 0.05
"""Share of rows that may break the contract; the gate's own bound decides a release, this one only warns."""
AT_WORK = (Stage.pilot, Stage.approval, Stage.live)


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """The rows that the newest version learnt from, as the quality report tells; None where it does not."""

    contract_checked: bool | None
    rows: int | None
    failed_rows: int | None
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A deployment above the sandbox whose gate would not let it in today."""

    deployment: str
    environment: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a use case when its pitfalls are looked for."""

    stage: Stage
    success_measure: str | None
    sponsor: str | None
    sponsor_has_account: bool
    sponsor_seen: datetime | None
    tier: Tier
    is_tier_by_person: bool
    built_at: datetime | None
    """When the newest version was made; None where nothing is built."""
    data: Data | None
    held: Sequence[Held]
    sandbox_ended: datetime | None
    """When the sandbox of the newest pilot reached its end, where nothing went further since."""
    now: datetime


def pitfalls(known: Known) -> tuple[Pitfall, ...]:
    """List the pitfalls of a use case, the most pressing first; a retired one has none."""
    if known.stage is Stage.retired:
        return ()
    found = [*_rollout(known), *_data(known), *_compliance(known), *_measure(known), *_sponsor(known), *_expired(known)]
    return tuple(sorted(found, key=lambda one: one.severity != "serious"))


def _rollout(known: Known) -> Iterator[Pitfall]:
    for one in known.held:
        yield Pitfall(
            kind=PitfallKind.rollout_ahead,
            severity="serious",
            found=f"{one.deployment} decides in {one.environment}, and its gate would not let it in today: "
            + "; ".join(one.reasons[:3]),
            todo="bring what the gate asks for, or suspend the deployment until it is there",
            ref=f"deployment:{one.environment}/{one.deployment}",
            since=None,
        )


def _data(known: Known) -> Iterator[Pitfall]:
    data = known.data
    if data is None:
        return
    if data.contract_checked is False:
        yield Pitfall(
            kind=PitfallKind.contract,
            severity="serious",
            found="the newest version learnt from rows that no contract was held against",
            todo="agree on a contract with the data's owner and register the data product with it",
            ref=None,
            since=data.made_at,
        )
    elif data.rows and data.failed_rows is not None and data.failed_rows / data.rows > MOST_FAILED:
        yield Pitfall(
            kind=PitfallKind.contract,
            severity="warning",
            found=f"{data.failed_rows / data.rows:.1%} of the rows that the newest version learnt from break the contract",
            todo="put the rows right where they come from, or agree on another contract",
            ref=None,
            since=data.made_at,
        )


def _compliance(known: Known) -> Iterator[Pitfall]:
    if known.built_at is None:
        return
    if known.tier is Tier.undecided:
        told, todo = "something is built, and nobody knows its legal tier", "answer the open questions about its risk"
    elif known.tier in (Tier.high, Tier.prohibited) and not known.is_tier_by_person:
        told = f"its tier is {known.tier.value} by the rules, and nobody has looked at that in person"
        todo = "ask the council to decide the tier, with reasons"
    else:
        return
    yield Pitfall(
        kind=PitfallKind.compliance, severity="serious", found=told, todo=todo, ref=None, since=known.built_at
    )


def _measure(known: Known) -> Iterator[Pitfall]:
    if known.built_at is not None and not known.success_measure:
        yield Pitfall(
            kind=PitfallKind.no_measure,
            severity="serious",
            found="it was built before anybody said what would show that it worked",
            todo="name one figure and what it is compared with, before more is built",
            ref=None,
            since=known.built_at,
        )


def _sponsor(known: Known) -> Iterator[Pitfall]:
    if known.stage not in AT_WORK:
        return
    since = known.sponsor_seen
    if not known.sponsor:
        told, todo = "nobody stands behind it and pays", "find a sponsor before the pilot ends"
    elif not known.sponsor_has_account:
        told, todo = f"its sponsor {known.sponsor} has no account here", "invite the sponsor, or name another one"
    elif since is None or known.now - since > SILENT:
        days = f"for {(known.now - since).days} days" if since else "ever"
        told = f"nothing was heard of its sponsor {known.sponsor} here {days}"
        todo = "ask the sponsor whether it still matters; without one it will not scale"
    else:
        return
    yield Pitfall(kind=PitfallKind.silent_sponsor, severity="warning", found=told, todo=todo, ref=None, since=since)


def _expired(known: Known) -> Iterator[Pitfall]:
    if known.stage is Stage.pilot and known.sandbox_ended is not None:
        yield Pitfall(
            kind=PitfallKind.expired_pilot,
            severity="warning",
            found="the pilot's sandbox has reached its end, and nothing has happened since",
            todo="ask for promotion, start another pilot, or retire the use case",
            ref=None,
            since=known.sandbox_ended,
        )
