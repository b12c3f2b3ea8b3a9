"""What gates are told of mandates, the risk appetite and decision rights, for many use cases at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from headway.governance.entities import UseCase
from headway.governance.mandates import known, standing, store
from headway.governance.mandates.service.appetites import appetite_facts
from headway.governance.mandates.service.holding import rights_facts
from headway.governance.mandates.service.programmes import parents_of
from headway.kernel.errors import Scalar

Told = Mapping[str, Mapping[str, Scalar]]


def facts_for(session: Session, cases: Iterable[UseCase], at: datetime) -> Mapping[str, known.Facts]:
    """Gather what is set about each use case, by its name; read for all of them together."""
    listed = list(cases)
    told = {
        "mandate": _mandates(session, listed, at),
        "appetite": appetite_facts(session, listed, at),
        "rights": rights_facts(session, listed),
    }
    return {one.slug: {root: found.get(one.slug, known.UNSET[root]) for root, found in told.items()} for one in listed}


def _mandates(session: Session, cases: Sequence[UseCase], at: datetime) -> Told:
    if not store.has_programmes(session):
        return {}
    parents, programmes = parents_of(session), store.programmes(session, at.date())
    return {one.slug: known.of_mandate(standing.intake_of(one.department, parents, programmes)) for one in cases}
