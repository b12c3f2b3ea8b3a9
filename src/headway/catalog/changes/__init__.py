"""Changes of contracts: a new version is looked at, proposed, and put to those who read the product where it breaks them.

What breaks nobody takes effect at once. What breaks somebody waits until all accept, or until its notice is over.
"""

from headway.catalog.changes.editing import CLASSIFICATIONS, missing_percent_of
from headway.catalog.changes.entities import (
    Answer,
    ChangeState,
    ColumnEdit,
    Consumer,
    ContractChange,
    ContractCheck,
    LineFault,
    Score,
)
from headway.catalog.changes.errors import ChangeClosed, ChangeInvalid, ChangeUnknown, NotYourAnswer
from headway.catalog.changes.service import (
    accept,
    base_of,
    check_proposal,
    draft_of,
    end_version,
    get_change,
    hand_on,
    list_asked,
    list_changes,
    object_to,
    propose,
    settle_changes,
    withdraw,
)
from headway.catalog.changes.service.consumers import consumers_of
from headway.catalog.changes.service.means import Means, means_of
from headway.catalog.changes.standing import MOST_KEPT, USUAL_KEPT, USUAL_NOTICE, may_answer

__all__ = [
    "CLASSIFICATIONS",
    "MOST_KEPT",
    "USUAL_KEPT",
    "USUAL_NOTICE",
    "Answer",
    "ChangeClosed",
    "ChangeInvalid",
    "ChangeState",
    "ChangeUnknown",
    "ColumnEdit",
    "Consumer",
    "ContractChange",
    "ContractCheck",
    "LineFault",
    "Means",
    "NotYourAnswer",
    "Score",
    "accept",
    "base_of",
    "check_proposal",
    "consumers_of",
    "draft_of",
    "end_version",
    "get_change",
    "hand_on",
    "list_asked",
    "list_changes",
    "may_answer",
    "means_of",
    "missing_percent_of",
    "object_to",
    "propose",
    "settle_changes",
    "withdraw",
]
