"""Filling a form from records: what they hold is said with its record, what they do not hold is a gap, nothing else is said. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

import msgspec

from headway.documents import Block, Callout, Document, Paragraph, Section, Table
from headway.incidents.notice import (
    Answered,
    Ask,
    Draft,
    Gap,
    Kind,
    Known,
    Line,
    Notice,
    NoticeForm,
    Record,
    Records,
    Stated,
)
from headway.kernel.canonical import canonical_json, sha256

CONFIDENCE: Mapping[str, str] = {
    "verified": "read in the primary text",
    "secondary": "from commentary that agrees",
    "recall": "general knowledge: read the text first",
}
KINDS: Mapping[Kind, str] = {"initial": "Initial report", "follow_up": "Follow-up report"}
DRAFT = "Draft. Headway sends nothing: a person reads it, fills the gaps, sends it and notes that here."
NO_GAP = "No gap: a record answers every line."
_KEPT = "\n\t"
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Kinds of characters that show nothing and may turn a line around or break it."""


def form_for(forms: Iterable[NoticeForm], clock: str) -> NoticeForm:
    """The form that a clock asks for, or the one for all that have no other."""
    known = list(forms)
    return next((one for one in known if clock in one.clocks), None) or next(one for one in known if not one.clocks)


def fill(form: NoticeForm, records: Records, *, incident: str, clock: str, kind: Kind) -> Draft:
    """Fill a form from records."""
    gaps = [gap for line in form.lines for gap in _gaps(line, records)]
    return Draft(
        form=f"{form.id}@{form.version}",
        form_digest=form.digest,
        title=form.title,
        note=form.note,
        kind=kind,
        incident=incident,
        clock=clock,
        lines=tuple(_answer(line, records) for line in form.lines),
        gaps=tuple(gaps),
    )


def _answer(line: Line, records: Records) -> Answered:
    """What one record says stands together, in the order in which the form asks for it."""
    kinds = dict.fromkeys(_kind(ask) for ask in line.facts)
    facts = (
        stated
        for kind in kinds
        for record in records.get(kind, ())
        for ask in line.facts
        if _kind(ask) == kind and (stated := _stated(ask, record)) is not None
    )
    return Answered(id=line.id, title=line.title, source=line.source, confidence=line.confidence, facts=tuple(facts))


def _kind(ask: Ask) -> str:
    return ask.of.partition(".")[0]


def _stated(ask: Ask, record: Record) -> Stated | None:
    field = ask.of.partition(".")[2]
    known = record.holds.get(field)
    if known is None:
        return None
    return Stated(says=ask.says, value=told(known), record=record.ref, field=field, digest=record.digest)


def _gaps(line: Line, records: Records) -> Iterator[Gap]:
    for ask in line.facts:
        if ask.mend is None:
            continue
        kind, _, field = ask.of.partition(".")
        kept = records.get(kind, ())
        if not kept:
            yield Gap(line=line.title, what=ask.says, mend=ask.mend)
        for record in kept:
            if record.holds.get(field) is None:
                yield Gap(line=line.title, what=_which(ask, record, kept), mend=ask.mend)
    for blank in line.gaps:
        if blank.when is None or _holds(blank.when, records):
            yield Gap(line=line.title, what=blank.what, mend=blank.mend)


def _which(ask: Ask, record: Record, kept: Sequence[Record]) -> str:
    return ask.says if len(kept) == 1 else f"{ask.says} ({record.ref})"


def _holds(of: str, records: Records) -> bool:
    kind, _, field = of.partition(".")
    return any(record.holds.get(field) is True for record in records.get(kind, ()))


def told(known: Known) -> str:
    """What a record holds, in words."""
    if isinstance(known, bool):
        return "yes" if known else "no"
    if isinstance(known, datetime):
        return f"{known.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if isinstance(known, date):
        return known.isoformat()
    if isinstance(known, tuple):
        return ", ".join(known) or "none"
    return str(known)


