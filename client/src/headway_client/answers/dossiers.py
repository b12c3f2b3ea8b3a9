"""Answers about documents that are drawn from records."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from headway_client.answer import Answer


class DossierFile(Answer):
    """A file of a document that was made."""

    name: str
    media: str
    bytes: int
    digest: str


class Dossier(Answer):
    """A document that was made, or is being made."""

    id: str
    kind: str
    title: str
    usecase: str | None
    quarter: str | None
    department: str
    state: str
    job: str | None
    files: list[DossierFile]
    requirements: int
    gaps: int
    is_due: bool | None
    digest: str | None
    content_digest: str | None
    packs: dict[str, str]
    error: dict[str, Any] | None
    made_by: str
    started_at: datetime
    made_at: datetime | None


class StartedDossier(Answer):
    """A document that was begun; follow its job."""

    dossier: str
    job: str


class Cite(Answer):
    """A record that a statement rests on."""

    ref: str
    digest: str | None


class Due(Answer):
    """Whether a document is owed for a use, and by which rule."""

    is_due: bool | None
    why: str
    cites: list[Cite]


class Gap(Answer):
    """A place where a document is empty because no record says it."""

    requirement: str
    title: str
    source: str
    what: str
    mend: str


class DossierStanding(Answer):
    """A kind of document as the records stand now, beside the newest that was made."""

    kind: str
    title: str
    source: str
    due: Due
    requirements: int
    gaps: list[Gap]
    newest: Dossier | None
    is_outdated: bool | None
    changed: list[str]


class GroupCount(Answer):
    """A group: how many were assessed, and how many of them selected or scored above the median."""

    group: str
    people: int
    chosen: int


class BiasAudit(Answer):
    """What was counted of people who were assessed."""

    rate: str
    source: str
    reason: str | None
    people: int
    unknown: int
    groups: dict[str, list[GroupCount]]
    min_impact_ratio: float | None
    min_cell: int
    p_value: float | None


class Audited(Answer):
    """A bias audit that was counted, and the evidence it became."""

    evidence: str
    file_digest: str
    audit: BiasAudit
