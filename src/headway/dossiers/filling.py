"""Filling a form from records, and holding a made document against what the records say now. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from headway.dossiers.entities import (
    Answer,
    Content,
    DossierKind,
    Due,
    FilledChapter,
    Form,
    Lack,
    Made,
    Plotted,
    Ranged,
    Said,
    Statement,
    Tabled,
)
from headway.governance import Pack
from headway.kernel.canonical import canonical_json, sha256

_SAID: Mapping[str, type[Statement]] = {"said": Said, "tabled": Tabled, "plotted": Plotted, "ranged": Ranged}


def fill(
    form: Form,
    records: object,
    *,
    due: Due,
    subject: str,
    organisation: str,
    about: tuple[tuple[str, str], ...],
    packs: tuple[Pack, ...],
) -> Content:
    """Draw every requirement of a form from records; equal records give an equal document.

    Raises: ValueError: a statement names no record, or a requirement came back with neither a statement nor a gap.
    """
    chapters = tuple(
        FilledChapter(title=chapter.title, answers=tuple(_answer(one, records) for one in chapter.requirements))
        for chapter in form.chapters
    )
    return Content(
        kind=form.kind,
        title=form.title,
        subtitle=form.subtitle,
        source=form.source,
        organisation=organisation,
        subject=subject,
        about=about,
        due=due,
        packs={f"{one.id}@{one.version}": one.digest for one in packs},
        chapters=chapters,
    )


def _answer(requirement: Any, records: object) -> Answer:  # noqa: ANN401  a Requirement; its draw takes its own records
    drawn = requirement.draw(records)
    if not drawn.said and not drawn.lacks:
        raise ValueError(f"{requirement.id} is answered by nothing and lacks nothing")
    for one in drawn.said:
        if not one.cites:
            raise ValueError(f"{requirement.id} says something without naming a record")
    return Answer(
        id=requirement.id, title=requirement.title, source=requirement.source, said=drawn.said, lacks=drawn.lacks
    )


def plain(content: Content) -> dict[str, Any]:
    """A document as JSON holds it."""
    made: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(content))
    return made


def content_of(told: Mapping[str, Any]) -> Content:
    """A document as JSON held it."""
    chapters = tuple(
        FilledChapter(title=chapter["title"], answers=tuple(map(_answer_of, chapter["answers"])))
        for chapter in told["chapters"]
    )
    names = ("title", "subtitle", "source", "organisation", "subject")
    return Content(
        kind=DossierKind(told["kind"]),
        about=tuple((name, value) for name, value in told["about"]),
        due=msgspec.convert(told["due"], Due),
        packs=dict(told["packs"]),
        chapters=chapters,
        **{name: told[name] for name in names},
    )


def _answer_of(told: Mapping[str, Any]) -> Answer:
    said = tuple(msgspec.convert(one, _SAID[one["kind"]]) for one in told["said"])
    lacks = msgspec.convert(told["lacks"], tuple[Lack, ...])
    return Answer(id=told["id"], title=told["title"], source=told["source"], said=said, lacks=lacks)


def seal(content: Content, *, id: str, at: datetime, by: str) -> Made:
    """Give a document its moment and its digests."""
    body = plain(content)
    told = {"id": id, "made_at": at.isoformat(), "made_by": by, "content": body}
    return Made(
        id=id, at=at, by=by, content=content, content_digest=digest_of(body), digest=sha256(canonical_json(told))
    )


def digest_of(body: Mapping[str, Any]) -> str:
    """The digest over what a document says."""
    return sha256(canonical_json(dict(body)))


def changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """Name what reads differently between two documents of one kind: requirements by id, ``due``, ``packs``, ``about``."""
    old, new = _answers(before), _answers(now)
    names = [*new, *(one for one in old if one not in new)]
    found = [one for one in names if old.get(one) != new.get(one)]
    return tuple(found + [one for one in ("due", "packs", "about") if before.get(one) != now.get(one)])


def _answers(body: Mapping[str, Any]) -> dict[str, Any]:
    return {one["id"]: one for chapter in body["chapters"] for one in chapter["answers"]}
