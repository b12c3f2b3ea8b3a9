"""What can be done about access: ask, approve, reject, withdraw, read through a grant, look at uses."""

from headway.catalog.access.service.asking import (
    approve,
    get_access,
    list_accesses,
    list_offers,
    list_uses,
    list_waiting,
    own_accesses,
    reject,
    request_access,
    tell_due,
    withdraw,
)
from headway.catalog.access.service.reading import read, read_product, sample, shown_to

__all__ = [
    "approve",
    "get_access",
    "list_accesses",
    "list_offers",
    "list_uses",
    "list_waiting",
    "own_accesses",
    "read",
    "read_product",
    "reject",
    "request_access",
    "sample",
    "shown_to",
    "tell_due",
    "withdraw",
]
