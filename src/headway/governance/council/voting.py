"""Who may cast the vote of a seat: its holder, whom they delegated it to, or a deputy when the holder cannot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from headway.governance.council.entities import VALIDATOR, Body, Capacity, Delegation, Item, Member, MemberKind, Voice
from headway.kernel.errors import Fault

LONGEST_CHAIN = 3
"""A vote is handed on at most so often; further on nobody who handed it on knows who casts it."""
LONGEST_DELEGATION = timedelta(days=90)


def is_member(member: Member, at: datetime) -> bool:
    """Tell whether somebody is in a seat at a time."""
    return member.since <= at and (member.until is None or at < member.until)


def without(body: Body, gone: frozenset[str], at: datetime) -> Body:
    """A body that these people leave at a time: from all its seats, and as givers and takers of delegations."""
    members = tuple(
        replace(one, until=at) if one.person in gone and is_member(one, at) else one for one in body.members
    )
    delegations = tuple(
        replace(one, until=at) if gone & {one.giver, one.taker} and at < one.until else one for one in body.delegations
    )
    return replace(body, members=members, delegations=delegations)


def holder_of(members: Iterable[Member], seat: str, at: datetime) -> str | None:
    """Name who holds a seat at a time; None when it is empty."""
    held = [one for one in members if one.seat == seat and one.kind is MemberKind.holder and is_member(one, at)]
    return held[0].person if held else None


def deputies_of(members: Iterable[Member], seat: str, at: datetime) -> tuple[str, ...]:
    """Name the deputies of a seat at a time."""
    return tuple(
        one.person for one in members if one.seat == seat and one.kind is MemberKind.deputy and is_member(one, at)
    )


def chain(delegations: Sequence[Delegation], seat: str, start: str, at: datetime) -> tuple[str, ...]:
    """Follow a seat's delegations from its holder; stops at ``LONGEST_CHAIN`` and never comes back to somebody."""
    given = {one.giver: one.taker for one in delegations if one.seat == seat and one.since <= at < one.until}
    found: list[str] = []
    here = start
    while here in given and len(found) < LONGEST_CHAIN:
        here = given[here]
        if here == start or here in found:
            break
        found.append(here)
    return tuple(found)


def voices(body: Body, item: Item, seat: str, at: datetime) -> tuple[Voice, ...]:
    """Name who may cast a seat's vote on an item now: holder, delegates along the chain, deputies.

    A deputy steps in when the seat is empty, when its holder is recused, and in the second half of the time. Nobody
    speaks for an empty seat by delegation. Never who asked, never who is recused; for the seat validator never who proposed the
    case or made the version.
    """
    out = {item.requested_by, *(one.person for one in item.recusals)}
    if seat == VALIDATOR:
        out |= set(item.rules.makers)
    holder = holder_of(body.members, seat, at)
    found = []
    if holder is not None:
        found.append(Voice(person=holder, capacity=Capacity.holder))
        delegates = chain(body.delegations, seat, holder, at)
        found += [Voice(person=one, capacity=Capacity.delegate) for one in delegates]
    half = item.opened_at + (item.closes_at - item.opened_at) / 2
    if holder is None or holder in out or at >= half:
        found += [Voice(person=one, capacity=Capacity.deputy) for one in deputies_of(body.members, seat, at)]
    first = {one.person: one for one in reversed(found)}
    return tuple(one for one in found if one.person not in out and first[one.person] is one)


def delegation_faults(
    *, body: Body, seat: str, giver: str, taker: str, until: datetime, at: datetime, requesters: Collection[str] = ()
) -> list[Fault]:
    """Find everything that is wrong with handing a seat's vote on.

    Args: requesters: who asked for what is open before this body; they get no vote, by no road.
    """
    found = []

    def fault(rule: str, message: str) -> None:
        found.append(Fault(rule=f"council.{rule}", column="taker", value=taker, message=message))

    holder = holder_of(body.members, seat, at)
    line = (holder, *chain(body.delegations, seat, holder, at)) if holder else ()
    if giver not in line:
        fault("delegation_giver", f"{giver} has no vote of the seat {seat} to hand on")
    elif giver != line[-1]:
        fault("delegation_twice", f"{giver} has handed on the vote of {seat} already; end that first")
    elif len(line) > LONGEST_CHAIN:
        fault("delegation_chain", f"a vote is handed on at most {LONGEST_CHAIN} times")
    if taker in line or taker == giver:
        fault("delegation_circle", f"the vote of {seat} would come back to {taker}")
    if taker in requesters:
        fault("delegation_requester", f"{taker} asked for something that is before this council and gets no vote")
    if not taker.startswith("person:"):
        fault("delegation_person", "only a person can vote")
    if not at < until <= at + LONGEST_DELEGATION:
        message = f"a delegation ends in the future and within {LONGEST_DELEGATION.days} days"
        found.append(Fault(rule="council.delegation_until", column="until", value=until.isoformat(), message=message))
    return found
