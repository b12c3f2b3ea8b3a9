"""The words of dossiers: what a document asks for, what the records answer, what is missing, what was made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from headway.dossiers.auditing import BiasAudit


class DossierKind(StrEnum):
    """A kind of document. ``board_pack`` is about the whole organisation and a quarter, all others are about one use case."""

    annex_iv = "annex_iv"
    dpia = "dpia"
    fria = "fria"
    ll144_summary = "ll144_summary"
    model_risk = "model_risk"
    board_pack = "board_pack"
    audit_bundle = "audit_bundle"


class DossierState(StrEnum):
    """Where the making of a dossier stands; one that is made never changes."""

    running = "running"
    made = "made"
    failed = "failed"


# --- what is said ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Cite:
    """The record that a statement rests on: a reference or the id of an entry, and its digest where it has one."""

    ref: str
    digest: str | None = None


Cites = tuple[Cite, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A sentence and the records it rests on; what stands between back-ticks is written as code."""

    text: str
    cites: Cites
    kind: Literal["said"] = "said"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tabled:
    """A table and the records it rests on; ``numeric`` names the columns set to the right."""

    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    cites: Cites
    numeric: tuple[int, ...] = ()
    kind: Literal["tabled"] = "tabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plotted:
    """A chart by its figures: ``gains`` and ``calibration`` of pairs, ``bars`` of shares or numbers by name."""

    plot: Literal["gains", "calibration", "bars", "shares"]
    title: str
    points: tuple[tuple[float | str, float], ...]
    label: str
    category: str
    cites: Cites
    rows: tuple[int, ...] = ()
    """How many cases each point of a calibration rests on."""
    kind: Literal["plotted"] = "plotted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranged:
    """A chart of amounts with their intervals: name, amount, lower and upper end of each."""

    title: str
    points: tuple[tuple[str, float, float, float], ...]
    currency: str
    label: str
    category: str
    cites: Cites
    kind: Literal["ranged"] = "ranged"


Statement = Said | Tabled | Plotted | Ranged


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """Something that no record holds: what it is, and how it comes to be recorded."""

    what: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What the records answer to one requirement."""

    said: tuple[Statement, ...] = ()
    lacks: tuple[Lack, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Whether a document is owed for this use; None where facts are missing to tell. ``why`` says by which rule."""

    is_due: bool | None
    why: str
    cites: Cites = ()


# --- what is asked -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One thing that a document must hold, by its source, and the pure function that draws it from its kind of records."""

    id: str
    title: str
    source: str
    draw: Callable[[Any], Drawn]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """Requirements that stand together."""

    title: str
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A kind of document as data: its sections, their sources, and who owes it when."""

    kind: DossierKind
    title: str
    subtitle: str
    source: str
    chapters: tuple[Chapter, ...]
    due: Callable[[Any], Due]

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """All of them, in order."""
        return tuple(one for chapter in self.chapters for one in chapter.requirements)


# --- what came of it ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A requirement as the records answer it."""

    id: str
    title: str
    source: str
    said: tuple[Statement, ...]
    lacks: tuple[Lack, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledChapter:
    """A chapter as the records fill it."""

    title: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A whole document as the records fill it, without the moment it was made at."""

    kind: DossierKind
    title: str
    subtitle: str
    source: str
    organisation: str
    subject: str
    about: tuple[tuple[str, str], ...]
    due: Due
    packs: Mapping[str, str]
    """``id@version`` of the packs that are on, with their digests."""
    chapters: tuple[FilledChapter, ...]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """All gaps, in the order of the document."""
        return tuple(
            Gap(requirement=answer.id, title=answer.title, source=answer.source, what=lack.what, mend=lack.mend)
            for chapter in self.chapters
            for answer in chapter.answers
            for lack in answer.lacks
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A place where the document is empty because no record says it."""

    requirement: str
    title: str
    source: str
    what: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A document with its moment: what it says, when and for whom it was made, and the digest over all of that."""

    id: str
    at: datetime
    by: str
    content: Content
    content_digest: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierFile:
    """A file of a made dossier, in object storage under its dossier."""

    name: str
    media: str
    bytes: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A document that was made, or is being made."""

    id: str
    kind: DossierKind
    title: str
    usecase: str | None
    quarter: str | None
    """Of a board pack, written like ``2026-Q3``."""
    department: str
    state: DossierState
    job: str | None
    files: tuple[DossierFile, ...]
    requirements: int
    gaps: int
    is_due: bool | None
    digest: str | None
    """Over the document with its moment; the document itself names it."""
    content_digest: str | None
    """Over what it says; equal records give an equal one."""
    packs: Mapping[str, str]
    error: Mapping[str, Any] | None
    made_by: str
    started_at: datetime
    made_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """A bias audit that was counted, and the evidence it became."""

    evidence: str
    file_digest: str
    """Of the file that was counted; it was not kept."""
    audit: BiasAudit


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierStanding:
    """A kind of document for one use case as the records stand now, beside the newest that was made."""

    kind: DossierKind
    title: str
    source: str
    due: Due
    requirements: int
    gaps: tuple[Gap, ...]
    newest: Dossier | None
    is_outdated: bool | None
    """Whether the newest says something else than the records do now; None where none was made."""
    changed: tuple[str, ...]
    """Ids of the requirements that read differently now."""
