"""Who holds what: the people behind each step, steps that nobody holds, that one person holds alone, or that meet in one person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from headway.governance.mandates.rights import (
    ACTING,
    EVERY,
    NEEDED,
    NOBODY,
    SEAT,
    STAGES,
    RightsRow,
    Stage,
    Step,
)
from headway.identity import LANES

Weakness = Literal["nobody", "one_person", "same_person"]
WEAKNESSES: Final[tuple[Weakness, ...]] = ("nobody", "one_person", "same_person")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A role or seat, and the people who hold it where it is asked for."""

    holder: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepHeld:
    """A step in a department: who may take it. ``is_named``: the matrix names them; else the permission rules have it so.

    ``weaknesses``: nobody holds it; one person holds it alone; the same person holds the proposal and the decision alone.
    """

    department: str
    lane: str
    stage: str
    step: Step
    is_named: bool
    held: tuple[Held, ...]
    people: tuple[str, ...]
    weaknesses: tuple[Weakness, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who holds roles and seats in one department, the roles also above it; and roles in any department at all."""

    department: str
    roles: Mapping[str, tuple[str, ...]]
    seats: Mapping[str, tuple[str, ...]]
    anywhere: Mapping[str, tuple[str, ...]]

    def of(self, holder: str, *, anywhere: bool = False) -> tuple[str, ...]:
        """The people of a role or seat."""
        if holder.startswith(SEAT):
            return self.seats.get(holder[len(SEAT) :], ())
        return (self.anywhere if anywhere else self.roles).get(holder, ())


def steps_of(
    rows: Sequence[RightsRow], able: Mapping[str, frozenset[str]], people: People, *, lanes: Iterable[str] = LANES
) -> tuple[StepHeld, ...]:
    """Say who holds every step in one department: whom every row that counts names, and whom the permission rules let do it.

    Args: able: for each action the roles that the permission rules let do it, which counts where nobody is named.
    """
    found = []
    for stage in STAGES.values():
        for lane in lanes if stage.has_lanes else (EVERY,):
            found += _stage(stage, lane, rows, able, people)
    return tuple(found)


def _stage(
    stage: Stage, lane: str, rows: Sequence[RightsRow], able: Mapping[str, frozenset[str]], people: People
) -> list[StepHeld]:
    counting = [row for row in rows if row.stage == stage.name and row.lane in (lane, EVERY)]
    made = [
        _step(stage, step, lane=lane, rows=counting, able=able, people=people)
        for step in ACTING
        if stage.is_in(step, lane)
    ]
    by_step = {one.step: one for one in made}
    proposing, deciding = by_step.get("proposes"), by_step.get("decides")
    return [_weighed(one, is_same=one is deciding and proposing is not None and _same(proposing, one)) for one in made]


def _same(proposing: StepHeld, deciding: StepHeld) -> bool:
    """Whether the only person who may decide may also propose, so that what they propose nobody else decides."""
    return len(deciding.people) == 1 and deciding.people[0] in proposing.people


def _step(
    stage: Stage,
    step: Step,
    *,
    lane: str,
    rows: Sequence[RightsRow],
    able: Mapping[str, frozenset[str]],
    people: People,
) -> StepHeld:
    named = [row.named(step) for row in rows if row.named(step)]
    permitted = sorted({role for action in stage.actions(step) for role in able.get(action, ())})
    anywhere = stage.is_decided_anywhere and step == "decides"
    by = {one: people.of(one, anywhere=anywhere) for one in (*permitted, *(one for group in named for one in group))}
    counting = {person for role in permitted for person in by[role]}
    for group in named:
        counting &= {person for holder in group for person in by[holder]}
    holders = [one for one in (named[0] if named else permitted) if one != NOBODY]
    held = tuple(Held(holder=one, people=tuple(who for who in by[one] if who in counting)) for one in holders)
    who = tuple(dict.fromkeys(person for one in held for person in one.people))
    return StepHeld(
        department=people.department,
        lane=lane,
        stage=stage.name,
        step=step,
        is_named=bool(named),
        held=held,
        people=who,
        weaknesses=(),
    )


def _weighed(one: StepHeld, *, is_same: bool) -> StepHeld:
    found: list[Weakness] = []
    if not one.people:
        found.append("nobody")
    elif len(one.people) == 1 and one.step in NEEDED:
        found.append("one_person")
    if is_same:
        found.append("same_person")
    return StepHeld(
        department=one.department,
        lane=one.lane,
        stage=one.stage,
        step=one.step,
        is_named=one.is_named,
        held=one.held,
        people=one.people,
        weaknesses=tuple(found),
    )


def unheld(steps: Iterable[StepHeld], *, stage: str, lane: str, but: str | None = None) -> tuple[StepHeld, ...]:
    """The steps of a stage that something would wait at and that nobody holds.

    Only what the matrix names counts: without it, the permission rules are as they are. Args: but: a person who asks, and so
    does not decide.
    """
    lanes = {lane, EVERY}
    return tuple(
        one
        for one in steps
        if one.stage == stage
        and one.lane in lanes
        and one.step in NEEDED
        and one.is_named
        and not set(one.people) - ({but} if one.step == "decides" and but else set())
    )


def told(
    rows: Iterable[RightsRow], people: People, *, event: str, lane: str, environment: str | None
) -> tuple[str, ...]:
    """The people whom a matrix has told of an event in one department; of the organisation's own, holders anywhere."""
    found: list[str] = []
    for row in rows:
        stage = STAGES[row.stage]
        if event not in stage.told_of or row.lane not in (lane, EVERY) or stage.environment not in (None, environment):
            continue
        found += [one for holder in row.told for one in people.of(holder, anywhere=stage.is_decided_anywhere)]
    return tuple(dict.fromkeys(found))
