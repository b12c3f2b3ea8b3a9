"""Risks, incidents and alerts in a board pack. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from headway.dossiers.board.records import BoardRecords
from headway.dossiers.entities import Cite, Drawn, Lack, Said, Statement
from headway.dossiers.phrases import counted, day, drawn, lack, named, say, table
from headway.dossiers.standing import yearly
from headway.governance import Tier, risks
from headway.incidents import ClockState, IncidentState
from headway.monitoring import AlertState
from headway.portfolio import Stage

TOP, MOST = 10, 40


def top(r: BoardRecords) -> Drawn:
    """The risks that are expected to cost most, with what nineteen of twenty years stay below; and harms beside them."""
    found = sorted((one for register in r.registers for one in register.risks), key=lambda one: -one.residual.expected)
    chosen = [one for currency in _currencies(found) for one in _of(found, currency)[:TOP]]
    rows = [
        (
            r.title(one.usecase),
            one.estimate.title,
            yearly(one.inherent, one),
            yearly(one.residual, one),
            ", ".join(f"{harm.value} {severity.value}" for harm, severity in sorted(one.estimate.harms.items())) or "–",
        )
        for one in chosen
    ]
    headers = ("use case", "risk", "a year, nothing done", "a year, as treated", "harm that is no money")
    cites = [Cite(ref=f"risk:{one.id}") for one in chosen]
    caption = f"The {TOP} largest of each currency: expected, and what nineteen of twenty years stay below"
    return drawn(
        say(f"{counted(len(found), 'risk is', 'risks are')} open in the register.", _of_risks(found))
        if found
        else None,
        table(caption, headers, rows, cites),
        _unregistered(r),
    )


def _currencies(found: list[risks.Risk]) -> list[str]:
    return list(dict.fromkeys(one.estimate.currency for one in found))


def _of(found: list[risks.Risk], currency: str) -> list[risks.Risk]:
    return [one for one in found if one.estimate.currency == currency]


def _of_risks(found: list[risks.Risk]) -> Iterator[Cite]:
    for one in found:
        yield Cite(ref=f"risk:{one.id}")


def _unregistered(r: BoardRecords) -> Iterator[Lack]:
    known = {register.usecase for register in r.registers if register.risks}
    found = [one for one in r.at_stage(Stage.live) if one.tier is Tier.high and one.slug not in known]
    if found:
        yield lack(
            f"no risk is written down for {named(one.title for one in found)}, at work and of the tier high",
            "write risks down on the page risks.Risk register of each",
        )
    if not any(register.risks for register in r.registers):
        yield lack("the register holds no open risk", "write risks down: headway risk add")


def overdue(r: BoardRecords) -> Drawn:
    """Treatments whose day is over."""
    found = [(register, one) for register in r.registers for one in register.overdue]
    titles = {one.id: one.estimate.title for register in r.registers for one in register.risks}
    made = table(
        "Treatments that are overdue",
        ("use case", "risk", "what was to be done", "by whom", "due"),
        [
            (r.title(register.usecase), titles.get(one.risk, one.risk), one.action, r.name(one.owner), day(one.due_on))
            for register, one in found[:MOST]
        ],
        (Cite(ref=f"risk:{one.risk}") for _, one in found[:MOST]),
    )
    return drawn(made or say("No treatment of a risk is overdue.", r.of_inventory()))


def incidents(r: BoardRecords) -> Drawn:
    """What went wrong, and how its clocks stand."""
    if not r.incidents:
        return drawn(say("No incident was opened in the quarter, and none is open from before.", r.of_quarter()))
    rows = [
        (
            one.title,
            one.severity.value if one.severity else "not judged",
            one.state.value,
            day(one.aware_at),
            named(r.title(slug) for slug in one.usecases) or "–",
        )
        for one in (view.incident for view in r.incidents[:MOST])
    ]
    cites = [Cite(ref=f"incident:{view.incident.id}") for view in r.incidents]
    opened = sum(r.happened(view.incident.opened_at) for view in r.incidents)
    standing = sum(view.incident.state is not IncidentState.closed for view in r.incidents)
    return drawn(
        say(
            f"{counted(opened, 'incident was', 'incidents were')} opened in the quarter; {standing} not closed.", cites
        ),
        table("Incidents", ("incident", "severity", "standing", "known since", "use cases"), rows, cites[:MOST]),
        _clocks(r),
        _late(r),
        _unjudged(r),
    )


def _clocks(r: BoardRecords) -> Statement | None:
    found = [(view, one) for view in r.incidents for one in view.clocks if one.state is not ClockState.stopped]
    return table(
        "Their clocks",
        ("incident", "what is due", "to whom", "where", "until", "standing"),
        [
            (
                view.incident.title,
                f"{one.title} ({one.source})",
                one.to,
                one.jurisdiction,
                f"{one.until:%Y-%m-%d %H:%M} UTC",
                "late" if one.is_late else one.state.value,
            )
            for view, one in found[:MOST]
        ],
        (Cite(ref=f"incident:{view.incident.id}") for view, _ in found[:MOST]),
    )


def _late(r: BoardRecords) -> Iterator[Said]:
    for view in r.incidents:
        found = [one for one in view.clocks if one.is_late]
        if found:
            what = named(one.title for one in found)
            told = f"The time is over for {counted(len(found), 'clock')} of {view.incident.title}: {what}."
            yield say(told, Cite(ref=f"incident:{view.incident.id}"))


def _unjudged(r: BoardRecords) -> Iterator[Lack]:
    for view in r.incidents:
        if view.incident.severity is None:
            yield lack(f"nobody has judged how bad {view.incident.title} is", "judge it on its page")


def alerts(r: BoardRecords) -> Drawn:
    """What monitoring saw."""
    found = table(
        "Alerts opened in the quarter, or open from before",
        ("use case", "deployment", "what", "how large", "since", "standing"),
        [
            (
                r.title(one.usecase),
                f"{one.deployment} in {one.environment}",
                one.kind.value,
                one.severity.value,
                day(one.since),
                one.state.value,
            )
            for one in r.alerts[:MOST]
        ],
        (Cite(ref=f"alert:{one.id}") for one in r.alerts[:MOST]),
    )
    open_ones = [one for one in r.alerts if one.state is AlertState.open]
    told = f"{counted(len(open_ones), 'alert waits', 'alerts wait')} for an answer."
    return drawn(
        found or say("Monitoring opened no alert in the quarter, and none is open from before.", r.of_quarter()),
        say(told, (Cite(ref=f"alert:{one.id}") for one in open_ones)) if open_ones else None,
        lack("nothing is at work, so that nothing was watched", "bring a pilot to work")
        if not r.at_stage(Stage.live)
        else None,
    )
