"""The portfolio in a board pack: what there is, at which stage and tier, what is new, what keeps it, what it owes. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from headway.dossiers.board.records import BoardRecords
from headway.dossiers.entities import Cite, Drawn, Lack, Plotted, Statement
from headway.dossiers.phrases import counted, day, drawn, lack, named, say, table
from headway.governance import Tier, UseCase
from headway.portfolio import Blocker, BlockerKind, Stage, Standing

MOST = 40
STAGES = {
    Stage.proposed: "proposed",
    Stage.pilot: "piloted",
    Stage.approval: "on the way to approval",
    Stage.live: "at work",
    Stage.retired: "retired",
}
KEPT = {
    BlockerKind.approval: "an approval that nobody has answered",
    BlockerKind.gate: "a gate that does not let it in",
    BlockerKind.suspended: "a deployment that was stopped",
    BlockerKind.missing: "what its entry leaves open",
}


def by_stage(r: BoardRecords) -> Drawn:
    """How many use cases stand where, by legal tier."""
    if not r.standings:
        return drawn(lack("no use case is in the inventory", "write down what is used: headway usecase open"))
    return drawn(
        say(f"The inventory holds {counted(len(r.standings), 'use case')}.", r.of_inventory()),
        _counted(r),
        Plotted(
            plot="bars",
            title="Use cases by stage",
            points=tuple((word, float(len(r.at_stage(stage)))) for stage, word in STAGES.items()),
            label="Use cases",
            category="Stage",
            cites=r.of_inventory(),
        ),
        _undecided(r),
    )


def _counted(r: BoardRecords) -> Statement | None:
    counts = Counter((one.stage, one.usecase.tier) for one in r.standings)
    tiers = [tier for tier in Tier if any(counts[stage, tier] for stage in Stage)]
    rows = [
        (word, *(str(counts[stage, tier]) for tier in tiers), str(sum(counts[stage, tier] for tier in tiers)))
        for stage, word in STAGES.items()
    ]
    total = ("all", *(str(sum(counts[stage, tier] for stage in Stage)) for tier in tiers), str(len(r.standings)))
    headers = ("stage", *(tier.value for tier in tiers), "all")
    numeric = tuple(range(1, len(headers)))
    return table("Use cases by stage and legal tier", headers, [*rows, total], r.of_inventory(), numeric=numeric)


def _undecided(r: BoardRecords) -> Iterator[Lack]:
    found = [
        one.usecase for one in r.standings if one.usecase.tier is Tier.undecided and one.stage is not Stage.retired
    ]
    if found:
        yield lack(
            f"the legal tier is not decided for {counted(len(found), 'use case')}: {named(one.title for one in found)}",
            "decide it on the page Risk of each",
        )


def new_and_ended(r: BoardRecords) -> Drawn:
    """What was opened and what was retired in the quarter."""
    opened = [one for one in r.cases if r.happened(one.opened_at)]
    ended = [one for one in r.cases if r.happened(one.retired_at)]
    return drawn(
        table(
            "Opened in the quarter",
            ("use case", "department", "tier", "opened", "who answers for it"),
            [
                (
                    one.title,
                    r.departments.get(one.department, one.department),
                    one.tier.value,
                    day(one.opened_at),
                    r.name(one.owner),
                )
                for one in opened[:MOST]
            ],
            r.of_cases(opened),
        ),
        say(f"{len(opened) - MOST} more were opened.", r.of_cases(opened[MOST:])) if len(opened) > MOST else None,
        table(
            "Retired in the quarter",
            ("use case", "retired", "why"),
            [(one.title, day(one.retired_at), one.retired_because or "–") for one in ended[:MOST]],
            r.of_cases(ended),
        ),
        None if opened else say("No use case was opened in the quarter.", r.of_quarter()),
        None if ended else say("No use case was retired in the quarter.", r.of_quarter()),
        _nobody(r, opened),
    )


def _nobody(r: BoardRecords, opened: list[UseCase]) -> Lack | None:
    found = [one for one in opened if not one.owner]
    if not found:
        return None
    return lack(f"nobody answers for {named(one.title for one in found)}", "name an owner on the page of each")


def kept(r: BoardRecords) -> Drawn:
    """What keeps use cases from going on: what waits for somebody, a gate, something that was stopped."""
    rows, cites = [], []
    for standing in r.standings:
        if standing.stage is Stage.retired:
            continue
        for one in standing.blockers:
            if one.kind is not BlockerKind.missing:
                rows.append((standing.usecase.title, STAGES[standing.stage], KEPT[one.kind], day(one.since)))
                cites.append(_about(standing, one))
    found = table("What keeps use cases", ("use case", "stage", "kept by", "since"), rows[:MOST], cites)
    return drawn(
        found or say("Nothing waits for an approval, a gate or something that was stopped.", r.of_inventory()),
        say(f"{len(rows) - MOST} more are kept.", cites[MOST:]) if len(rows) > MOST else None,
    )


def _about(standing: Standing, one: Blocker) -> Cite:
    kinds = {BlockerKind.approval: "approval:", BlockerKind.gate: "release:"}
    return Cite(ref=f"{kinds.get(one.kind, '')}{one.ref}" if one.ref else f"usecase:{standing.usecase.slug}")


def owed(r: BoardRecords) -> Drawn:
    """Assessments that use cases at work, or on their way there, owe and nobody has signed."""
    cites = [
        Cite(ref=f"assessment:{one.newest.id}") if one.newest else Cite(ref=f"usecase:{one.usecase}") for one in r.needs
    ]
    found = table(
        "Assessments that are owed and not signed",
        ("use case", "assessment", "standing", "seat"),
        [(r.title(one.usecase), one.title, one.standing.value, one.seat) for one in r.needs[:MOST]],
        cites,
    )
    return drawn(
        found or say("No use case at work, or on its way there, owes an assessment.", r.of_inventory()),
        say(f"{len(r.needs) - MOST} more are owed.", cites[MOST:]) if len(r.needs) > MOST else None,
    )
