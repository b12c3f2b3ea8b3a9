"""Access to data products: people ask with a purpose and a last day, owners answer, and there is one way to read.

A statement is read, resolved and held to lists; what its reader may see is made into tables of their own; it runs on
those, in an engine without files or network. Every reading is kept for the owner.
"""

from headway.catalog.access.entities import (
    AccessState,
    DataAccess,
    DataUse,
    Offer,
    Policy,
    Result,
    ResultTable,
)
from headway.catalog.access.errors import (
    AccessClosed,
    AccessInvalid,
    AccessUnknown,
    NotReadable,
    PolicyBroken,
    StatementFailed,
    StatementRefused,
    StatementTooLarge,
)
from headway.catalog.access.permission import (
    MayRead,
    about_product,
    asked_about,
    asking_of,
    followed,
    readable_by,
    reading_of,
)
from headway.catalog.access.rendering import as_table
from headway.catalog.access.service import (
    approve,
    get_access,
    list_accesses,
    list_offers,
    list_uses,
    list_waiting,
    own_accesses,
    read,
    read_product,
    reject,
    request_access,
    sample,
    shown_to,
    tell_due,
    withdraw,
)

__all__ = [
    "AccessClosed",
    "AccessInvalid",
    "AccessState",
    "AccessUnknown",
    "DataAccess",
    "DataUse",
    "MayRead",
    "NotReadable",
    "Offer",
    "Policy",
    "PolicyBroken",
    "Result",
    "ResultTable",
    "StatementFailed",
    "StatementRefused",
    "StatementTooLarge",
    "about_product",
    "approve",
    "as_table",
    "asked_about",
    "asking_of",
    "followed",
    "get_access",
    "list_accesses",
    "list_offers",
    "list_uses",
    "list_waiting",
    "own_accesses",
    "read",
    "read_product",
    "readable_by",
    "reading_of",
    "reject",
    "request_access",
    "sample",
    "shown_to",
    "tell_due",
    "withdraw",
]
