"""A form of a notification, read from plain data. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from headway.incidents.notice import Ask, Blank, Line, NoticeForm
from headway.kernel.canonical import digest

KINDS: Mapping[str, tuple[str, ...]] = {
    "organisation": ("name",),
    "clock": ("id", "title", "source", "jurisdiction", "to", "since", "until", "is_late"),
    "incident": (
        "title", "what", "severity", "harm", "widespread", "personal_data_breach", "risk_to_persons", "found_by", "found_at",
        "aware_at", "started_at", "ended_at", "cause", "state", "contained_at", "corrected_at",
    ),
    "affected": ("decisions", "subjects", "without_subject", "first", "last", "counted_at"),
    "usecase": ("title", "department", "purpose", "people_affected", "tier", "roles", "annex_iii"),
    "system": ("title",),
    "vendor": ("name", "contact"),
    "version": ("ref", "digest"),
    "stop": ("deployment", "stopped_at", "reason", "lifted_at"),
    "action": ("title", "state", "due_on", "ended_at"),
    "notice": ("kind", "sent_at", "to", "reference"),
}  # fmt: skip
"""The kinds of records that a form may ask, and what of them."""


def read(source: Mapping[str, Any]) -> NoticeForm:
    """Read a form; raises ValueError where it asks for what no record has."""
    return NoticeForm(
        id=source["id"],
        version=source["version"],
        title=source["title"],
        as_of=date.fromisoformat(source["as_of"]),
        note=" ".join(source.get("note", "").split()),
        clocks=tuple(source["clocks"]),
        lines=tuple(_line(one) for one in source["lines"]),
        digest=digest(dict(source)),
    )


def _line(source: Mapping[str, Any]) -> Line:
    return Line(
        id=source["id"],
        title=source["title"],
        source=source["source"],
        confidence=source["confidence"],
        facts=tuple(
            Ask(of=_known(one["of"]), says=one["says"], mend=one.get("else")) for one in source.get("facts", ())
        ),
        gaps=tuple(
            Blank(what=one["what"], mend=one["mend"], when=one.get("when") and _known(one["when"]))
            for one in source.get("gaps", ())
        ),
    )


def _known(of: str) -> str:
    kind, _, field = of.partition(".")
    if field not in KINDS.get(kind, ()):
        raise ValueError(f"no record has {of!r}")
    return of
