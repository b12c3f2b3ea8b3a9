"""Programmes: opened by the AI office, each with a sponsor who signs its mandate; and whether a department takes in what is new."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.governance.mandates import standing, store
from headway.governance.mandates.entities import IntakeStanding, Programme
from headway.governance.mandates.errors import IntakeClosed, MandateInvalid, ProgrammeTaken, ProgrammeUnknown
from headway.governance.service.people import need_person
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault, NotFound
from headway.kernel.ids import Ref

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_SLUG, LONGEST_TITLE = 100, 200


def open_programme(
    session: Session, actor: Actor, *, slug: str, title: str, sponsor: str, departments: Sequence[str]
) -> Programme:
    """Open a programme; from then on its departments take nothing in until its sponsor has signed a mandate.

    Args: sponsor: ``person:ID`` of somebody active. departments: each covers everything below it.
    Raises: MandateInvalid with every fault; ProgrammeTaken: the name, or a department of another programme; Denied.
    """
    need_person(actor, "open a programme")
    _refuse(_faults(session, slug, title, sponsor, departments))
    now = clock.now()
    values = {
        "slug": slug,
        "title": title.strip(),
        "sponsor": sponsor,
        "opened_by": actor.ref,
        "opened_at": now,
        "updated_at": now,
    }
    if not store.add_programme(session, values):
        raise ProgrammeTaken(f"a programme {slug!r} exists", hint="choose another name", values={"programme": slug})
    _set_departments(session, slug, departments)
    payload = {"title": title.strip(), "sponsor": sponsor, "departments": sorted(set(departments))}
    ledger.record(session, actor=actor, type="programme.opened", subject=ref(slug), payload=payload)
    return get_programme(session, slug)


def change_programme(
    session: Session,
    actor: Actor,
    slug: str,
    *,
    title: str | None = None,
    sponsor: str | None = None,
    departments: Sequence[str] | None = None,
) -> Programme:
    """Change a programme. A department that joins waits until the sponsor signs a mandate that names it; one that leaves is free.

    Another sponsor signs the next mandate; the one in force stays the former's until it ends or is withdrawn.
    Raises: ProgrammeUnknown; MandateInvalid with every fault; ProgrammeTaken; Denied.
    """
    need_person(actor, "change a programme")
    store.lock_programme(session, slug)
    before = get_programme(session, slug)
    after_title = before.title if title is None else title
    after_sponsor = before.sponsor if sponsor is None else sponsor
    after_places = before.departments if departments is None else departments
    _refuse(_faults(session, slug, after_title, after_sponsor, after_places))
    values = {"title": after_title.strip(), "sponsor": after_sponsor, "updated_at": clock.now()}
    store.change_programme(session, slug, values)
    _set_departments(session, slug, after_places)
    payload = {"title": after_title.strip(), "sponsor": after_sponsor, "departments": sorted(set(after_places))}
    ledger.record(session, actor=actor, type="programme.changed", subject=ref(slug), payload=payload)
    return get_programme(session, slug)


def get_programme(session: Session, slug: str) -> Programme:
    """Read a programme as it stands today; raises ProgrammeUnknown."""
    found = store.programmes(session, clock.now().date(), slug)
    if not found:
        hint = "'headway mandate programmes' names them"
        raise ProgrammeUnknown(f"no programme {slug!r}", hint=hint, values={"programme": slug})
    return found[0]


def list_programmes(
    session: Session, *, within: Collection[str] | None = None, sponsor: str | None = None
) -> tuple[Programme, ...]:
    """Read every programme as it stands today, by name.

    Args: within: departments that somebody may read of; a programme is told when it covers one of them. sponsor: a person
    whose own programmes are told as well.
    """
    found = store.programmes(session, clock.now().date())
    if within is None:
        return found
    parents = parents_of(session)
    seen = {one.slug for place in within if (one := standing.nearest(place, parents, found)) is not None}
    return tuple(one for one in found if one.slug in seen or one.sponsor == sponsor)


def departments_under(session: Session, programme: Programme) -> tuple[str, ...]:
    """Name every department that belongs to a programme: those it names, and those below that no other one claims."""
    parents, found = parents_of(session), store.programmes(session, clock.now().date())
    belonging = {place: standing.nearest(place, parents, found) for place in parents}
    return tuple(sorted(place for place, one in belonging.items() if one is not None and one.slug == programme.slug))


def intake_of(session: Session, department: str) -> IntakeStanding:
    """Say whether a department takes in what is new, and if not why, and who can mend it."""
    if not store.has_programmes(session):
        return standing.intake_of(department, {}, ())
    return standing.intake_of(department, parents_of(session), store.programmes(session, clock.now().date()))


def closed_intake(session: Session) -> Mapping[str, str]:
    """Say of every department that takes nothing new in why, and who mends it, by name: for readers, not to be kept."""
    if not store.has_programmes(session):
        return {}
    parents, programmes = parents_of(session), store.programmes(session, clock.now().date())
    told = [standing.intake_of(place, parents, programmes) for place in parents]
    shut = [one for one in told if not one.is_open]
    known = identity.names_of(session, {str(one.mender) for one in shut})
    return {
        one.department: f"intake is closed in {one.department}: {one.reason}; {known[str(one.mender)]} mends it by signing a mandate"
        for one in shut
    }


def refuse_closed(session: Session, department: str) -> None:
    """Raise IntakeClosed when a department belongs to a programme whose mandate is not in force."""
    found = intake_of(session, department)
    if found.is_open:
        return
    who = str(found.mender)
    name = identity.names_of(session, [who])[who]
    raise IntakeClosed(
        f"intake is closed in {department}: {found.reason}",
        hint=f"the sponsor {name} can mend it by signing a mandate, which the AI office drafts: headway mandate draft",
        values={"department": department, "programme": found.programme, "sponsor": who},
    )


def parents_of(session: Session) -> Mapping[str, str | None]:
    """The tree of departments: each with the one above it."""
    return {one.slug: one.parent for one in identity.list_departments(session)}


def ref(slug: str) -> Ref:
    """The reference of a programme."""
    return Ref("programme", slug)


def _set_departments(session: Session, slug: str, departments: Collection[str]) -> None:
    if taken := store.set_departments(session, slug, set(departments)):
        raise ProgrammeTaken(
            f"another programme names {', '.join(taken)}",
            hint="take it out of the other programme first; a department below may have a programme of its own",
            values={"departments": ", ".join(taken)},
        )


def _faults(session: Session, slug: str, title: str, sponsor: str, departments: Collection[str]) -> list[Fault]:
    found = []
    if not _SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG:
        found.append(_fault("slug", "a name has small letters, digits and single dashes"))
    if not 1 <= len(title.strip()) <= LONGEST_TITLE:
        found.append(_fault("title", f"give a title of 1 to {LONGEST_TITLE} characters"))
    if (message := _sponsor_fault(session, sponsor)) is not None:
        found.append(_fault("sponsor", message))
    known = {one.slug for one in identity.list_departments(session)}
    for place in sorted(set(departments) - known):
        found.append(_fault("departments", f"there is no department {place!r}"))
    return found


def _sponsor_fault(session: Session, sponsor: str) -> str | None:
    """Say why somebody cannot be a sponsor; None when they can."""
    kind, _, name = sponsor.partition(":")
    if kind != "person" or not name:
        return "the sponsor is a person: write person:ID"
    try:
        person = identity.get_person(session, name)
    except NotFound:
        return f"there is no {sponsor}"
    return None if person.is_active else f"{sponsor} is not active"


def _fault(column: str, message: str) -> Fault:
    return Fault(rule=f"programme.{column}", column=column, message=message)


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise MandateInvalid("; ".join(fault.message for fault in faults), faults=faults)
