"""Means and limits in a board pack: mandates, money asked for and given, the risk appetite. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from headway.dossiers.board.records import BoardRecords
from headway.dossiers.entities import Cite, Drawn, Lack, Said, Statement
from headway.dossiers.phrases import day, drawn, lack, named, say, table
from headway.dossiers.phrases import money as written
from headway.governance import mandates
from headway.kernel.money import Money
from headway.portfolio import Allocation, AllocationState

MOST = 40


def signed(r: BoardRecords) -> Drawn:
    """Who answers for means, with how much, until when."""
    if not r.programmes:
        return drawn(
            lack(
                "no programme has a sponsor's mandate, so that nobody has signed for means", "open one: headway mandate"
            )
        )
    rows = [
        (
            one.title,
            r.name(one.sponsor),
            one.state.value.replace("_", " "),
            written(Money(one.mandate.budget_minor, one.mandate.currency)) if one.mandate else "–",
            f"{one.mandate.people:g}" if one.mandate else "–",
            day(one.ends_on),
        )
        for one in r.programmes
    ]
    headers = ("programme", "sponsor", "mandate", "budget", "people", "until")
    return drawn(
        table("Programmes and their mandates", headers, rows, _of_programmes(r), numeric=(3, 4)),
        (
            say(f"{one.title} takes in nothing new: {one.closed}.", _of_programme(one.slug))
            for one in r.programmes
            if one.closed
        ),
    )


def _of_programmes(r: BoardRecords) -> Iterator[Cite]:
    for one in r.programmes:
        yield Cite(ref=f"programme:{one.slug}", digest=one.mandate.digest if one.mandate else None)


def _of_programme(slug: str) -> Cite:
    return Cite(ref=f"programme:{slug}")


def money(r: BoardRecords) -> Drawn:
    """What use cases ask for, and what rounds gave."""
    if not r.requests and not r.allocations:
        return drawn(
            lack(
                "no use case has asked for means, and no round gave any",
                "ask on the use case's page Means; the AI office drafts a round",
            )
        )
    return drawn(_asked(r), (part for one in r.allocations for part in _round(r, one)), _no_round(r))


def _asked(r: BoardRecords) -> Statement | None:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for one in r.requests:
        for at, amount in enumerate((1, one.budget, one.compute_hours, one.people)):
            sums[one.currency][at] += amount
    rows = [
        (currency, str(count), written(Money(budget, currency)), f"{hours:,}", f"{people / 100:g}")
        for currency, (count, budget, hours, people) in sorted(sums.items())
    ]
    cites = [Cite(ref=f"usecase:{one.usecase}") for one in r.requests]
    headers = ("currency", "use cases", "money", "hours of computing", "people")
    return table("Asked for, the newest request of each use case", headers, rows, cites, numeric=(1, 2, 3, 4))


def _round(r: BoardRecords, one: Allocation) -> Iterator[Statement | Lack]:
    cite = Cite(ref=f"allocation:{one.id}")
    plan = one.choice or one.best
    asked = sum(need.budget for need in one.needs)
    told = "chosen" if one.choice else "best choice, which nobody has decided on"
    rows = [
        ("use cases", str(len(one.needs)), str(len(plan.chosen)), "–"),
        ("money", _money(asked, one), _money(plan.used.budget, one), _money(one.limits.budget, one)),
        (
            "expected value",
            _money(sum(need.value for need in one.needs), one),
            _money(plan.used.value, one),
            "–",
        ),
    ]
    title = f"{one.title} ({one.starts} to {one.ends}): {one.state.value}"
    made = table(title, ("", "asked for", told, "limit"), rows, cite, numeric=(1, 2, 3))
    if made:
        yield made
    if one.cost_of_difference is not None and one.differences:
        yield say(
            f"The choice differs from the best one by {_money(one.cost_of_difference, one)} of expected value: "
            + "; ".join(f"{r.title(each.usecase)}: {each.reason}" for each in one.differences)
            + ".",
            cite,
        )
    if one.state is not AllocationState.decided:
        yield lack(f"nobody has decided the round {one.title}", "the council decides it: headway allocation decide")


def _money(amount: int | None, one: Allocation) -> str:
    return "–" if amount is None else written(Money(amount, one.currency))


def _no_round(r: BoardRecords) -> Lack | None:
    if r.allocations:
        return None
    return lack("no round gave means in the quarter", "the AI office drafts one: headway allocation draft")


def appetite(r: BoardRecords) -> Drawn:
    """How far each limit of the risk appetite is used."""
    if r.appetite is None:
        return drawn(
            lack("the organisation has no risk appetite in force", "the AI office adopts one: headway appetite")
        )
    cite = Cite(ref=f"appetite:{r.appetite.version}", digest=r.appetite.digest)
    rows = [
        (_limit(r, one), _amount(one, one.limit.most), _amount(one, one.used), "passed" if one.is_passed else "kept")
        for one in r.uses
    ]
    told = (
        f"Version {r.appetite.version} is in force since {day(r.appetite.confirmed_at)}, confirmed by "
        f"{r.name(r.appetite.confirmed_by)}."
    )
    return drawn(
        say(told, cite),
        table(
            "Limits and how far what is at work uses them", ("limit", "most", "used", ""), rows, cite, numeric=(1, 2)
        ),
        _passed(r),
    )


def _passed(r: BoardRecords) -> Iterator[Said]:
    for one in r.uses:
        if one.is_passed:
            cites = [Cite(ref=f"usecase:{each.usecase}") for each in one.entries]
            yield say(f"{_limit(r, one)} is passed by what is at work: {named(e.title for e in one.entries)}.", cites)


def _limit(r: BoardRecords, one: mandates.LimitUse) -> str:
    scope = one.limit.scope
    return {
        mandates.LimitKind.tier: f"Use cases of the tier {scope} at work",
        mandates.LimitKind.department: f"Use cases of {r.departments.get(scope, scope)} at work",
        mandates.LimitKind.people: "People affected by one use case",
        mandates.LimitKind.money: "Money at risk in one use case",
    }[one.limit.kind]


def _amount(one: mandates.LimitUse, value: int | None) -> str:
    if value is None:
        return "nobody said"
    return written(Money(value, one.limit.currency)) if one.limit.kind is mandates.LimitKind.money else f"{value:,}"
