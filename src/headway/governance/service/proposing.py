"""Proposals: what is there already that is like them, who joins it, and why an entry is another one all the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.governance import adapters, likeness, store, twins
from headway.governance.entities import UseCase
from headway.governance.errors import AlreadyJoined, IntakeInvalid, TwinSuspected
from headway.governance.intake import LEAST_REASON, Alike, Join, Relations, Umbrella
from headway.governance.likeness import ALIKE, TWIN, Words
from headway.governance.service.retiring import refuse_retired
from headway.governance.service.usecases import get_usecase, open_usecase, ref, refuse_taken
from headway.governance.twins import Ground
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Denied, Fault
from headway.kernel.ids import new_id

MOST_ALIKE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What is asked about before it is written: a title, and whatever else is known."""

    title: str
    purpose: str | None = None
    department: str | None = None
    solution: str | None = None
    products: tuple[str, ...] = ()


def find_similar(
    session: Session,
    proposal: Proposal,
    *,
    within: frozenset[str] | None = None,
    besides: str | None = None,
    limit: int = MOST_ALIKE,
) -> tuple[Alike, ...]:
    """Tell which entries are like a proposal, the most alike first: by words, and by data and solution they share.

    Args: within: departments whose entries somebody may read; of others only twins are told. besides: an entry to leave out.
    """
    entries = [one for one in store.told(session) if one.slug != besides]
    data = store.data_of(session)
    found = likeness.compare(
        adapters.proposal_reader(),
        Words(title=proposal.title, purpose=proposal.purpose),
        [one.words for one in entries],
    )
    by_place = {one.place: one for one in found}
    own = data.get(besides or "", frozenset()) | frozenset(proposal.products)
    ground = Ground(department=proposal.department, solution=proposal.solution, data=own)
    scored = []
    for place, entry in enumerate(entries):
        its = Ground(department=entry.department, solution=entry.solution, data=data.get(entry.slug, frozenset()))
        score = twins.score(by_place.get(place), ground, its)
        if score >= ALIKE and (within is None or entry.department in within or score >= TWIN):
            scored.append((score, place, twins.shared(ground, its)))
    scored.sort(key=lambda one: (-one[0], one[1]))
    umbrellas = store.umbrellas_in_force(session) if scored else {}
    return tuple(
        _alike(entries[place], score, by_place.get(place), both, umbrellas.get(entries[place].slug))
        for score, place, both in scored[:limit]
    )


def similar_to(session: Session, slug: str, *, within: frozenset[str] | None = None) -> tuple[Alike, ...]:
    """Tell which other entries are like one that is there."""
    case = get_usecase(session, slug)
    proposal = Proposal(title=case.title, purpose=case.purpose, department=case.department, solution=case.solution)
    return find_similar(session, proposal, within=within, besides=slug)


def _alike(
    entry: store.Told,
    score: float,
    alike: likeness.Likeness | None,
    both: Sequence[str],
    umbrella: Umbrella | None,
) -> Alike:
    return Alike(
        slug=entry.slug,
        title=entry.words.title,
        department=entry.department,
        owner=entry.owner,
        score=round(score, 2),
        is_twin=score >= TWIN and not entry.is_retired,
        is_retired=entry.is_retired,
        words=alike.shared if alike else (),
        data=tuple(both),
        umbrella=umbrella.id if umbrella else None,
        conditions=umbrella.conditions if umbrella else None,
    )


def propose_usecase(
    session: Session,
    actor: Actor,
    *,
    slug: str,
    title: str,
    department: str,
    different: str | None = None,
    products: Sequence[str] = (),
    **said: Any,  # noqa: ANN401  the fields of ``open_usecase``
) -> UseCase:
    """Open an entry, unless one very like it is there and nobody said why this one is different.

    Args: different: one line, kept with the entry and shown with both. products: references of data it would use.
    Raises: UseCaseTaken; TwinSuspected with every twin; what ``open_usecase`` raises.
    """
    store.lock_inventory(session)
    refuse_taken(session, slug)
    proposal = Proposal(
        title=title,
        purpose=said.get("purpose"),
        department=department,
        solution=said.get("solution"),
        products=tuple(products),
    )
    like = [one for one in find_similar(session, proposal) if one.is_twin]
    reason = (different or "").strip()
    if like and not reason:
        raise _suspected(like)
    if like and len(reason) < LEAST_REASON:
        raise _short("different", f"say in at least {LEAST_REASON} characters why it is different")
    made = open_usecase(session, actor, slug=slug, title=title, department=department, **said)
    if like:
        _distinguish(session, actor, made.slug, [one.slug for one in like], reason)
    return made


