"""Searching the inventory and the approvals, for people who leaf through them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

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


def count_usecases(
    session: Session, asked: ListQuery, *, by: str, beside: Mapping[str, Beside] | None = None
) -> Mapping[str | None, int]:
    """Count what ``find_usecases`` would find by the values of a column, whatever the filter on that column says."""
    return lists.count_usecases(session, asked, beside or {}, by)


def find_approvals(session: Session, asked: ListQuery) -> Found[Approval]:
    """Search, filter, sort and leaf through approvals; raises BadListing."""
    return lists.find_approvals(session, asked)


def waiting_approvals(session: Session) -> Mapping[str, int]:
    """Count for each use case the approvals that nobody has answered."""
    return store.waiting_approvals(session)


def retired_usecases(session: Session) -> frozenset[str]:
    """Name the use cases that are retired."""
    return frozenset(store.retired_usecases(session))


def usecase_departments(session: Session) -> Mapping[str, str]:
    """Name the department of every use case, so that what belongs to use cases can be listed by department."""
    return store.usecase_departments(session)


def usecase_titles(session: Session, slugs: Collection[str]) -> Mapping[str, str]:
    """Give the titles of some use cases, by their names; those that there are not are left out."""
    return store.usecase_titles(session, slugs)
