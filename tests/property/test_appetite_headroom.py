"""What the appetite leaves is what keeps every limit once the chosen are live, counted without the code under test."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st

from headway.governance.mandates import Limit, LimitKind
from headway.governance.mandates.appetite import Entry
from headway.governance.mandates.headroom import ceilings

PARENTS = {"org": None, "sales": "org", "field": "sales", "hr": "org"}
BELOW = {"org": {"org", "sales", "field", "hr"}, "sales": {"sales", "field"}, "field": {"field"}, "hr": {"hr"}}
LIVE = datetime(2026, 1, 1, tzinfo=UTC)
SCOPES = {LimitKind.tier: ["minimal", "high"], LimitKind.department: list(BELOW)}


@st.composite
def entries(draw: st.DrawFn, prefix: str) -> list[Entry]:
    number = st.none() | st.integers(0, 9)
    return [
        Entry(
            usecase=f"{prefix}{place}", title="", department=draw(st.sampled_from(list(BELOW))),
            tier=draw(st.sampled_from(["minimal", "high"])), since=draw(st.sampled_from([LIVE, None])), people=draw(number),
            money_minor=draw(number), currency=draw(st.sampled_from(["EUR", "USD"])),
        )
        for place in range(draw(st.integers(0, 4)))
    ]  # fmt: skip


@st.composite
def limits(draw: st.DrawFn) -> Limit:
    kind = draw(st.sampled_from(LimitKind))
    scope = draw(st.sampled_from(SCOPES.get(kind, [""])))
    return Limit(
        kind=kind, scope=scope, most=draw(st.integers(0, 5)), currency="EUR" if kind is LimitKind.money else ""
    )


def keeps(limit: Limit, chosen: tuple[Entry, ...], live: list[Entry]) -> bool:
    """Whether what is chosen may go live under a limit; what is live already and not chosen is no fault of the choice."""
    if limit.kind is LimitKind.people:
        return all(one.people is not None and one.people <= limit.most for one in chosen)
    if limit.kind is LimitKind.money:
        return all(
            one.money_minor is not None and one.currency == "EUR" and one.money_minor <= limit.most for one in chosen
        )

    def is_meant(one: Entry) -> bool:
        return one.tier == limit.scope if limit.kind is LimitKind.tier else one.department in BELOW[limit.scope]

    new = {one.usecase for one in chosen if is_meant(one) and one.since is None}
    return not new or len(new | {one.usecase for one in live if is_meant(one)}) <= limit.most


@given(limits(), entries("asked"), entries("other"))
def test_a_choice_fits_the_room_exactly_when_it_keeps_the_limit(
    limit: Limit, asked: list[Entry], others: list[Entry]
) -> None:
    live = [one for one in [*asked, *others] if one.since is not None]
    [left] = ceilings([limit], asked, live, PARENTS)
    for chosen in chain.from_iterable(combinations(asked, size) for size in range(len(asked) + 1)):
        fits = len({one.usecase for one in chosen} & set(left.usecases)) <= left.room
        assert fits == keeps(limit, chosen, live)