def _distinguish(session: Session, actor: Actor, slug: str, others: Sequence[str], reason: str) -> None:
    now = clock.now()
    rows: list[dict[str, object]] = [
        {"usecase": slug, "other": other, "reason": reason, "said_by": actor.ref, "said_at": now} for other in others
    ]
    store.add_distinctions(session, rows)
    payload = {"others": list(others), "reason": reason}
    ledger.record(session, actor=actor, type="usecase.distinguished", subject=ref(slug), payload=payload)


def _suspected(like: Sequence[Alike]) -> TwinSuspected:
    faults = [Fault(rule="usecase.twin", column="title", value=one.slug, message=twin_told(one)) for one in like]
    return TwinSuspected(
        f"{len(like)} very like this one: " + "; ".join(one.title for one in like)
        if len(like) > 1
        else f"very like this one: {like[0].title}",
        hint="join it (headway usecase join NAME --for ...), or say in one line why yours is different (--different ...)",
        faults=faults,
        values={"twins": ", ".join(one.slug for one in like)},
    )


def twin_told(one: Alike) -> str:
    """Say in one line why an entry is taken for a twin."""
    why = [f"both say {', '.join(one.words[:6])}"] if one.words else []
    why += [f"both rest on {', '.join(one.data)}"] if one.data else []
    return f"{one.title!r} in {one.department} ({one.slug}): {'; '.join(why) or 'nearly the same title'}"


def join_usecase(session: Session, actor: Actor, slug: str, *, department: str, what_for: str) -> Join:
    """Register a person of a department as a user of what a use case gives; its owner is told.

    Raises: UseCaseUnknown, UseCaseRetired; Denied when no person joins; AlreadyJoined; IntakeInvalid; NotFound.
    """
    if not actor.is_person:
        raise Denied("only a person can join a use case", values={"rule": "governance.person_joins"})
    refuse_retired(session, slug)
    identity.get_department(session, department)
    said = needed(what_for, "what_for", "say what you want it for")
    made = Join(
        id=new_id("joi"),
        usecase=slug,
        department=department,
        person=actor.ref,
        what_for=said,
        joined_at=clock.now(),
    )
    if not store.add_join(session, _values(made)):
        raise AlreadyJoined(f"you joined {slug} for {department} before", values={"slug": slug})
    payload = {"department": department, "what_for": said}
    ledger.record(session, actor=actor, type="usecase.joined", subject=ref(slug), payload=payload, personal=True)
    return made


def overlaps(session: Session, slugs: Collection[str]) -> tuple[tuple[str, str, str], ...]:
    """Tell which of some entries may do the same work, each pair once: they share a solution or data, or were told apart.

    Returns: the two names, and why.
    """
    names, data = set(slugs), store.data_of(session)
    holders: defaultdict[str, list[str]] = defaultdict(list)
    for entry in store.told(session):
        if entry.slug in names:
            solution = [f"solution:{entry.solution}"] if entry.solution else []
            for one in (*solution, *sorted(data.get(entry.slug, ()))):
                holders[one].append(entry.slug)
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for shared, among in holders.items():
        for one, other in combinations(sorted(among), 2):
            found[one, other].append(shared)
    for told in store.distinctions_among(session, names):
        one, other = sorted((told.usecase, told.other))
        found[one, other].append(f"told apart: {told.reason}")
    return tuple((one, other, "; ".join(why)) for (one, other), why in sorted(found.items()))


def relations_of(session: Session, slug: str) -> Relations:
    """Tell who joined a use case, and which entries it was said to differ from."""
    get_usecase(session, slug)
    return Relations(
        usecase=slug, joins=store.joins_of(session, slug), distinctions=store.distinctions_of(session, slug)
    )


def _values(made: Join) -> Mapping[str, object]:
    return {name: getattr(made, name) for name in ("id", "usecase", "department", "person", "what_for", "joined_at")}


def needed(text: str, column: str, message: str) -> str:
    """A text without space around it; raises IntakeInvalid when nothing is left."""
    if not (said := text.strip()):
        raise _short(column, message)
    return said


def _short(column: str, message: str) -> IntakeInvalid:
    return IntakeInvalid(message, faults=[Fault(rule=f"intake.{column}", column=column, message=message)])
