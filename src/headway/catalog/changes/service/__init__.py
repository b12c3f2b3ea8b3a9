"""What can be done about contracts: look at a draft, propose, answer, withdraw, let what is due take effect."""

from headway.catalog.changes.service.answering import accept, hand_on, object_to
from headway.catalog.changes.service.ending import end_version
from headway.catalog.changes.service.looking import base_of, check_proposal, draft_of
from headway.catalog.changes.service.proposing import get_change, list_asked, list_changes, propose, withdraw
from headway.catalog.changes.service.settling import settle_changes

__all__ = [
    "accept",
    "base_of",
    "check_proposal",
    "draft_of",
    "end_version",
    "get_change",
    "hand_on",
    "list_asked",
    "list_changes",
    "object_to",
    "propose",
    "settle_changes",
    "withdraw",
]
