"""What is asked before something starts beyond our nodes, and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from headway.governance.entities.kinds import Gate, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageBinding:
    """Which bundle a container image carries, as a build said; the newest for an image counts."""

    id: str  # of the evidence
    image: str
    image_digest: str
    bundle_digest: str
    bound_by: str
    bound_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSubject:
    """What a name given to the gate means: a digest, and what is known of it. ``why``: there is nothing to ask about."""

    asked: str
    digest: str | None = None
    usecase: str | None = None
    binding: ImageBinding | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """One reason not to let something in, with a stable code."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Whether something may be put to work in an environment, for the few minutes that the answer counts."""

    id: str
    subject: str  # as it was asked for
    subject_digest: str | None
    image_digest: str | None  # of the image that carries it, where an image was asked for
    environment: str
    gate: Gate
    usecase: str | None
    allowed: bool
    result: Result
    reasons: tuple[Objection, ...]
    missing: tuple[str, ...]  # before production, in plain words
    verdict: str | None
    binding: str | None  # evidence that ties the image to the bundle
    exceptions: tuple[str, ...]  # ids of the waivers that the verdict rests on
    pack_digests: Mapping[str, str]
    facts_digest: str | None
    asked_by: str
    at: datetime
    valid_until: datetime
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionAnswer:
    """An admission, and the same signed: a DSSE envelope as JSON text, which verifies anywhere."""

    admission: Admission
    envelope: str
