"""What can be done with the council, by verbs."""

from headway.governance.council.service.arranging import (
    agenda_of,
    cancel_meeting,
    move_meeting,
    plan_meeting,
    set_agenda,
    strike_item,
)
from headway.governance.council.service.ballots import close_vote, propose_condition, recuse, review, vote
from headway.governance.council.service.bodies import (
    body_for,
    delegate,
    end_body,
    end_delegation,
    get_body,
    list_bodies,
    seat_member,
    set_body,
    unseat_member,
)
from headway.governance.council.service.deciding import extend, settle_council, take_back
from headway.governance.council.service.feeds import calendar_address, end_calendar, read_calendar, renew_calendar
from headway.governance.council.service.fulfilling import (
    accept_condition,
    facts_for,
    get_condition,
    give_condition,
    list_conditions,
    meet_condition,
    missed_of,
    return_condition,
)
from headway.governance.council.service.leading import get_meeting, leads, list_meetings, speakers
from headway.governance.council.service.meeting_standing import meeting_standing
from headway.governance.council.service.minuting import approve_minutes, document_of, make_minutes, read_minutes
from headway.governance.council.service.occupying import occupants
from headway.governance.council.service.opening import note_automatic, note_taken_back, open_item, refuse_alone
from headway.governance.council.service.reading import find_items, get_item, list_items, resource_of, retold, told_of
from headway.governance.council.service.reminding import remind_due
from headway.governance.council.service.rhythm import plan_due
from headway.governance.council.service.sharing import intake_lanes
from headway.governance.council.service.sitting import attend, close_meeting, open_meeting
from headway.governance.council.service.standing import figures, members_of, speakers_of, standing_of

__all__ = [
    "accept_condition",
    "agenda_of",
    "approve_minutes",
    "attend",
    "body_for",
    "calendar_address",
    "cancel_meeting",
    "close_meeting",
    "close_vote",
    "delegate",
    "document_of",
    "end_body",
    "end_calendar",
    "end_delegation",
    "extend",
    "facts_for",
    "figures",
    "find_items",
    "get_body",
    "get_condition",
    "get_item",
    "get_meeting",
    "give_condition",
    "intake_lanes",
    "leads",
    "list_bodies",
    "list_conditions",
    "list_items",
    "list_meetings",
    "make_minutes",
    "meet_condition",
    "meeting_standing",
    "members_of",
    "missed_of",
    "move_meeting",
    "note_automatic",
    "note_taken_back",
    "occupants",
    "open_item",
    "open_meeting",
    "plan_due",
    "plan_meeting",
    "propose_condition",
    "read_calendar",
    "read_minutes",
    "recuse",
    "refuse_alone",
    "remind_due",
    "renew_calendar",
    "resource_of",
    "retold",
    "return_condition",
    "review",
    "seat_member",
    "set_agenda",
    "set_body",
    "settle_council",
    "speakers",
    "speakers_of",
    "standing_of",
    "strike_item",
    "take_back",
    "told_of",
    "unseat_member",
    "vote",
]
