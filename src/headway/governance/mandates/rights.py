"""Decision rights: who proposes, reviews, decides and is told, per lane and stage; and the rules that a matrix compiles to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from headway.governance.entities import Tier
from headway.identity import LANES, Role
from headway.kernel.errors import Fault

Step = Literal["proposes", "reviews", "decides", "told"]
STEPS: Final[tuple[Step, ...]] = ("proposes", "reviews", "decides", "told")
ACTING: Final[tuple[Step, ...]] = ("proposes", "reviews", "decides")
NEEDED: Final[tuple[Step, ...]] = ("reviews", "decides")
"""Steps that something waits for: when nobody holds one, what waits is blocked."""
EVERY: Final = "every"
NOBODY: Final = "nobody"
SEAT: Final = "seat:"
MOST_ROWS, LEAST_REASON, MOST_TEXT = 200, 20, 2_000
KEPT_BY_PLATFORM: Final = 'principal == Service::"headway"'
OWNERS_WORD: Final = 'resource.seats like "*,owner,*"'
"""Who answers for a use case says their part about it before the council, whatever a matrix says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage of a use case's life, or of the organisation's: the actions that its steps are, as the permission rules name them.

    ``environment``: it is about a release there; None otherwise. ``told_of``: the events that whoever is told hears of.
    """

    name: str
    proposes: tuple[str, ...] = ()
    reviews: tuple[str, ...] = ()
    decides: tuple[str, ...] = ()
    has_lanes: bool = False
    environment: str | None = None
    told_of: tuple[str, ...] = ()
    is_decided_anywhere: bool = False  # by who holds the role in any department

    def actions(self, step: Step) -> tuple[str, ...]:
        """The actions of a step; none: the stage has no such step, or nothing is done at it."""
        named: Mapping[Step, tuple[str, ...]] = {
            "proposes": self.proposes,
            "reviews": self.reviews,
            "decides": self.decides,
        }
        return named.get(step, ())

    def is_in(self, step: Step, lane: str) -> bool:
        """Whether the stage has a step in a lane: where one other person decides, nobody else reviews."""
        return bool(self.actions(step)) and not (step == "reviews" and self.environment and lane == "reviewer")

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that somebody can be named for."""
        return tuple(one for one in STEPS if self.actions(one) or (one == "told" and self.told_of))


def _release(environment: str) -> Stage:
    return Stage(
        name=environment,
        proposes=("release:request",),
        reviews=("council:review",),
        decides=("release:approve", "release:reject", "council:vote"),
        has_lanes=True,
        environment=environment,
        told_of=("approval.approved", "approval.rejected"),
    )


STAGES: Final[Mapping[str, Stage]] = {
    one.name: one
    for one in (
        Stage(
            name="intake",
            proposes=("usecase:open",),
            decides=("tier:decide",),
            told_of=("usecase.opened", "tier.decided"),
        ),
        Stage(name="pattern", decides=("umbrella:approve",), told_of=("umbrella.approved",)),
        _release("pilot"),
        _release("production"),
        Stage(
            name="scaling",
            proposes=("scale:plan",),
            told_of=("scaleplan.started", "scaleplan.finished", "scaleplan.failed"),
        ),
        Stage(name="retirement", decides=("usecase:retire",), has_lanes=True, told_of=("usecase.retired",)),
        Stage(
            name="waiver",
            proposes=("waiver:request",),
            decides=("waiver:grant",),
            has_lanes=True,
            told_of=("waiver.granted", "waiver.rejected"),
        ),
        Stage(
            name="emergency",
            proposes=("break_glass:request",),
            reviews=("break_glass:review",),
            decides=("break_glass:confirm",),
            told_of=("break_glass.confirmed",),
        ),
        Stage(
            name="incident",
            reviews=("incident:manage",),
            decides=("incident:close",),
            told_of=("incident.opened", "incident.clock_passed", "incident.closed", "incident.reopened"),
        ),
        Stage(
            name="allocation",
            proposes=("allocation:draft",),
            decides=("allocation:decide",),
            told_of=("allocation.drafted", "allocation.decided"),
        ),
        Stage(
            name="appetite",
            proposes=("appetite:adopt",),
            decides=("appetite:confirm",),
            told_of=("appetite.adopted", "appetite.confirmed"),
            is_decided_anywhere=True,
        ),
    )
}
"""Every stage, in the order of a use case's life. Decision rights themselves, mandates and roles are no stage: a matrix must
not lock out who could mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsRow:
    """Who holds the steps of a stage in a lane: roles and ``seat:NAME``.

    Nobody named: as the permission rules have it. ``("nobody",)``: nobody at all. Lane ``every`` counts in each of them.
    """

    lane: str
    stage: str
    proposes: tuple[str, ...] = ()
    reviews: tuple[str, ...] = ()
    decides: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    def named(self, step: Step) -> tuple[str, ...]:
        """Who is named for a step."""
        found: tuple[str, ...] = getattr(self, step)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRights:
    """A version of the matrix, never changed; it counts once a sponsor confirmed it.

    ``policies``: the Cedar that it compiles to. ``state``: told, never stored.
    """

    id: str
    version: int
    rows: tuple[RightsRow, ...]
    reason: str
    digest: str
    policies: str
    adopted_by: str
    adopted_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    key_id: str | None
    state: Literal["waiting", "in_force", "superseded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsDraft:
    """The matrix as people work on it; nothing of it counts."""

    rows: tuple[RightsRow, ...]
    changed_by: str
    changed_at: datetime


def lane_of(tier: Tier) -> str:
    """Say in which lane a use case's steps are: one other person decides, or the council does."""
    return "reviewer" if tier in (Tier.minimal, Tier.transparency) else "council"


