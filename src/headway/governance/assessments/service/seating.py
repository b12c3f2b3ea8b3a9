"""Who answers for which seat: appointed, seated by the council, ended, found for a department."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.governance import council
from headway.governance.assessments import store
from headway.governance.assessments.entities import Assessor
from headway.governance.assessments.errors import (
    AssessmentClosed,
    AssessmentUnknown,
    AssessorInvalid,
)
from headway.governance.assessments.service.publishing import templates
from headway.governance.service.people import need_person
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref, new_id


def seats(session: Session) -> tuple[str, ...]:
    """The seats that templates are answered by."""
    return tuple(dict.fromkeys(one.seat for one in templates(session).values()))


def appoint(session: Session, actor: Actor, *, seat: str, person: str, department: str | None = None) -> Assessor:
    """Give a person a seat, in a department and those below it or everywhere; raises AssessorInvalid."""
    need_person(actor, "give a seat")
    found = identity.find_person(session, person)
    faults = []
    if seat not in (known := seats(session)):
        faults.append(fault("seat", f"the seats are {', '.join(known)}"))
    if found is None or not found.is_active:
        faults.append(fault("person", f"nobody active is {person!r}"))
    if department is not None and department not in {one.slug for one in identity.list_departments(session)}:
        faults.append(fault("department", f"there is no department {department!r}"))
    held = [one for one in store.list_assessors(session, seat=seat) if found and one.person == found.ref]
    if any(one.department == department for one in held):
        faults.append(fault("person", "they hold the seat already"))
    if faults or found is None:
        raise AssessorInvalid("; ".join(fault.message for fault in faults), faults=faults)
    made = Assessor(
        id=new_id("asr"),
        seat=seat,
        person=found.ref,
        department=department,
        appointed_by=actor.ref,
        appointed_at=clock.now(),
        ended_by=None,
        ended_at=None,
    )
    store.add_assessor(session, made)
    _tell_seat(session, actor, "assessor.appointed", made)
    return made


def dismiss(session: Session, actor: Actor, assessor_id: str) -> Assessor:
    """End what a person holds; what they answered stays; raises AssessmentUnknown, AssessmentClosed."""
    need_person(actor, "end a seat")
    found = store.get_assessor(session, assessor_id)
    if found is None:
        raise AssessmentUnknown(f"nobody holds {assessor_id}", values={"assessor": assessor_id})
    if found.ended_at is not None:
        raise AssessmentClosed(f"{assessor_id} was ended before", values={"assessor": assessor_id})
    now = clock.now()
    store.end_assessor(session, assessor_id, by=actor.ref, at=now)
    ended = replace(found, ended_by=actor.ref, ended_at=now)
    _tell_seat(session, actor, "assessor.dismissed", ended)
    return ended


def list_assessors(session: Session, seat: str | None = None) -> tuple[Assessor, ...]:
    """Read who sits where."""
    return tuple(store.list_assessors(session, seat=seat))


def sitting(session: Session, department: str) -> Mapping[str, tuple[str, ...]]:
    """Name by seat who holds it for a department: appointed there, above it or everywhere, then who speaks for the seat of
    that name in its council. Seats that nobody holds are not named.
    """
    above = {None, department, *_above(session, department)}
    found: dict[str, list[str]] = {}
    appointed = store.list_assessors(session)
    gone = identity.closed_among(session, (one.person for one in appointed))
    for one in appointed:
        if one.department in above and one.person not in gone:
            found.setdefault(one.seat, []).append(one.person)
    for seat, people in council.occupants(session, department).items():
        found.setdefault(seat, []).extend(people)
    return {seat: tuple(dict.fromkeys(people)) for seat, people in found.items()}


def holders(session: Session, seat: str, department: str) -> tuple[str, ...]:
    """Who holds one seat for a department; see ``sitting``."""
    return sitting(session, department).get(seat, ())


def _above(session: Session, department: str) -> set[str]:
    parents = {one.slug: one.parent for one in identity.list_departments(session)}
    found: set[str] = set()
    here = parents.get(department)
    while here is not None and here not in found:
        found.add(here)
        here = parents.get(here)
    return found


def _tell_seat(session: Session, actor: Actor, event: str, one: Assessor) -> None:
    payload = {"seat": one.seat, "person": one.person, "department": one.department}
    ledger.record(session, actor=actor, type=event, subject=Ref.parse(one.person), payload=payload)


def fault(column: str, message: str) -> Fault:
    """Something that is wrong with a field."""
    return Fault(rule=f"assessments.{column}", column=column, message=message)
