"""How a meeting stands for whoever looks at it: its agenda with papers, quorum, and what they may do."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway.governance.council.entities import Item
from headway.governance.council.meeting import AgendaItem, Meeting, MeetingStanding, MeetingState
from headway.governance.council.service.arranging import agenda_of
from headway.governance.council.service.bodies import get_body
from headway.governance.council.service.leading import get_meeting, items_of, leads, may_open
from headway.governance.council.service.minuting import may_approve
from headway.governance.council.service.papers import papers_of
from headway.governance.council.service.sitting import own_seats
from headway.governance.service import usecases
from headway.kernel.auth import Actor


def meeting_standing(session: Session, actor: Actor, meeting_id: str) -> MeetingStanding:
    """Tell how a meeting stands; raises MeetingUnknown."""
    found = get_meeting(session, meeting_id)
    body = get_body(session, found.body)
    there = sum(one.seat is not None for one in found.attendance)
    needed = found.quorum or body.quorum
    return MeetingStanding(
        meeting=found,
        title=body.title,
        agenda=tuple(_line(session, one) for one in items_of(session, agenda_of(session, found))),
        present=there,
        needed=needed,
        has_quorum=there >= needed,
        own_seats=own_seats(body, found, actor.ref),
        may_lead=actor.is_person and (leads(actor, body) or actor.ref == found.chair),
        may_open=actor.is_person and found.state is MeetingState.planned and may_open(actor, body),
        may_approve=actor.is_person and may_approve(session, actor, found) and _awaits(found),
    )


def _awaits(found: Meeting) -> bool:
    return bool(found.minutes) and not any(one.approved_at for one in found.minutes)


def _line(session: Session, item: Item) -> AgendaItem:
    case = usecases.get_usecase(session, item.usecase)
    return AgendaItem(
        item=item.id,
        usecase=case.slug,
        title=case.title,
        state=item.state,
        tier=case.tier.value,
        environment=item.environment,
        requested_by=item.requested_by,
        opened_at=item.opened_at,
        closes_at=item.closes_at,
        papers=papers_of(session, item),
    )
