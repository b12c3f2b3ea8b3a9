"""The council over HTTP: bodies and their seats, items with votes and reviews, conditions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway.governance.council import service
from headway.governance.council.entities import (
    OWNER,
    Body,
    Choice,
    Condition,
    CouncilFigures,
    Item,
    ItemState,
    Lane,
    Lanes,
    MemberKind,
    Retold,
    Standing,
    Tie,
)
from headway.governance.council.service.bodies import BodyRules
from headway.governance.service.usecases import get_usecase
from headway.kernel.auth import Actor, Resource
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.web import CurrentActor, Permit, Tx

councils = APIRouter(prefix="/councils", tags=["council"])
items = APIRouter(prefix="/council-items", tags=["council"])
conditions = APIRouter(prefix="/council-conditions", tags=["council"])
Text = Annotated[str, Field(max_length=2000)]
Seat = Annotated[str, Field(max_length=40)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CouncilWanted(_Body):
    """A council and how it decides; ``department`` left out: it decides for the whole organisation."""

    title: Text
    department: str | None = None
    seats: list[Seat] = Field(max_length=20)
    quorum: int
    required: list[Seat] = Field(default_factory=list, max_length=20)
    reviews: list[Seat] = Field(default_factory=lambda: [OWNER], max_length=20)
    tie: Tie = "rejected"
    chair: Seat | None = None
    days: int = 10
    every_weeks: int | None = None
    first_meeting: datetime | None = None
    zone: Annotated[str, Field(max_length=60)] = "UTC"
    minutes_long: int = 60


class SeatGiven(_Body):
    """Who gets a seat: a reference, a mail address or a name; as its holder or as a deputy."""

    seat: Seat
    person: Text
    kind: MemberKind = MemberKind.holder


class SeatLeft(_Body):
    """Who leaves which seat."""

    seat: Seat
    person: Text


class DelegationWanted(_Body):
    """To whom the vote of which seat is handed on, until when."""

    seat: Seat
    taker: Text
    until: datetime


class CouncilReason(_Body):
    """Why."""

    reason: Text = Field(min_length=1)


class ReviewGiven(_Body):
    """What a seat, or ``owner``, has to say before the vote."""

    part: Seat
    supports: bool
    text: Text


class BallotCast(_Body):
    """A vote with its reason; the seat may be left out by who has one."""

    choice: Choice
    reason: Text = Field(min_length=1)
    seat: Seat | None = None


class ConditionWanted(_Body):
    """What must be done, by whom, so many days after a yes."""

    text: Text
    owner: Text
    days: int


class ConditionShown(_Body):
    """What shows that a condition is met."""

    evidence: Text


class ConditionGiven(_Body):
    """Who has to meet a condition from now on, and why not who had it."""

    owner: Text
    reason: Text


class MoreTime(_Body):
    """So many days more, and why."""

    days: int
    reason: Text = Field(min_length=1)


# --- councils ----------------------------------------------------------------------------------------------------


@councils.get("")
def list_councils(permit: Permit, tx: Tx) -> Page[Body]:
    """List the councils with their seats."""
    permit("council:read", _all())
    return Page(items=service.list_bodies(tx), next=None)


@councils.get("/figures")
def show_figures(permit: Permit, tx: Tx, council: str | None = None) -> CouncilFigures:
    """Tell what waits and how long, and how much rules decided without people."""
    permit("council:read", _all())
    return service.figures(tx, council)


@councils.get("/lanes")
def show_lanes(permit: Permit, tx: Tx) -> Lanes:
    """Tell how much intake of minimal risk rules decided without people and why, and how long all else has waited."""
    permit("council:read", _all())
    return service.intake_lanes(tx)


@councils.put("/{slug}")
def set_council(slug: str, body: CouncilWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> Body:
    """Set up a council or change its rules; what is before it already is decided by the rules of before."""
    permit("council:manage", Resource(kind="council", id=slug, department=body.department))
    told = body.model_dump(exclude={"title", "department"})
    kept: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    rules = BodyRules(**kept)
    return service.set_body(tx, actor, slug, title=body.title, department=body.department, rules=rules)


@councils.get("/{slug}")
def show_council(slug: str, tx: Tx, permit: Permit) -> Body:
    """Show a council: its rules, its seats, who sits or sat in them, delegations."""
    permit("council:read", _council(tx, slug))
    return service.get_body(tx, slug)


@councils.post("/{slug}/end")
def end_council(slug: str, body: CouncilReason, tx: Tx, actor: CurrentActor, permit: Permit) -> Body:
    """Dissolve a council before which nothing is undecided."""
    permit("council:manage", _council(tx, slug))
    return service.end_body(tx, actor, slug, body.reason)


@councils.post("/{slug}/seats")
def seat_member(slug: str, body: SeatGiven, tx: Tx, actor: CurrentActor, permit: Permit) -> Body:
    """Put somebody into a seat; a holder who was in it leaves it."""
    permit("council:manage", _council(tx, slug))
    return service.seat_member(tx, actor, slug, seat=body.seat, person=body.person, kind=body.kind)


@councils.post("/{slug}/seats/leave")
def unseat_member(slug: str, body: SeatLeft, tx: Tx, actor: CurrentActor, permit: Permit) -> Body:
    """Take somebody out of a seat."""
    permit("council:manage", _council(tx, slug))
    return service.unseat_member(tx, actor, slug, seat=body.seat, person=body.person)


@councils.post("/{slug}/delegations", status_code=status.HTTP_201_CREATED)
def delegate(slug: str, body: DelegationWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> Body:
    """Hand an own vote on for a while."""
    permit("council:act", _council(tx, slug))
    return service.delegate(tx, actor, slug, seat=body.seat, taker=body.taker, until=body.until)


@councils.post("/{slug}/delegations/{delegation_id}/end")
def end_delegation(slug: str, delegation_id: str, tx: Tx, actor: CurrentActor, permit: Permit) -> Body:
    """End a delegation before its time."""
    permit("council:act", _council(tx, slug))
    return service.end_delegation(tx, actor, slug, delegation_id)


# --- items -------------------------------------------------------------------------------------------------------


@items.get("")
def list_items(
    *,
    tx: Tx,
    permit: Permit,
    council: str | None = None,
    usecase: str | None = None,
    state: ItemState | None = None,
    lane: Lane | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    cursor: str | None = None,
) -> Page[Item]:
    """List what is or was before the council, newest first."""
    department = get_usecase(tx, usecase).department if usecase else None
    permit("council:read", Resource(kind="council", id="all", department=department))
    return service.list_items(tx, body=council, usecase=usecase, state=state, lane=lane, limit=limit, cursor=cursor)


@items.get("/{item_id}")
def show_item(item_id: str, tx: Tx, actor: CurrentActor, permit: Permit) -> Standing:
    """Show an item: how it stands, who can vote for which seat, what is missing and who can mend it."""
    permit("council:read", _item(tx, item_id))
    return service.standing_of(tx, actor, item_id)


@items.get("/{item_id}/story")
def retell_item(item_id: str, tx: Tx, permit: Permit) -> Retold:
    """Retell an item from the ledger alone."""
    permit("council:read", _item(tx, item_id))
    return service.retold(tx, item_id)


@items.post("/{item_id}/recusals")
def recuse(item_id: str, body: CouncilReason, tx: Tx, actor: CurrentActor, permit: Permit) -> Item:
    """Step back for a conflict of interest."""
    permit("council:act", _item(tx, item_id))
    return service.recuse(tx, actor, item_id, body.reason)


@items.post("/{item_id}/reviews", status_code=status.HTTP_201_CREATED)
def review(item_id: str, body: ReviewGiven, tx: Tx, actor: CurrentActor, permit: Permit) -> Item:
    """Review an item for a seat, or as the owner of the use case."""
    permit("council:review", _item(tx, item_id, actor))
    return service.review(tx, actor, item_id, part=body.part, supports=body.supports, text=body.text)


@items.post("/{item_id}/conditions", status_code=status.HTTP_201_CREATED)
def propose_condition(item_id: str, body: ConditionWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> Condition:
    """Propose a condition before the first vote."""
    permit("council:act", _item(tx, item_id))
    return service.propose_condition(tx, actor, item_id, text=body.text, owner=body.owner, days=body.days)


@items.post("/{item_id}/votes", status_code=status.HTTP_201_CREATED)
def vote(item_id: str, body: BallotCast, tx: Tx, actor: CurrentActor, permit: Permit) -> Item:
    """Cast the vote of a seat; the last one needed decides."""
    permit("council:vote", _item(tx, item_id, actor))
    return service.vote(tx, actor, item_id, choice=body.choice, reason=body.reason, seat=body.seat)


@items.post("/{item_id}/close")
def close_vote(item_id: str, tx: Tx, actor: CurrentActor, permit: Permit) -> Item:
    """Close a vote that is certain, as the chair."""
    permit("council:vote", _item(tx, item_id, actor))
    return service.close_vote(tx, actor, item_id)


@items.post("/{item_id}/extension")
def extend(item_id: str, body: MoreTime, tx: Tx, actor: CurrentActor, permit: Permit) -> Item:
    """Give an escalated item more time, as its sponsor."""
    permit("council:act", _item(tx, item_id))
    return service.extend(tx, actor, item_id, days=body.days, reason=body.reason)


@items.post("/{item_id}/give-up")
def take_back(item_id: str, body: CouncilReason, tx: Tx, actor: CurrentActor, permit: Permit) -> Item:
    """Give an escalated item up, as its sponsor."""
    permit("council:act", _item(tx, item_id))
    return service.take_back(tx, actor, item_id, body.reason)


# --- conditions --------------------------------------------------------------------------------------------------


@conditions.get("")
def list_conditions(tx: Tx, permit: Permit, usecase: str | None = None) -> Page[Condition]:
    """List the conditions of decisions that nobody has accepted as met, the first that is due first."""
    department = get_usecase(tx, usecase).department if usecase else None
    permit("council:read", Resource(kind="council", id="all", department=department))
    return Page(items=service.list_conditions(tx, usecase=usecase), next=None)


@conditions.post("/{condition_id}/met")
def meet_condition(condition_id: str, body: ConditionShown, tx: Tx, actor: CurrentActor, permit: Permit) -> Condition:
    """Show that a condition is met, as who owns it."""
    permit("council:act", _condition(tx, condition_id))
    return service.meet_condition(tx, actor, condition_id, body.evidence)


@conditions.post("/{condition_id}/give")
def give_condition(condition_id: str, body: ConditionGiven, tx: Tx, actor: CurrentActor, permit: Permit) -> Condition:
    """Give a condition to somebody else, as a member of the council: who had it left, or cannot meet it."""
    permit("council:vote", _condition(tx, condition_id, actor))
    return service.give_condition(tx, actor, condition_id, body.owner, body.reason)


@conditions.post("/{condition_id}/accept")
def accept_condition(condition_id: str, body: CouncilReason, tx: Tx, actor: CurrentActor, permit: Permit) -> Condition:
    """Accept what was shown, as another member of the council."""
    permit("council:vote", _condition(tx, condition_id, actor))
    return service.accept_condition(tx, actor, condition_id, body.reason)


@conditions.post("/{condition_id}/return")
def return_condition(condition_id: str, body: CouncilReason, tx: Tx, actor: CurrentActor, permit: Permit) -> Condition:
    """Say that what was shown is not enough."""
    permit("council:vote", _condition(tx, condition_id, actor))
    return service.return_condition(tx, actor, condition_id, body.reason)


def _all() -> Resource:
    return Resource(kind="council", id="all")


def _council(session: Session, slug: str) -> Resource:
    return Resource(kind="council", id=slug, department=service.get_body(session, slug).department)


def _item(session: Session, item_id: str, actor: Actor | None = None) -> Resource:
    return service.resource_of(session, service.get_item(session, item_id), actor.ref if actor else None)


def _condition(session: Session, condition_id: str, actor: Actor | None = None) -> Resource:
    return _item(session, service.get_condition(session, condition_id).item, actor)
