"""Reading the assessments of all use cases, as far as somebody may."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from headway import identity
from headway.governance import store as governance_store
from headway.governance.assessments import store
from headway.governance.assessments.entities import Standing
from headway.governance.assessments.organisation import OFFER, NeedEntry, entry
from headway.governance.assessments.service.needing import platform_facts
from headway.governance.assessments.service.publishing import templates
from headway.governance.assessments.service.seating import seats, sitting
from headway.kernel import clock
from headway.kernel.arranging import arrange, check, narrow
from headway.kernel.auth import Actor, Authorizer
from headway.kernel.listing import Found, ListQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedList:
    """A part of the list, and how many assessments stand how, whatever ``standing`` was asked for."""

    found: Found[NeedEntry]
    standings: Mapping[Standing, int]


def find_needs(session: Session, asked: ListQuery) -> NeedList:
    """Search the assessments of all use cases that are not retired, those first that people must act on.

    Those that are not due are told when ``standing`` asks for them. Raises BadListing with every name that the list does not know.
    """
    check(OFFER, asked)
    standings = asked.filters.get("standing") or tuple(one.value for one in Standing if one is not Standing.not_due)
    others = {name: values for name, values in asked.filters.items() if name != "standing"}
    rows = narrow(_entries(session, asked.within), OFFER, replace(asked, filters=others))
    query = replace(asked, filters={**others, "standing": standings})
    return NeedList(found=arrange(rows, OFFER, query), standings=Counter(one.standing for one in rows))


def _entries(session: Session, within: frozenset[str] | None) -> list[NeedEntry]:
    newest = {(one.usecase, one.template): one for one in store.newest_assessments(session)}
    known, now = templates(session), clock.now()
    seated: dict[str, Mapping[str, tuple[str, ...]]] = {}
    made = []
    for case in governance_store.every_usecase(session):
        if case.retired_at is not None or (within is not None and case.department not in within):
            continue
        if case.department not in seated:
            seated[case.department] = sitting(session, case.department)
        last = {name: newest.get((case.slug, name)) for name in known}
        is_signed = any(one is not None and one.state == "signed" for one in last.values())
        facts = platform_facts(session, case) if is_signed else {}
        for name, template in known.items():
            held = seated[case.department].get(template.seat, ())
            made.append(entry(case, template, last[name], facts, at=now, assessors=held))
    return made


def departments_seen(authorizer: Authorizer, session: Session, actor: Actor) -> frozenset[str] | None:
    """The departments whose assessments somebody may read, by a role or by a seat that they hold there; None: all."""
    by_role = identity.departments_where(authorizer, session, actor, "assessment:read")
    if by_role is None:
        return None
    seated = {"owner": actor.ref}
    by_seat = identity.departments_where(authorizer, session, actor, "assessment:read", attributes=seated)
    asked = {one.slug for one in identity.list_departments(session)} if by_seat is None else by_seat
    known = seats(session)
    return by_role | {place for place in asked - by_role if _sits(sitting(session, place), known, actor.ref)}


def _sits(held: Mapping[str, tuple[str, ...]], known: Iterable[str], person: str) -> bool:
    return any(person in held.get(seat, ()) for seat in known)
