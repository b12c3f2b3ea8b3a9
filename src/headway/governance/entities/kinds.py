"""The closed sets of governance: what a thing may be, as one word."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from headway.kernel.errors import Scalar

FactValue = Scalar | list[str]


Enforce = Literal["block", "warn", "record"]


Result = Literal["pass", "warn", "block"]


Confidence = Literal["verified", "secondary", "recall"]


Gate = Literal["intake", "design", "pre_deploy", "change", "operate", "retire"]


PackMode = Literal["enforced", "mapping"]


EntryState = Literal["active", "retired"]


class Tier(StrEnum):
    """Legal class of a use case: a category, never a score. ``undecided`` means that facts are missing."""

    prohibited = "prohibited"
    high = "high"
    transparency = "transparency"
    minimal = "minimal"
    undecided = "undecided"


class Status(StrEnum):
    """What became of a control at a gate; ``failed`` and ``indeterminate`` are not fine, ``waived`` would be one of them."""

    passed = "passed"
    failed = "failed"
    indeterminate = "indeterminate"
    waived = "waived"
    not_applicable = "not_applicable"
    upcoming = "upcoming"


class SystemKind(StrEnum):
    """Where a system comes from: made here, bought, or built on a model that generates content."""

    own = "own"
    vendor_supplied = "vendor_supplied"
    generative = "generative"


class ApprovalState(StrEnum):
    """Where an approval stands."""

    requested = "requested"
    approved = "approved"
    rejected = "rejected"