def faults(rows: Sequence[RightsRow], able: Mapping[str, frozenset[str]], seats: Iterable[str]) -> list[Fault]:
    """Find everything that is wrong with a matrix before it is adopted.

    Args: able: for each action the roles that the permission rules let do it somewhere; naming another role would give nothing.
    """
    known_seats, found = {SEAT + one for one in seats}, []
    for number, row in enumerate(rows, 1):
        found += _row_faults(number, row, able, known_seats)
    places = [(row.lane, row.stage) for row in rows]
    for lane, stage in sorted({one for one in places if places.count(one) > 1}):
        found.append(_fault("rows", f"{stage} in lane {lane} is named twice"))
    if len(rows) > MOST_ROWS:
        found.append(_fault("rows", f"a matrix has at most {MOST_ROWS} rows"))
    return found


def _row_faults(
    number: int, row: RightsRow, able: Mapping[str, frozenset[str]], seats: frozenset[str] | set[str]
) -> list[Fault]:
    stage = STAGES.get(row.stage)
    if stage is None:
        return [_fault("stage", f"row {number}: {row.stage!r} is no stage; there are {', '.join(STAGES)}")]
    found = []
    if row.lane != EVERY and (row.lane not in LANES or not stage.has_lanes):
        lanes = f"{EVERY}, {', '.join(LANES)}" if stage.has_lanes else EVERY
        found.append(_fault("lane", f"row {number}: {row.stage} has no lane {row.lane!r}; write {lanes}"))
    for step in STEPS:
        found += [
            _fault(step, f"row {number}, {row.stage}, {step}: {one}") for one in _wrong(row, stage, step, able, seats)
        ]
    return found


def _wrong(
    row: RightsRow, stage: Stage, step: Step, able: Mapping[str, frozenset[str]], seats: frozenset[str] | set[str]
) -> list[str]:
    named = row.named(step)
    if not named:
        return []
    if step not in stage.steps:
        return ["this stage has no such step; leave it empty"]
    if step == "reviews" and not stage.is_in(step, row.lane):
        return ["in this lane who decides is the one who reviews; leave it empty"]
    if NOBODY in named:
        if step == "told":
            return [f"leave it empty instead of {NOBODY!r}"]
        return [f"{NOBODY!r} stands alone"] if len(named) > 1 else []
    wrong = ["somebody is named twice"] if len(set(named)) != len(named) else []
    for one in dict.fromkeys(named):
        if one.startswith(SEAT):
            if one not in seats:
                wrong.append(f"{one[len(SEAT) :]!r} is no seat of a council")
            elif stage.environment is None or step == "proposes":
                wrong.append("seats review and decide releases alone; name a role")
        elif one not in tuple(Role):
            wrong.append(f"{one!r} is no role")
        elif step != "told" and not any(one in able.get(action, ()) for action in stage.actions(step)):
            wrong.append(f"no permission rule lets {one} do this, so naming it gives nothing")
    return wrong


