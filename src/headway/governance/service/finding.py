"""Searching the inventory and the approvals, for people who leaf through them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from headway.governance import store
from headway.governance.entities import Approval, UseCase
from headway.governance.store import lists
from headway.kernel.listing import Beside, Found, ListQuery


def find_usecases(session: Session, asked: ListQuery, *, beside: Mapping[str, Beside] | None = None) -> Found[UseCase]:
    """Search, filter, sort and leaf through the inventory.

    Args: beside: what a domain above knows of use cases, by slug; it can be sorted and filtered like a column.
    Raises: BadListing.
    """
    return lists.find_usecases(session, asked, beside or {})


def find_approvals(session: Session, asked: ListQuery) -> Found[Approval]:
    """Search, filter, sort and leaf through approvals; raises BadListing."""
    return lists.find_approvals(session, asked)


def usecase_departments(session: Session) -> Mapping[str, str]:
    """Name the department of every use case, so that what belongs to use cases can be listed by department."""
    return store.usecase_departments(session)
