"""How an item stands for whoever looks at it, and how the council works as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from statistics import median

from sqlalchemy.orm import Session

from headway import identity
from headway.governance.council import conditions, procedure, store, voting
from headway.governance.council.entities import (
    OWNER,
    Body,
    CouncilFigures,
    Item,
    ItemState,
    Lane,
    SeatRole,
    Standing,
    Tally,
    Voice,
)
from headway.governance.council.service.bodies import get_body
from headway.governance.council.service.deciding import may_extend
from headway.governance.council.service.reading import as_counted, get_item, is_owner, sponsor_of
from headway.governance.service import usecases
from headway.kernel import clock
from headway.kernel.auth import Actor

AI_OFFICE = "the AI office"


def standing_of(session: Session, actor: Actor, item_id: str) -> Standing:
    """Tell how an item stands, what the asker may do with it, and who can mend what is missing."""
    item = as_counted(session, get_item(session, item_id))
    body, now = get_body(session, item.body), clock.now()
    told = procedure.tally(body, item, now)
    able = {seat: voting.voices(body, item, seat, now) for seat in procedure.seats_of(body, item)}
    is_open = item.state is ItemState.open and not procedure.is_over(item, now)
    own = tuple(seat for seat in able if is_open and not procedure.faults_of_vote(body, item, actor.ref, seat, now))
    given = {one.part for one in item.reviews}
    mine = {seat for seat, found in able.items() if any(one.person == actor.ref for one in found)}
    if is_owner(session, item, actor.ref):
        mine.add(OWNER)
    return Standing(
        item=item,
        tally=told,
        voices=able,
        own_seats=own,
        own_reviews=tuple(sorted(mine - given)) if is_open else (),
        is_recused=any(one.person == actor.ref for one in item.recusals),
        may_close=is_open and procedure.is_complete(told) and told.is_certain and _is_chair(body, item, actor.ref),
        may_extend=may_extend(session, actor, item),
        may_accept=may_accept(body, item, actor.ref),
        mend=_mend(session, item, told, able),
    )


def _is_chair(body: Body, item: Item, person: str) -> bool:
    out = {one.person for one in item.recusals}
    chair = item.rules.chair
    return chair is not None and person not in out and person == voting.holder_of(body.members, chair, clock.now())


def may_accept(body: Body, item: Item, person: str) -> bool:
    """Tell whether somebody may accept conditions of an item: a member who neither asked nor takes no part."""
    out = {item.requested_by, *(one.person for one in item.recusals)}
    is_here = any(one.person == person and voting.is_member(one, clock.now()) for one in body.members)
    return is_here and person not in out


def _mend(session: Session, item: Item, told: Tally, able: Mapping[SeatRole, tuple[Voice, ...]]) -> tuple[str, ...]:
    """Say who can mend what keeps an undecided item from a decision."""
    if item.state.value not in store.UNDECIDED:
        return ()
    office = ", ".join(identity.names_of(session, _ai_office(session)).values()) or AI_OFFICE
    lines = [f"nobody can vote for the seat {seat}: {office} can fill it or name a deputy" for seat in told.empty]
    for seat in told.missing_seats:
        if seat in told.waiting:
            named = identity.names_of(session, [one.person for one in able[seat]])
            lines.append(f"nothing is decided without the seat {seat}: {', '.join(named.values())} can vote for it")
    for part in told.missing_reviews:
        if part != OWNER and able.get(part):
            named = identity.names_of(session, [one.person for one in able[part]])
            lines.append(f"nothing is decided without the review of {part}: {', '.join(named.values())} can write it")
    if OWNER in told.missing_reviews:
        case = usecases.get_usecase(session, item.usecase)
        lines.append(f"the owner has not said anything yet: {case.owner or office + ' can name one'}")
    if item.state is ItemState.escalated:
        sponsor = sponsor_of(session, item)
        name = identity.names_of(session, [sponsor])[sponsor] if sponsor else office
        lines.append(f"the time is over: {name} can give it more, or give it up")
    return tuple(lines)


def _ai_office(session: Session) -> list[str]:
    return [one.principal for one in identity.list_roles(session, role=identity.Role.ai_office, limit=20).items]


def figures(session: Session, body: str | None = None) -> CouncilFigures:
    """Tell how the council works: what waits and how long, and how much rules decided without people."""
    now = clock.now()
    counts = store.count_lanes(session, body)
    undecided = store.list_items(session, body=body, states=store.UNDECIDED)
    ages = [(now - one.opened_at) / timedelta(days=1) for one in undecided]
    automatic = sum(number for (lane, _), number in counts.items() if lane == Lane.automatic.value)
    total = sum(counts.values())
    due = [one for one in store.open_conditions(session) if body is None or _body_of(session, one.item) == body]
    return CouncilFigures(
        open=sum(one.state is ItemState.open for one in undecided),
        escalated=sum(one.state is ItemState.escalated for one in undecided),
        decided=total - len(undecided),
        automatic=automatic,
        share_automatic=automatic / total if total else None,
        oldest_days=int(max(ages)) if ages else None,
        median_days=round(median(ages), 1) if ages else None,
        conditions_open=len(due),
        conditions_missed=len(conditions.missed(due, now)),
    )


def _body_of(session: Session, item_id: str) -> str:
    return get_item(session, item_id).body


def members_of(session: Session, slug: str) -> tuple[str, ...]:
    """Name who sits in a council or stands in for somebody now."""
    now = clock.now()
    found = [one.person for one in get_body(session, slug).members if voting.is_member(one, now)]
    return tuple(dict.fromkeys(found))


def speakers_of(session: Session, item_id: str) -> tuple[str, ...]:
    """Name who speaks for the seats of an item now: who can still vote while it is open, else who sits there. Never who asked."""
    item = as_counted(session, get_item(session, item_id))
    body, now = get_body(session, item.body), clock.now()
    if item.state.value in store.UNDECIDED:
        cast = {one.seat for one in item.votes}
        seats = [seat for seat in procedure.seats_of(body, item) if seat not in cast]
        found = [one.person for seat in seats for one in voting.voices(body, item, seat, now)]
    else:
        found = [one.person for one in body.members if voting.is_member(one, now) and one.person != item.requested_by]
    return tuple(dict.fromkeys(found))
