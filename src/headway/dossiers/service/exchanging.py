"""Records as OSCAL, for tools of auditors that read it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from headway import governance
from headway.dossiers import oscal
from headway.dossiers.errors import NoVerdict
from headway.dossiers.service.gathering import gather
from headway.kernel import clock
from headway.kernel.web import Parts


class OscalKind(StrEnum):
    """The models of OSCAL that are written."""

    component_definition = "component-definition"
    assessment_results = "assessment-results"


def oscal_of_usecase(session: Session, parts: Parts, usecase: str, kind: OscalKind) -> dict[str, Any]:
    """Write a use case as OSCAL JSON; raises UseCaseUnknown; NoVerdict: there is nothing to tell results of."""
    records = gather(session, parts, usecase)
    if kind is OscalKind.component_definition:
        return oscal.component_of(records, records.case.updated_at)
    if not records.verdicts:
        raise NoVerdict(f"no gate has given a verdict on {usecase}", hint="ask for a release of it first")
    return oscal.results_of(records, clock.now())


def oscal_of_pack(session: Session, pack: str, version: str | None = None) -> dict[str, Any]:
    """Write a pack as an OSCAL catalogue; raises PackUnknown."""
    return oscal.catalog_of(governance.get_pack(session, pack, version))
