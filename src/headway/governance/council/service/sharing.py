"""How much intake rules decide without people and why, and how long everything else has waited."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from headway import identity
from headway.governance import store as governed
from headway.governance.council import lanes, store
from headway.governance.council.entities import Lane, Lanes, Pattern, Undecided
from headway.governance.entities import ApprovalState, Tier, UseCase
from headway.governance.intake import Umbrella, UmbrellaState
from headway.governance.service import approving, finding
from headway.kernel import clock
from headway.kernel.listing import ListQuery
from headway.kernel.paging import MAX_LIMIT


def intake_lanes(session: Session) -> Lanes:
    """Tell how intake of minimal risk was decided, and what waits for people now, the oldest first."""
    known = [one for one in governed.umbrellas(session) if one.approved_by and one.tier_now is Tier.minimal]
    names = identity.names_of(session, {one.approved_by for one in known if one.approved_by})
    patterns = [_pattern(one, names.get(one.approved_by or "", "somebody")) for one in known]
    by_rules = sum(one.registrations for one in patterns)
    alone = ListQuery(filters={"tier": (Tier.minimal.value,), "retired": ("false",)}, limit=1)
    by_people = finding.find_usecases(session, alone).total
    total = by_rules + by_people
    return Lanes(
        by_rules=by_rules,
        by_people=by_people,
        share=by_rules / total if total else None,
        patterns=tuple(sorted(patterns, key=lambda one: (-one.registrations, one.umbrella))),
        others=_others(session),
    )


def _pattern(found: Umbrella, name: str) -> Pattern:
    """A pattern with why rules could decide: those of the lane, who approved it, and until when."""
    _, why = lanes.lane_of(Tier.minimal, on_pattern=True)
    until = (
        f"it holds until {found.valid_until}" if found.state is UmbrellaState.in_force else "it is no longer in force"
    )
    return Pattern(
        umbrella=found.id,
        usecase=found.usecase,
        title=found.title,
        registrations=found.registrations,
        why=(*why, f"{name} approved the pattern", until),
    )


def _others(session: Session) -> tuple[Undecided, ...]:
    now = clock.now()
    items = store.list_items(session, states=store.UNDECIDED)
    taken = {one.approval for one in items}
    asked = [
        one
        for one in approving.list_approvals(session, state=ApprovalState.requested, limit=MAX_LIMIT).items
        if one.id not in taken
    ]
    wished = [one for one in governed.umbrellas(session) if one.state is UmbrellaState.asked]
    untold = _without_tier(session)
    slugs = {one.usecase for one in items} | {one.usecase for one in asked}
    titles = finding.usecase_titles(session, slugs)

    def line(ref: str, usecase: str, lane: Lane, since: datetime, title: str | None = None) -> Undecided:
        return Undecided(
            ref=ref, title=title or titles.get(usecase, usecase), lane=lane, since=since, days=(now - since).days
        )

    found = [line(f"council-item:{one.id}", one.usecase, Lane.council, one.opened_at) for one in items]
    found += [line(f"approval:{one.id}", one.usecase, Lane.reviewer, one.requested_at) for one in asked]
    found += [line(f"usecase:{one.usecase}", one.usecase, Lane.reviewer, one.asked_at, one.title) for one in wished]
    known = {one.ref for one in found}
    found += [
        line(f"usecase:{one.slug}", one.slug, Lane.council, one.opened_at, one.title)
        for one in untold
        if f"usecase:{one.slug}" not in known
    ]
    return tuple(sorted(found, key=lambda one: (one.since, one.ref)))


def _without_tier(session: Session) -> list[UseCase]:
    """Use cases whose tier nobody and nothing has decided yet; until then they count as high."""
    query = ListQuery(filters={"tier": (Tier.undecided.value,), "retired": ("false",)}, limit=MAX_LIMIT)
    return list(finding.find_usecases(session, query).items)
