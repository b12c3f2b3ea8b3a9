"""Searching models, versions and releases, for people who leaf through them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from headway import governance
from headway.kernel import listing
from headway.kernel.listing import Found, ListQuery
from headway.registry.entities import Model, ModelRelease, ModelVersion
from headway.registry.service.releases import with_revocations
from headway.registry.store import lists


def find_models(session: Session, asked: ListQuery) -> Found[Model]:
    """Search, filter, sort and leaf through models; raises BadListing."""
    return lists.find_models(session, asked, _departments(session, asked))


def find_versions(session: Session, asked: ListQuery) -> Found[ModelVersion]:
    """Search, filter, sort and leaf through the versions of all models; raises BadListing."""
    return lists.find_versions(session, asked, _departments(session, asked))


def find_releases(session: Session, asked: ListQuery) -> Found[ModelRelease]:
    """Search, filter, sort and leaf through releases, with what became of them; raises BadListing."""
    found = lists.find_releases(session, asked, _departments(session, asked))
    return listing.found_as(found, with_revocations(session, found.items))


def _departments(session: Session, asked: ListQuery) -> Mapping[str, str]:
    """The departments of use cases, when they are asked for."""
    return governance.usecase_departments(session) if listing.involves(asked, "department") else {}


def release_states(session: Session) -> Mapping[str, frozenset[tuple[str, str]]]:
    """Tell for every use case that ever had a release in which environments and states it has some."""
    found: dict[str, set[tuple[str, str]]] = {}
    for usecase, environment, status in lists.asked_releases(session):
        found.setdefault(usecase, set()).add((environment, status))
    return {usecase: frozenset(states) for usecase, states in found.items()}
