"""What gates are told of mandates, for many use cases at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from headway.governance.entities import UseCase
from headway.governance.mandates import known, standing, store
from headway.governance.mandates.service.programmes import parents_of


def facts_for(session: Session, cases: Iterable[UseCase], at: datetime) -> Mapping[str, known.Facts]:
    """Gather what is set about each use case, by its name; read for all of them together."""
    listed = list(cases)
    if not store.has_programmes(session):
        return {one.slug: known.UNSET for one in listed}
    parents, programmes = parents_of(session), store.programmes(session, at.date())
    return {
        one.slug: {
            **known.UNSET,
            "mandate": known.of_mandate(standing.intake_of(one.department, parents, programmes)),
        }
        for one in listed
    }
