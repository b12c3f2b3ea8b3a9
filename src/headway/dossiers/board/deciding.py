"""The council's work in a board pack: what was decided and how, what waits and since when, which conditions were missed. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from headway.dossiers.board.records import BoardRecords
from headway.dossiers.entities import Cite, Drawn, Said, Statement
from headway.dossiers.phrases import counted, day, drawn, lack, say, share, table
from headway.governance import council

MOST = 40
UNDECIDED = (council.ItemState.open, council.ItemState.escalated)


def decided(r: BoardRecords) -> Drawn:
    """What was decided in the quarter, by whom or by which rule, and against whose vote."""
    found = [one for one in r.items if r.happened(one.decided_at)]
    if not r.bodies and not found:
        return drawn(lack("no council is set up, so that nothing was decided by one", "set one up: headway council"))
    if not found:
        return drawn(say("The council decided nothing in the quarter.", r.of_quarter()))
    automatic = [one for one in found if one.lane is council.Lane.automatic]
    rows = [
        (
            r.title(one.usecase),
            one.environment or "–",
            "rules, without people" if one.lane is council.Lane.automatic else one.body,
            one.state.value,
            day(one.decided_at),
            _days(one),
        )
        for one in found[:MOST]
    ]
    headers = ("use case", "environment", "by", "decision", "on", "days")
    return drawn(
        say(
            f"{counted(len(found), 'case was', 'cases were')} decided in the quarter, {len(automatic)} of them "
            f"({share(len(automatic) / len(found))}) by rules without people.",
            map(_cite, found),
        ),
        table("Decided in the quarter", headers, rows, map(_cite, found[:MOST]), numeric=(5,)),
        _dissent(r, found),
    )


def _days(one: council.Item) -> str:
    return "–" if one.decided_at is None else f"{(one.decided_at - one.opened_at).total_seconds() / 86400:.1f}"


def _dissent(r: BoardRecords, items: list[council.Item]) -> Iterator[Said]:
    against = {council.ItemState.approved: council.Choice.no, council.ItemState.rejected: council.Choice.yes}
    for one in items:
        for vote in one.votes:
            if vote.choice is against.get(one.state):
                yield say(
                    f"Against the decision on {r.title(one.usecase)} voted {r.name(vote.person)} ({vote.seat}): {vote.reason}",
                    _cite(one),
                )


def waiting(r: BoardRecords) -> Drawn:
    """What waits for a decision, the oldest first."""
    found = sorted((one for one in r.items if one.state in UNDECIDED), key=lambda one: one.opened_at)
    made = table(
        "Not decided yet, the oldest first",
        ("use case", "environment", "council", "standing", "opened", "until"),
        [
            (
                r.title(one.usecase),
                one.environment or "–",
                one.body,
                one.state.value,
                day(one.opened_at),
                day(one.closes_at),
            )
            for one in found[:MOST]
        ],
        map(_cite, found[:MOST]),
    )
    return drawn(made or say("Nothing waits for the council.", r.of_quarter()))


def conditions(r: BoardRecords) -> Drawn:
    """Conditions of what was approved: those that were missed block again, the others are still to be met."""
    return drawn(
        _conditions(r, missed=True),
        _conditions(r, missed=False),
        None if r.missed else say("No condition of the council was missed.", r.of_quarter()),
    )


def _conditions(r: BoardRecords, *, missed: bool) -> Statement | None:
    over = {one.id for one in r.missed}
    found = [one for one in r.conditions if (one.id in over) == missed]
    return table(
        "Conditions that were missed" if missed else "Conditions that are still to be met or accepted",
        ("use case", "condition", "by whom", "due", "shown"),
        [
            (r.title(one.usecase), one.text, r.name(one.owner), day(one.due_at), one.evidence or "–")
            for one in found[:MOST]
        ],
        (Cite(ref=f"council-item:{one.item}") for one in found[:MOST]),
    )


def _cite(one: council.Item) -> Cite:
    return Cite(ref=f"council-item:{one.id}")