def _fault(column: str, message: str) -> Fault:
    return Fault(rule=f"rights.{column}", column=column, message=message)


def reason_faults(reason: str) -> list[Fault]:
    """Find a reason that says too little or too much."""
    if LEAST_REASON <= len(reason.strip()) <= MOST_TEXT:
        return []
    return [_fault("reason", f"say in {LEAST_REASON} to {MOST_TEXT} characters why these rights")]


def compiled(rows: Iterable[RightsRow]) -> str:
    """Write a matrix as Cedar: one ``forbid`` for each step that somebody is named for, and never a ``permit``.

    A thing of which the lane or the environment is not known falls under the rows of all of them.
    """
    found = [_policy(row, step) for row in sorted(rows, key=_place) for step in ACTING if row.named(step)]
    return "\n".join(found)


def _place(row: RightsRow) -> tuple[int, str]:
    return (tuple(STAGES).index(row.stage), row.lane)


def _policy(row: RightsRow, step: Step) -> str:
    stage, named = STAGES[row.stage], row.named(step)
    actions = ", ".join(f'Action::"{one}"' for one in stage.actions(step))
    lane = None if row.lane == EVERY else _known("lane", row.lane)
    conditions = [lane, _known("environment", stage.environment) if stage.environment else None]
    when = " && ".join(f"({one})" for one in conditions if one is not None)
    held = [_held(one) for one in named if one != NOBODY]
    kept = [OWNERS_WORD, KEPT_BY_PLATFORM] if "council:review" in stage.actions(step) else [KEPT_BY_PLATFORM]
    unless = " ||\n  ".join([*held, *kept])
    who = "nobody" if named == (NOBODY,) else " or ".join(_told(one) for one in named)
    lines = [
        f'@id("rights-{row.stage}-{row.lane}-{step}")',
        f'@access("the decision-rights matrix gives this step ({row.stage}, {step}) to {who}; the AI office and a sponsor may change it")',
        f"forbid (principal, action in [{actions}], resource)",
    ]
    if when:
        lines.append(f"when {{ {when} }}")
    lines.append(f"unless {{\n  {unless}\n}};")
    return "\n".join(lines) + "\n"


def _known(attribute: str, value: str) -> str:
    return f'resource.{attribute} == "{value}" || resource.{attribute} == ""'


def _held(one: str) -> str:
    if one.startswith(SEAT):
        return f'resource.seats like "*,{one[len(SEAT) :]},*"'
    return f"resource in principal.held.{one}"


def _told(one: str) -> str:
    return f"the seat {one[len(SEAT) :]}" if one.startswith(SEAT) else f"the role {one}"


def seat_fault(rows: Iterable[RightsRow], *, environment: str | None, lane: str, step: Step, seat: str) -> str | None:
    """Say why a seat may not take a step of a release before the council; None when it may.

    Roles that are named beside seats are the permission rules' to ask: they know who acts.
    """
    for row in rows:
        named = row.named(step)
        is_here = STAGES[row.stage].environment not in (None, "") and STAGES[row.stage].environment == environment
        if not is_here or row.lane not in (lane, EVERY) or not named:
            continue
        if SEAT + seat not in named and all(one.startswith(SEAT) or one == NOBODY for one in named):
            return f"the decision rights do not name the seat {seat} for this step ({row.stage}, {step})"
    return None


def plain(row: RightsRow) -> dict[str, object]:
    """Write a row as plain data."""
    return {"lane": row.lane, "stage": row.stage, **{step: list(row.named(step)) for step in STEPS}}


def body_of(version: int, rows: Sequence[RightsRow], reason: str) -> dict[str, object]:
    """Write what is adopted, confirmed and signed, as plain data."""
    return {"version": version, "rows": [plain(one) for one in rows], "reason": reason, "policies": compiled(rows)}


def read_row(told: Mapping[str, object]) -> RightsRow:
    """Read a row of plain data, as ``plain`` wrote it."""

    def several(step: Step) -> tuple[str, ...]:
        found = told.get(step)
        return tuple(str(one) for one in found) if isinstance(found, list | tuple) else ()

    return RightsRow(
        lane=str(told.get("lane", EVERY)),
        stage=str(told.get("stage", "")),
        proposes=several("proposes"),
        reviews=several("reviews"),
        decides=several("decides"),
        told=several("told"),
    )
