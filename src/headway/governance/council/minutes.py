"""The minutes of a meeting as a document, made from records alone: who was there, what was decided and how, who dissented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from headway import documents
from headway.governance.council.entities import (
    Body,
    Capacity,
    Choice,
    Condition,
    Item,
    ItemState,
    Recusal,
    Review,
    SeatVote,
)
from headway.governance.council.meeting import Meeting, Paper
from headway.governance.council.minutes_words import say
from headway.governance.council.voting import chain, holder_of

Blocks = list[documents.Block]
AGAINST = {ItemState.approved: Choice.no, ItemState.rejected: Choice.yes}


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What the minutes are made from. ``items``: the agenda in its order. ``between``: what was decided in writing since the
    meeting before. ``names``: of everybody named; ``titles``: of use cases; ``papers``: by item.
    """

    body: Body
    meeting: Meeting
    items: tuple[Item, ...]
    between: tuple[Item, ...]
    names: Mapping[str, str]
    titles: Mapping[str, str]
    papers: Mapping[str, tuple[Paper, ...]]
    organisation: str
    locale: str


@dataclass(frozen=True, slots=True)
class _Pen:
    """Words and names in the language of the minutes, and the moment up to which they tell."""

    of: Records

    def say(self, key: str, **values: object) -> str:
        return say(self.of.locale, key, **values)

    def name(self, person: str | None) -> str:
        return self.of.names.get(person, person) if person else "–"

    def seat(self, seat: str) -> str:
        return self.say(f"seat_{seat}")

    def when(self, at: datetime) -> str:
        words = documents.Words(self.of.locale)
        return words.moment(at.astimezone(ZoneInfo(self.of.body.zone)))

    def day(self, at: datetime) -> str:
        return documents.Words(self.of.locale).moment(at.astimezone(ZoneInfo(self.of.body.zone)).date())

    @property
    def end(self) -> datetime:
        return self.of.meeting.closed_at or self.of.meeting.changed_at


def write(records: Records) -> documents.Document:
    """Write the minutes of a meeting that was held; they tell how things stood when it was closed."""
    pen, body, meeting = _Pen(records), records.body, records.meeting
    sections = [documents.Section(title=pen.say("attendance"), blocks=(_attendance(pen), *_guests(pen)))]
    sections += [_case(pen, number, item) for number, item in enumerate(records.items, 1)]
    if not records.items:
        text = documents.Paragraph(pen.say("no_items"))
        sections.append(documents.Section(title=pen.say("agenda"), blocks=(text,)))
    if meeting.struck:
        sections.append(documents.Section(title=pen.say("struck"), blocks=(_struck(pen),)))
    if records.between:
        lines = tuple(f"{_title(pen, one)}: {_outcome(pen, one)}" for one in records.between)
        blocks = (documents.Paragraph(pen.say("between_why")), documents.Bullets(lines))
        sections.append(documents.Section(title=pen.say("between"), blocks=blocks))
    return documents.Document(
        title=pen.say("title", council=body.title),
        subtitle=pen.when(meeting.opened_at or meeting.starts_at),
        organisation=records.organisation,
        made_on=pen.end.astimezone(ZoneInfo(body.zone)).date(),
        facts=_facts(pen),
        lead=(documents.Paragraph(pen.say("source")),),
        sections=tuple(sections),
        locale=records.locale,
    )


def _facts(pen: _Pen) -> tuple[tuple[str, str], ...]:
    meeting = pen.of.meeting
    there = sum(one.seat is not None for one in meeting.attendance)
    needed = meeting.quorum or 0
    quorum = pen.say(
        "quorum_met" if there >= needed else "quorum_missed", there=there, seats=len(meeting.seats), needed=needed
    )
    facts = [
        (pen.say("council"), pen.of.body.title),
        (pen.say("began"), pen.when(meeting.opened_at or meeting.starts_at)),
        (pen.say("ended"), pen.when(pen.end)),
        (pen.say("zone"), pen.of.body.zone),
        (pen.say("chair"), pen.name(meeting.chair)),
        (pen.say("quorum"), quorum),
    ]
    if meeting.place:
        facts.insert(1, (pen.say("place"), meeting.place))
    return tuple(facts)


def _attendance(pen: _Pen) -> documents.Table:
    there = {one.seat: one for one in pen.of.meeting.attendance if one.seat}

    def row(seat: str) -> tuple[str, ...]:
        holder = holder_of(pen.of.body.members, seat, pen.of.meeting.opened_at or pen.end)
        one = there.get(seat)
        if one is None:
            return pen.seat(seat), pen.name(holder), pen.say("absent" if holder else "empty"), "–"
        capacity = one.capacity or Capacity.holder
        return (
            pen.seat(seat),
            pen.name(holder),
            pen.name(one.person),
            _capacity(pen, seat, capacity, one.person, one.at),
        )

    headers = (pen.say("seat"), pen.say("holder"), pen.say("there"), pen.say("as"))
    return documents.Table(headers=headers, rows=tuple(row(seat) for seat in pen.of.meeting.seats))


def _guests(pen: _Pen) -> Blocks:
    guests = [pen.name(one.person) for one in pen.of.meeting.attendance if one.seat is None]
    return [documents.Paragraph(pen.say("guests", names=", ".join(guests)))] if guests else []


