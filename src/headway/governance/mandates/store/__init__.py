"""SQL of programmes, mandates, risk appetite and decision rights: rows inside, entities out."""

from headway.governance.mandates.store.programmes import (
    add_mandate,
    add_programme,
    change_mandate,
    change_programme,
    due_mandates,
    envelope_of,
    get_mandate,
    has_programmes,
    lock_programme,
    mandates_of,
    mark_told,
    programmes,
    set_departments,
)

__all__ = [
    "add_mandate",
    "add_programme",
    "change_mandate",
    "change_programme",
    "due_mandates",
    "envelope_of",
    "get_mandate",
    "has_programmes",
    "lock_programme",
    "mandates_of",
    "mark_told",
    "programmes",
    "set_departments",
]
