"""The assessments of all use cases in one list: which are due and why, where each stands, and whose they are. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from headway.governance.assessments import rules
from headway.governance.assessments.entities import Assessment, Known, Standing, Template
from headway.governance.entities import UseCase
from headway.kernel.arranging import Offer


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedEntry:
    """One template and one use case. ``since``: when the newest was opened, submitted, signed or given back; None: none was."""

    usecase: str
    usecase_title: str
    department: str
    tier: str
    template: str
    title: str
    seat: str
    standing: Standing
    is_due: bool
    why: str
    why_outdated: tuple[str, ...]
    assessment: str | None
    """The newest one."""
    since: datetime | None
    submitted_by: str | None
    signed_by: str | None
    """Who signed it, or gave it back."""
    assessors: tuple[str, ...]
    """Who holds the seat for the use case."""


def entry(
    case: UseCase,
    template: Template,
    newest: Assessment | None,
    found: Mapping[str, Known],
    *,
    at: datetime,
    assessors: tuple[str, ...],
) -> NeedEntry:
    """Say of one use case and template where it stands. Args: found: what the platform knows, read when the newest was signed."""
    is_due, why = rules.due(template, case)
    standing, why_outdated = rules.standing(template, newest, found, at, is_due=is_due)
    return NeedEntry(
        usecase=case.slug,
        usecase_title=case.title,
        department=case.department,
        tier=case.tier.value,
        template=template.id,
        title=template.title,
        seat=template.seat,
        standing=standing,
        is_due=is_due,
        why=why,
        why_outdated=why_outdated,
        assessment=newest.id if newest else None,
        since=(newest.signed_at or newest.submitted_at or newest.opened_at) if newest else None,
        submitted_by=newest.submitted_by if newest else None,
        signed_by=newest.signed_by if newest else None,
        assessors=assessors,
    )


URGENCY: Final = tuple(
    Standing(one) for one in ("outdated", "due", "returned", "submitted", "opened", "signed", "not_due")
)
"""What people must act on first."""
OFFER: Final[Offer[NeedEntry]] = Offer(
    filters={
        "department": lambda one: (one.department,),
        "usecase": lambda one: (one.usecase,),
        "tier": lambda one: (one.tier,),
        "template": lambda one: (one.template,),
        "seat": lambda one: (one.seat,),
        "standing": lambda one: (one.standing.value,),
        "assessor": lambda one: one.assessors,
    },
    sorts={
        "standing": lambda one: URGENCY.index(one.standing),
        "usecase": lambda one: one.usecase_title.lower(),
        "department": lambda one: one.department,
        "title": lambda one: one.title.lower(),
        "seat": lambda one: one.seat,
        "since": lambda one: one.since,
    },
    searched=lambda one: f"{one.usecase_title} {one.usecase} {one.title}",
    department=lambda one: one.department,
    key=lambda one: f"{one.usecase} {one.template}",
    sort="standing",
)
