"""Items as they are kept, as they count now, and as the ledger tells them."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.governance import mandates
from headway.governance.council import retelling, store, voting
from headway.governance.council.entities import OWNER, Body, Dissent, Item, ItemState, Lane, Recusal, Retold
from headway.governance.council.errors import ItemUnknown
from headway.governance.council.retelling import Told
from headway.governance.council.service.bodies import get_body
from headway.governance.entities import UseCase
from headway.governance.service import approving, usecases
from headway.kernel import clock
from headway.kernel.auth import Resource
from headway.kernel.ids import Ref
from headway.kernel.listing import Found, ListQuery
from headway.kernel.paging import MAX_LIMIT, Page

MOST_RETOLD = 1_000


def ref(item_id: str) -> Ref:
    """An item as a reference."""
    return Ref("council-item", item_id)


def get_item(session: Session, item_id: str, *, lock: bool = False) -> Item:
    """Read an item; raises ItemUnknown."""
    found = store.get_item(session, item_id, lock=lock)
    if found is None:
        raise ItemUnknown(f"nothing before the council is named {item_id}", values={"item": item_id})
    return found


def as_counted(session: Session, item: Item) -> Item:
    """An undecided item with the conflicts and the quorum of approvals as they are now."""
    if item.state.value not in store.UNDECIDED:
        return item
    case = usecases.get_usecase(session, item.usecase)
    known = {one.person for one in item.recusals}
    more = [
        Recusal(person=person, reason=reason, is_automatic=True, at=clock.now())
        for person, reason in conflicts(session, case, item.requested_by).items()
        if person not in known
    ]
    needed = approving.get_approval(session, item.approval).needed if item.approval else item.rules.needed
    rules = replace(item.rules, needed=max(item.rules.needed, needed))
    return replace(item, recusals=(*item.recusals, *more), rules=rules)


def as_it_counts(session: Session, item_id: str) -> tuple[Body, Item]:
    """An item locked for a change, with its body."""
    item = get_item(session, item_id, lock=True)
    return get_body(session, item.body), as_counted(session, item)


def list_items(
    session: Session,
    *,
    body: str | None = None,
    usecase: str | None = None,
    state: ItemState | None = None,
    lane: Lane | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Item]:
    """Read items, newest first."""
    limit = max(1, min(limit, MAX_LIMIT))
    states = None if state is None else [state.value]
    found = store.list_items(
        session, body=body, usecase=usecase, states=states, lane=lane, before=cursor, limit=limit + 1
    )
    return Page(items=tuple(found[:limit]), next=found[limit - 1].id if len(found) > limit else None)


def conflicts(session: Session, case: UseCase, requester: str) -> dict[str, str]:
    """Say who takes no part because the records say so: who asked, owns or sponsors it."""
    found = {requester: "asked for it"}
    for text, reason in ((case.owner, "owns the use case"), (case.sponsor, "sponsors the use case")):
        person = identity.find_person(session, text) if text else None
        if person is not None:
            found.setdefault(person.ref, reason)
    return found


def is_owner(session: Session, item: Item, person: str) -> bool:
    """Tell whether a person answers for the use case of an item."""
    owner = usecases.get_usecase(session, item.usecase).owner
    found = identity.find_person(session, owner) if owner else None
    return found is not None and found.ref == person


def sponsor_of(session: Session, item: Item) -> str | None:
    """Find the person who sponsors the use case of an item, unless they asked for it themselves."""
    case = usecases.get_usecase(session, item.usecase)
    found = identity.find_person(session, case.sponsor) if case.sponsor else None
    return found.ref if found is not None and found.ref != item.requested_by else None


def told_of(session: Session, item_id: str) -> Told:
    """Retell an item from the ledger alone; raises ItemUnknown when the ledger knows nothing of it."""
    events = ledger.find(session, subject=ref(item_id), limit=MOST_RETOLD).items
    entries = [retelling.Entry(type=one.type, actor=one.actor, payload=one.payload or {}) for one in reversed(events)]
    told = retelling.retell(entries)
    if told is None:
        raise ItemUnknown(f"the ledger knows nothing of {item_id}", values={"item": item_id})
    return told


def retold(session: Session, item_id: str) -> Retold:
    """Retell an item from the ledger for people; raises ItemUnknown."""
    told = told_of(session, item_id)
    return Retold(
        item=told.item,
        state=told.state,
        why=told.why,
        dissent=tuple(Dissent(person=person, reason=reason) for person, reason in told.dissent),
        lines=tuple(told.lines),
    )


def resource_of(session: Session, item: Item, who: str | None = None) -> Resource:
    """What the rules are asked about: who asked is part of it, since they never vote, and the seats for which ``who`` speaks."""
    case = usecases.get_usecase(session, item.usecase)
    attributes = {
        "requested_by": item.requested_by,
        "environment": item.environment or "",
        "lane": mandates.lane_of(case.tier),
        "seats": f",{','.join(_seats_of(session, item, who))}," if who else "",
    }
    return Resource(kind="council-item", id=item.id, department=case.department, attributes=attributes)


def _seats_of(session: Session, item: Item, person: str) -> list[str]:
    """The seats for which a person speaks now, and ``owner`` for who answers for the use case."""
    body, now = get_body(session, item.body), clock.now()
    sits = {one.seat for one in body.members if one.person == person and voting.is_member(one, now)}
    speaks = {seat for seat in body.seats if any(one.person == person for one in voting.voices(body, item, seat, now))}
    return sorted(sits | speaks) + ([OWNER] if is_owner(session, item, person) else [])


def find_items(session: Session, asked: ListQuery) -> Found[Item]:
    """Search, filter, sort and leaf through items; raises BadListing."""
    return store.find_items(session, asked)
