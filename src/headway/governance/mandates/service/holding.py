"""Who holds which step where, by the people who are here now; and the refusal of what would wait for nobody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache

from sqlalchemy.orm import Session

from headway import identity
from headway.governance import council
from headway.governance import store as kept
from headway.governance.entities import UseCase
from headway.governance.mandates import holding, rights, store
from headway.governance.mandates.errors import StepUnheld
from headway.governance.mandates.holding import People, StepHeld
from headway.governance.mandates.rights import ACTING, SEAT, STAGES, RightsRow
from headway.governance.mandates.service.naming import office_of
from headway.governance.mandates.service.programmes import parents_of
from headway.identity import ROOT, HeldRole, Role
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Scalar
from headway.kernel.paging import MAX_LIMIT

Told = Mapping[str, Mapping[str, Scalar]]
GATED = ("intake", "pilot", "production")
"""Stages whose empty steps gates ask about."""


def lanes_of(session: Session, usecases: Collection[str]) -> Mapping[str, str]:
    """The lane of each of some use cases, by name: part of what the permission rules are asked about."""
    return (
        {one.slug: rights.lane_of(one.tier) for one in kept.every_usecase(session, set(usecases))} if usecases else {}
    )


@cache
def able() -> Mapping[str, frozenset[str]]:
    """For each action of a stage the roles that the permission rules let do it."""
    actions = {action for stage in STAGES.values() for step in ACTING for action in stage.actions(step)}
    return {
        name: frozenset(role.value for role in roles) for name, roles in identity.roles_able(sorted(actions)).items()
    }


def nameable(stage: str, lane: str, step: rights.Step) -> tuple[str, ...]:
    """Whom a row can name for a step: those whom the permission rules let take it, seats at releases, and nobody."""
    about = STAGES[stage]
    seats = [SEAT + one for one in known_seats()] if about.environment and step != "proposes" else []
    if step == "told":
        return (*(role.value for role in Role), *seats)
    if not about.is_in(step, lane):
        return ()
    roles = {role for action in about.actions(step) for role in able().get(action, ())}
    return (*(role.value for role in Role if role.value in roles), *seats, rights.NOBODY)


def known_seats() -> tuple[str, ...]:
    """The seats that a council can have."""
    return council.SEAT_ROLES


def held_under(
    session: Session, rows: Sequence[RightsRow], departments: Collection[str] | None = None
) -> tuple[StepHeld, ...]:
    """Say who would hold every step under some rows, department by department; None: in all of them."""
    parents = parents_of(session)
    places = sorted(parents if departments is None else set(departments) & set(parents))
    people = _people(session, places, parents)
    return tuple(one for place in places for one in holding.steps_of(rows, able(), people[place]))


def who_holds(session: Session, departments: Collection[str] | None = None) -> tuple[StepHeld, ...]:
    """Say who holds every step now, by the matrix in force, or by the permission rules alone where there is none."""
    found = store.rights_in_force(session)
    return held_under(session, found.rows if found else (), departments)


def refuse_unheld(session: Session, actor: Actor, stage: str, case: UseCase | None = None) -> None:
    """Refuse to begin what would wait at a step of a stage that nobody holds; nothing is refused without a matrix.

    Args: case: the use case it is about; None: the whole organisation.
    Raises: StepUnheld with the reason and who can mend it.
    """
    found = store.rights_in_force(session)
    if found is None:
        return
    department = case.department if case else ROOT
    wanted = rights.lane_of(case.tier) if case else rights.EVERY
    steps = held_under(session, found.rows, [department])
    if gaps := holding.unheld(steps, stage=stage, lane=wanted, but=actor.ref):
        reason, mender = "; ".join(said(one) for one in gaps), office_of(session)
        raise StepUnheld(
            f"nobody can take a step that this would wait for: {reason}",
            hint=identity.by_name(
                session, f"{mender} can mend it: give somebody the role or seat, or adopt other decision rights"
            ),
            values={"stage": stage, "department": department, "lane": wanted, "version": found.version},
        )


def seat_fault(session: Session, case: UseCase, environment: str | None, step: rights.Step, seat: str) -> str | None:
    """Say why a seat may not review or decide a release of a use case; None when it may."""
    found = store.rights_in_force(session)
    lane = rights.lane_of(case.tier)
    return rights.seat_fault(found.rows, environment=environment, lane=lane, step=step, seat=seat) if found else None


def rights_facts(session: Session, cases: Sequence[UseCase]) -> Told:
    """Say for each use case how many steps nobody holds on its way, stage by stage, with the reason and who mends it."""
    found = store.rights_in_force(session)
    if found is None:
        return {}
    steps = held_under(session, found.rows, {one.department for one in cases})
    mender, told = office_of(session), {}
    for case in cases:
        here = [one for one in steps if one.department == case.department]
        gaps = {stage: holding.unheld(here, stage=stage, lane=rights.lane_of(case.tier)) for stage in GATED}
        facts: dict[str, Scalar] = {"is_set": True, **{f"unheld_{stage}": len(gaps[stage]) for stage in GATED}}
        if lines := [said(one) for each in gaps.values() for one in each]:
            facts["reason"] = (
                f"{'; '.join(lines)}. {mender} mends it: by giving somebody the role or seat, or by other decision rights"
            )
        told[case.slug] = facts
    return told


def told_of(session: Session, case: UseCase, event: str, environment: str | None) -> tuple[str, ...]:
    """The people whom the matrix in force has told of an event about a use case."""
    return told_in(session, [case.department], event, lane=rights.lane_of(case.tier), environment=environment)


def told_in(
    session: Session,
    departments: Iterable[str],
    event: str,
    *,
    lane: str = rights.EVERY,
    environment: str | None = None,
) -> tuple[str, ...]:
    """The people whom the matrix in force has told of an event that concerns departments; ``*`` is the whole organisation."""
    found = store.rights_in_force(session)
    if found is None:
        return ()
    here = _people(session, dict.fromkeys(departments), parents_of(session))
    told = (holding.told(found.rows, one, event=event, lane=lane, environment=environment) for one in here.values())
    return tuple(dict.fromkeys(who for each in told for who in each))


def said(one: StepHeld) -> str:
    """Say in a sentence which step nobody holds."""
    lane = "" if one.lane == rights.EVERY else f" (lane {one.lane})"
    named = " or ".join(_holder(held.holder) for held in one.held) or "nobody"
    where = "the whole organisation" if one.department == ROOT else one.department
    return f"in the stage {one.stage}{lane} nobody {one.step} in {where}: the matrix names {named}, and nobody else holds that"


def _holder(holder: str) -> str:
    return f"the seat {holder[len(SEAT) :]}" if holder.startswith(SEAT) else f"the role {holder}"


def _people(session: Session, places: Iterable[str], parents: Mapping[str, str | None]) -> Mapping[str, People]:
    """Who holds roles and seats in each department; roles are held below where they were given."""
    held = _held_roles(session)
    active = {
        ref for ref, one in identity.people_of(session, {each.principal for each in held}).items() if one.is_active
    }
    given: dict[tuple[str, str], list[str]] = {}
    for one in held:
        if one.principal in active:
            given.setdefault((one.department or ROOT, one.role.value), []).append(one.principal)
    anywhere = {
        role.value: tuple(dict.fromkeys(one.principal for one in held if one.role is role and one.principal in active))
        for role in Role
    }
    made = {}
    for place in places:
        line = _line(place, parents)
        roles = {
            role.value: tuple(dict.fromkeys(who for at in line for who in given.get((at, role.value), ())))
            for role in Role
        }
        made[place] = People(department=place, roles=roles, seats=_seats(session, place), anywhere=anywhere)
    return made


def _held_roles(session: Session) -> list[HeldRole]:
    found: list[HeldRole] = []
    for role in Role:
        cursor: str | None = None
        while True:
            page = identity.list_roles(session, role=role, limit=MAX_LIMIT, cursor=cursor)
            found += page.items
            cursor = page.next
            if cursor is None:
                break
    return found


def _line(place: str, parents: Mapping[str, str | None]) -> list[str]:
    line: list[str] = []
    at: str | None = place
    while at is not None:
        line.append(at)
        at = parents.get(at)
    return line


def _seats(session: Session, department: str) -> Mapping[str, tuple[str, ...]]:
    body = council.body_for(session, department)
    if body is None:
        return {}
    now = clock.now()
    sitting = [one for one in body.members if one.since <= now and (one.until is None or now < one.until)]
    refs = identity.people_of(session, {one.person for one in sitting})
    return {
        seat: tuple(
            one.person for one in sitting if one.seat == seat and one.person in refs and refs[one.person].is_active
        )
        for seat in body.seats
    }
