"""Searching models, versions and releases, for people who leaf through them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway import governance
from headway.kernel import listing
from headway.kernel.listing import Found, ListQuery
from headway.registry.entities import Model, ModelRelease, ModelVersion
from headway.registry.service.releases import with_revocations
from headway.registry.store import lists


def find_models(session: Session, asked: ListQuery) -> Found[Model]:
    """Search, filter, sort and leaf through models; raises BadListing."""
    return lists.find_models(session, asked, governance.usecase_departments(session))


def find_versions(session: Session, asked: ListQuery) -> Found[ModelVersion]:
    """Search, filter, sort and leaf through the versions of all models; raises BadListing."""
    return lists.find_versions(session, asked, governance.usecase_departments(session))


def find_releases(session: Session, asked: ListQuery) -> Found[ModelRelease]:
    """Search, filter, sort and leaf through releases, with what became of them; raises BadListing."""
    found = lists.find_releases(session, asked, governance.usecase_departments(session))
    return listing.found_as(found, with_revocations(session, found.items))