def _capacity(pen: _Pen, seat: str, capacity: Capacity, person: str, at: datetime) -> str:
    """In which capacity somebody spoke for a seat; a delegate with who handed it to them."""
    if capacity is not Capacity.delegate:
        return pen.say(capacity.value)
    holder = holder_of(pen.of.body.members, seat, at)
    line = (holder, *chain(pen.of.body.delegations, seat, holder, at)) if holder else ()
    giver = line[line.index(person) - 1] if person in line[1:] else holder
    return pen.say("delegate_of", giver=pen.name(giver))


def _case(pen: _Pen, number: int, item: Item) -> documents.Section:
    asked = pen.say("asked", who=pen.name(item.requested_by), day=pen.day(item.opened_at))
    about = f"{item.subject}, {item.environment}" if item.environment else item.subject
    blocks: Blocks = [documents.Paragraph(f"{about}. {asked}")]
    blocks += _list(pen, "papers", [f"{one.title} ({one.ref})" for one in pen.of.papers.get(item.id, ())])
    blocks += _list(pen, "reviews", [_review(pen, one) for one in item.reviews if one.at <= pen.end])
    blocks += _list(pen, "recusals", [_recusal(pen, one) for one in item.recusals if one.at <= pen.end])
    votes = [one for one in item.votes if one.at <= pen.end]
    if votes:
        blocks.append(_votes(pen, votes))
    blocks.append(_decision(pen, item))
    if item.conditions:
        blocks.append(_conditions(pen, item.conditions, _is_decided(pen, item)))
    against = AGAINST.get(item.state) if _is_decided(pen, item) else None
    dissent = [f"{pen.name(one.person)} ({pen.seat(one.seat)}): {one.reason}" for one in votes if one.choice is against]
    if dissent:
        blocks.append(documents.Callout(tuple(dissent), title=pen.say("dissent")))
    return documents.Section(title=f"{number}. {_title(pen, item)}", blocks=tuple(blocks))


def _title(pen: _Pen, item: Item) -> str:
    return pen.of.titles.get(item.usecase, item.usecase)


def _list(pen: _Pen, key: str, lines: Sequence[str]) -> Blocks:
    if not lines:
        return []
    head = documents.Paragraph((documents.Span(pen.say(key), "strong"),))
    return [head, documents.Bullets(tuple(lines))]


def _review(pen: _Pen, one: Review) -> str:
    said = pen.say("supports" if one.supports else "opposes")
    return f"{pen.seat(one.part)}, {pen.name(one.person)}, {said}: {one.text}"


def _recusal(pen: _Pen, one: Recusal) -> str:
    return pen.say("by_records" if one.is_automatic else "declared", who=pen.name(one.person), reason=one.reason)


def _votes(pen: _Pen, votes: Iterable[SeatVote]) -> documents.Table:
    def row(one: SeatVote) -> tuple[str, ...]:
        capacity = _capacity(pen, one.seat, one.capacity, one.person, one.at)
        where = pen.say("here" if one.meeting == pen.of.meeting.id else "in_writing", day=pen.day(one.at))
        return pen.seat(one.seat), pen.name(one.person), capacity, pen.say(one.choice.value), where, one.reason

    headers = tuple(pen.say(key) for key in ("seat", "who", "as", "vote", "where", "reason"))
    return documents.Table(headers=headers, rows=tuple(row(one) for one in votes))


def _is_decided(pen: _Pen, item: Item) -> bool:
    return item.decided_at is not None and item.decided_at <= pen.end


def _decision(pen: _Pen, item: Item) -> documents.Callout:
    is_yes = _is_decided(pen, item) and item.state is ItemState.approved
    return documents.Callout((_outcome(pen, item),), tone="good" if is_yes else "note", title=pen.say("decision"))


def _outcome(pen: _Pen, item: Item) -> str:
    if not _is_decided(pen, item):
        return pen.say("undecided", day=pen.day(item.closes_at))
    word = pen.say(item.state.value)
    if not item.votes:
        return f"{word}: {'; '.join(item.why)}"
    counts = {choice: sum(one.choice is choice for one in item.votes) for choice in Choice}
    told = pen.say("counted", yes=counts[Choice.yes], no=counts[Choice.no], abstain=counts[Choice.abstain])
    where = pen.say(
        "decided_here" if item.meeting == pen.of.meeting.id else "written", day=pen.day(item.decided_at or pen.end)
    )
    return f"{word}: {told}. {where}"


def _conditions(pen: _Pen, conditions: Iterable[Condition], is_decided: bool) -> documents.Table:
    def due(one: Condition) -> str:
        if is_decided and one.due_at is not None:
            return pen.day(one.due_at)
        return pen.say("days_after", days=one.days)

    rows = tuple((one.text, pen.name(one.owner), due(one), pen.name(one.proposed_by)) for one in conditions)
    headers = tuple(pen.say(key) for key in ("condition", "owner", "due", "proposed_by"))
    return documents.Table(headers=headers, rows=rows, caption=pen.say("conditions"))


def _struck(pen: _Pen) -> documents.Bullets:
    return documents.Bullets(
        tuple(f"{pen.of.titles.get(item, item)}: {why}" for item, why in pen.of.meeting.struck.items())
    )
