"""Proofs held against every control of packs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from headway.governance.entities.kinds import Confidence, Enforce, Gate, PackMode, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class CrosswalkRow:
    """A kind of evidence, and every control that it helps to close."""

    evidence: str
    title: str
    producer: Literal["auto", "human"]
    controls: Mapping[str, tuple[str, ...]]  # control ids by pack id


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageControl:
    """A control as it stands for one subject, at the first gate that asks it."""

    id: str
    title: str
    source: str
    gates: tuple[Gate, ...]
    status: Status
    enforce: Enforce
    reason: str
    confidence: Confidence
    evidence: tuple[str, ...]  # the types that it asks for
    evidence_ids: tuple[str, ...]  # those that are there
    lacking: tuple[str, ...]  # the types that are not
    valid_from: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackCoverage:
    """How far one pack is shown for a subject; ``applies`` counts controls that apply and have begun."""

    pack: str
    version: str
    title: str
    mode: PackMode
    is_on: bool
    applies: int
    passed: int
    upcoming: int
    controls: tuple[CoverageControl, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What proofs there are for every control of every pack asked, about one subject in one environment."""

    usecase: str
    environment: str
    subject: str
    subject_digest: str
    at: datetime
    packs: tuple[PackCoverage, ...]
