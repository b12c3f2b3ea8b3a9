"""Value in a board pack: what was measured with its interval, what is only projected, what nobody measures. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from headway.dossiers.board.records import BoardRecords
from headway.dossiers.entities import Cite, Drawn, Lack, Ranged, Said, Statement
from headway.dossiers.phrases import counted, drawn, lack, money, named, say, table
from headway.governance import UseCase
from headway.kernel.money import Money
from headway.portfolio import Stage
from headway.value import DeploymentValue, EvidenceLevel


def earned(r: BoardRecords) -> Drawn:
    """What is at work was worth, by the level of the evidence."""
    return drawn(_measures(r), _together(r), _plotted(r), _refuted(r), _unmeasured(r))


def _measures(r: BoardRecords) -> Statement | None:
    rows = [
        (
            r.title(one.usecase),
            f"{one.deployment} in {one.environment}",
            one.level.value,
            f"{one.effect.difference:+.2%} ({one.effect.low:+.2%} to {one.effect.high:+.2%})" if one.effect else "–",
            f"{money(one.worth.net.expected)} ({money(one.worth.net.low)} to {money(one.worth.net.high)})"
            if one.worth
            else "–",
        )
        for one in r.values
        if one.level is not EvidenceLevel.none
    ]
    return table(
        "Worth since its hold-out began, by the outcomes known now; intervals of 95 %",
        ("use case", "deployment", "level", "difference of success", "net value"),
        rows,
        (_cite(one) for one in r.values if one.level is not EvidenceLevel.none),
    )


def _together(r: BoardRecords) -> Iterator[Said]:
    for currency, found in _measured(r).items():
        ends = [_sum([getattr(one.worth.net, name) for one in found if one.worth]) for name in _ENDS]
        many = "" if len(found) == 1 else " The ends are added up, so that the interval is wider than the sum's own."
        yield say(
            f"Measured together in {currency}: {money(ends[0])} ({money(ends[1])} to {money(ends[2])}), of "
            f"{counted(len(found), 'deployment')}.{many}",
            (_cite(one) for one in found),
        )


_ENDS = ("expected", "low", "high")


def _measured(r: BoardRecords) -> dict[str, list[DeploymentValue]]:
    made: dict[str, list[DeploymentValue]] = {}
    for one in r.values:
        if one.level is EvidenceLevel.measured and one.worth:
            made.setdefault(Money.parse(one.worth.net.expected).currency, []).append(one)
    return made


def _sum(amounts: Sequence[str]) -> Money:
    total = Money.parse(amounts[0])
    for one in amounts[1:]:
        total = total + Money.parse(one)
    return total


def _plotted(r: BoardRecords) -> Iterator[Ranged]:
    for currency, found in _measured(r).items():
        yield Ranged(
            title=f"Measured net value in {currency}, with its interval of 95 %",
            points=tuple(_point(r, one) for one in found),
            currency=currency,
            label=f"Net value in {currency}",
            category="Use case",
            cites=tuple(_cite(one) for one in found),
        )


def _point(r: BoardRecords, one: DeploymentValue) -> tuple[str, float, float, float]:
    net = one.worth.net if one.worth else None
    expected, low, high = (float(Money.parse(getattr(net, name)).amount) for name in _ENDS)
    return r.title(one.usecase), expected, low, high


def _refuted(r: BoardRecords) -> Iterator[Said]:
    for one in r.values:
        if one.level is EvidenceLevel.refuted:
            yield say(f"{r.title(one.usecase)} shows no gain that holds: {'; '.join(one.why)}.", _cite(one))


def _unmeasured(r: BoardRecords) -> Iterator[Lack]:
    live = r.at_stage(Stage.live)
    if not live:
        yield lack("nothing is at work above the sandbox, so that nothing was earned", "bring a pilot to work")
        return
    levels: dict[str, set[EvidenceLevel]] = {}
    for one in r.values:
        levels.setdefault(one.usecase, set()).add(one.level)
    told = {EvidenceLevel.measured, EvidenceLevel.refuted}
    silent = [one for one in live if not levels.get(one.slug, set()) & (told | {EvidenceLevel.projected})]
    only = [one for one in live if one not in silent and not levels.get(one.slug, set()) & told]
    yield from _lacking(silent, "nobody measures or projects the worth of")
    yield from _lacking(only, "only projected, and not measured, is the worth of")


def _lacking(cases: Sequence[UseCase], what: str) -> Iterator[Lack]:
    if cases:
        yield lack(f"{what} {named(one.title for one in cases)}", "hold out a share of its cases and import outcomes")


def projected(r: BoardRecords) -> Drawn:
    """What people expect, drawn from what they think likely: never measured."""
    rows = [
        (
            r.title(slug),
            money(one.result.npv.mean),
            f"{money(one.result.npv.p10)} to {money(one.result.npv.p90)}",
            f"{one.result.probability_of_loss:.0%}",
            "–" if one.result.payback_months is None else str(one.result.payback_months),
            r.name(one.made_by),
        )
        for slug, one in r.projected.items()
    ]
    cites = [Cite(ref=f"projection:{one.id}", digest=one.digest) for one in r.projected.values()]
    headers = ("use case", "net present value", "eight of ten draws", "loss", "paid back after months", "by")
    found = table("Projections, the newest of each use case", headers, rows, cites, numeric=(1, 3, 4))
    return drawn(found or lack("no use case has a projection", "project it on the use case's page Value"))


def _cite(one: DeploymentValue) -> Cite:
    return Cite(ref=f"deployment:{one.environment}/{one.deployment}")