def digest_of(draft: Draft) -> str:
    """The digest over all that a draft says."""
    return sha256(canonical_json(msgspec.to_builtins(draft)))


# --- laying it out -----------------------------------------------------------------------------------------------


def head_of(notice: Notice, by: str) -> tuple[tuple[str, str], ...]:
    """What stands at the head: which draft of what it is, by whose wish, under which digest."""
    draft = notice.draft
    head = (
        ("Kind", KINDS[draft.kind]),
        ("Incident", draft.incident),
        ("Clock", draft.clock),
        ("Draft", f"{notice.id}, number {notice.number} for this clock"),
        ("Made", f"{told(notice.made_at)} by {by}"),
        ("Form", draft.form),
        ("Digest of what it says", notice.digest),
        ("Gaps", str(len(draft.gaps))),
    )
    return head if notice.sending is None else (*head, ("Sent", _sent(notice)))


def _sent(notice: Notice) -> str:
    sending = notice.sending
    assert sending is not None  # noqa: S101  asked by the caller
    number = f", reference {sending.reference}" if sending.reference else ""
    return f"{told(sending.sent_at)} to {sending.to}{number}"


def text_of(notice: Notice, by: str) -> str:
    """A draft as plain text. What people wrote stands behind a bar, so that none of it looks like a line of ours."""
    draft = notice.draft
    lines = [draft.title.upper(), "", DRAFT, ""]
    lines += [line for name, value in head_of(notice, by) for line in _said(name, value)]
    lines += ["", "GAPS"]
    lines += [line for gap in draft.gaps for line in _said(gap.line, f"{gap.what}. To close it: {gap.mend}.")] or [
        NO_GAP
    ]
    for answer in draft.lines:
        lines += ["", answer.title.upper(), f"({answer.source}; {CONFIDENCE[answer.confidence]})"]
        for fact in answer.facts:
            lines += [*_said(fact.says, fact.value), f"    [{fact.record}, {fact.field}]"]
    lines += ["", "NOTE", draft.note, ""]
    return "\n".join(lines)


def _said(name: str, value: str) -> list[str]:
    parts = plain(value).split("\n")
    if len(parts) == 1:
        return [f"- {name}: {parts[0]}"]
    return [f"- {name}:", *(f"    | {part}" for part in parts)]


def plain(text: str) -> str:
    """Text of people as text: what shows nothing, turns the line around or breaks it otherwise becomes a visible stand-in."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        one if one in _KEPT or unicodedata.category(one) not in _HIDDEN else "\N{REPLACEMENT CHARACTER}"
        for one in whole
    )


def document_of(notice: Notice, by: str, organisation: str) -> Document:
    """A draft laid out for paper: what is missing first, then each line with what records say."""
    draft = notice.draft
    rows = tuple((gap.line, gap.what, gap.mend) for gap in draft.gaps)
    gaps: Block = Table(headers=("at", "what no record says", "how it comes to be known"), rows=rows)
    return Document(
        title=draft.title,
        subtitle=f"{KINDS[draft.kind]}, draft",
        organisation=organisation,
        made_on=notice.made_at.date(),
        facts=head_of(notice, by),
        lead=(Callout((DRAFT,), "note", "Draft"),),
        sections=(
            Section(title="Gaps", blocks=(gaps if rows else Callout((NO_GAP,), "good"),)),
            *(_section(answer) for answer in draft.lines),
            Section(title="Note", blocks=(Paragraph(draft.note),)),
        ),
    )


def _section(answer: Answered) -> Section:
    source = Paragraph(f"{answer.source}; {CONFIDENCE[answer.confidence]}.")
    rows = tuple((one.says, plain(one.value), f"{one.record}, {one.field}") for one in answer.facts)
    if not rows:
        return Section(
            title=answer.title, blocks=(source, Callout(("No record says anything here.",), "note", "Nothing recorded"))
        )
    return Section(
        title=answer.title, blocks=(source, Table(headers=("what", "as recorded", "record and field"), rows=rows))
    )
