"""What can be done with the council, by verbs."""

from headway.governance.council.service.ballots import close_vote, propose_condition, recuse, review, vote
from headway.governance.council.service.bodies import (
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
from headway.governance.council.service.fulfilling import (
    accept_condition,
    facts_for,
    get_condition,
    list_conditions,
    meet_condition,
    missed_of,
    return_condition,
)
from headway.governance.council.service.occupying import occupants
from headway.governance.council.service.opening import note_automatic, note_taken_back, open_item, refuse_alone
from headway.governance.council.service.reading import find_items, get_item, list_items, resource_of, retold, told_of
from headway.governance.council.service.standing import figures, speakers_of, standing_of

__all__ = [
    "accept_condition",
    "close_vote",
    "delegate",
    "end_body",
    "end_delegation",
    "extend",
    "facts_for",
    "figures",
    "find_items",
    "get_body",
    "get_condition",
    "get_item",
    "list_bodies",
    "list_conditions",
    "list_items",
    "meet_condition",
    "missed_of",
    "note_automatic",
    "note_taken_back",
    "occupants",
    "open_item",
    "propose_condition",
    "recuse",
    "refuse_alone",
    "resource_of",
    "retold",
    "return_condition",
    "review",
    "seat_member",
    "set_body",
    "settle_council",
    "speakers_of",
    "standing_of",
    "take_back",
    "told_of",
    "unseat_member",
    "vote",
]
