"""Minutes: written from records on request, kept as files under their digests, approved by the chair."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy.orm import Session

from headway import documents, identity, ledger
from headway.governance.council import minutes as writing
from headway.governance.council import store, voting
from headway.governance.council.entities import Item
from headway.governance.council.errors import MinutesUnknown, NotYourSeat, StepRefused
from headway.governance.council.meeting import Meeting, MeetingState, Minutes
from headway.governance.council.minutes_words import LOCALES
from headway.governance.council.service.bodies import get_body
from headway.governance.council.service.leading import get_meeting, items_of, leads, not_led, refuse
from headway.governance.council.service.papers import papers_of
from headway.governance.council.service.rhythm import ref
from headway.governance.council.tables import MinutesRow
from headway.governance.service import usecases
from headway.governance.service.people import need_person
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.canonical import canonical_json, sha256
from headway.kernel.storage import Storage

FILES: Final = {
    "minutes.pdf": "application/pdf",
    "minutes.docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
MOST_NUMBERS: Final = 100


def make_minutes(session: Session, actor: Actor, storage: Storage, meeting_id: str, *, locale: str = "en") -> Minutes:
    """Write the minutes of a meeting that was held, as PDF and as Word file, and keep them with their digests.

    They may be written again, in another language too, until the chair approved one writing.
    Raises: MeetingUnknown, NotYourSeat; StepRefused: it was not held, or they are approved; DocumentFailed.
    """
    need_person(actor, "write minutes")
    found = get_meeting(session, meeting_id, lock=True)
    if not leads(actor, get_body(session, found.body)) and actor.ref != found.chair:
        not_led(get_body(session, found.body))
    if found.state is not MeetingState.held:
        refuse(found)
    number = store.count_minutes(session, meeting_id) + 1
    if number > MOST_NUMBERS or any(one.approved_at for one in found.minutes):
        raise StepRefused(f"the minutes of {meeting_id} are approved; they stay as they are")
    document = document_of(session, found, locale=locale if locale in LOCALES else "en")
    files = {"minutes.pdf": documents.pdf(document), "minutes.docx": documents.docx(document)}
    digests = {name: sha256(data) for name, data in files.items()}
    for name, data in files.items():
        storage.ensure(_key(digests[name]), data)
    values: dict[str, object] = {"pdf": digests["minutes.pdf"], "docx": digests["minutes.docx"]}
    values |= {"content": sha256(canonical_json(documents.document.payload(document, ""))), "locale": document.locale}
    store.add(session, MinutesRow(meeting=meeting_id, number=number, made_by=actor.ref, made_at=clock.now(), **values))
    payload = {"council": found.body, "number": number, **values}
    ledger.record(session, actor=actor, type="council.minutes_made", subject=ref(meeting_id), payload=payload)
    return get_meeting(session, meeting_id).minutes[-1]


def approve_minutes(session: Session, actor: Actor, meeting_id: str, number: int) -> Minutes:
    """Approve one writing of the minutes, as who was in the chair or holds its seat now; nothing can be written after it.

    Raises: MeetingUnknown, MinutesUnknown, NotYourSeat; StepRefused: one is approved.
    """
    need_person(actor, "approve minutes")
    found = get_meeting(session, meeting_id, lock=True)
    if not may_approve(session, actor, found):
        raise NotYourSeat(
            f"who was in the chair of {meeting_id} approves its minutes",
            hint="or who holds the chair's seat now",
            values={"rule": "council.chair", "meeting": meeting_id},
        )
    one = _numbered(found, number)
    if any(known.approved_at for known in found.minutes):
        raise StepRefused(f"the minutes of {meeting_id} are approved", values={"meeting": meeting_id})
    store.approve_minutes(session, meeting_id, number, actor.ref, clock.now())
    payload = {"council": found.body, "number": number, "pdf": one.pdf, "docx": one.docx, "content": one.content}
    ledger.record(session, actor=actor, type="council.minutes_approved", subject=ref(meeting_id), payload=payload)
    return _numbered(get_meeting(session, meeting_id), number)


def may_approve(session: Session, actor: Actor, found: Meeting) -> bool:
    """Tell whether somebody approves the minutes of a meeting: who was in its chair, or holds the chair's seat now."""
    body = get_body(session, found.body)
    holder = voting.holder_of(body.members, body.chair, clock.now()) if body.chair else None
    return found.state is MeetingState.held and actor.ref in (found.chair, holder)


def read_minutes(session: Session, storage: Storage, meeting_id: str, *, number: int, file: str) -> tuple[str, bytes]:
    """Read a file of the minutes as it was kept: its media type and its bytes.

    Raises: MeetingUnknown, MinutesUnknown: no such number or file, or the file is not what was kept.
    """
    one = _numbered(get_meeting(session, meeting_id), number)
    if file not in FILES:
        raise MinutesUnknown(f"minutes have the files {' and '.join(FILES)}", values={"file": file})
    digest = one.pdf if file == "minutes.pdf" else one.docx
    data = storage.get(_key(digest))
    if sha256(data) != digest:
        raise MinutesUnknown(f"{file} of {meeting_id} is not the file that was kept", values={"file": file})
    return FILES[file], data


def document_of(session: Session, found: Meeting, *, locale: str) -> documents.Document:
    """Lay the minutes of a meeting out as a document, from records alone."""
    body = get_body(session, found.body)
    items = items_of(session, found.agenda)
    between = _in_writing(session, found)
    everything = [*items, *between]
    struck = items_of(session, tuple(found.struck))
    titles = {one.usecase: usecases.get_usecase(session, one.usecase).title for one in (*everything, *struck)}
    titles |= {one.id: titles[one.usecase] for one in struck}
    records = writing.Records(
        body=body,
        meeting=found,
        items=tuple(items),
        between=tuple(between),
        names=identity.names_of(session, _people(found, everything) | {one.person for one in body.members}),
        titles=titles,
        papers={one.id: papers_of(session, one) for one in items},
        organisation=identity.get_department(session, identity.ROOT).name,
        locale=locale,
    )
    return writing.write(records)


def _in_writing(session: Session, found: Meeting) -> list[Item]:
    """What the seats decided outside of meetings since the one before was closed."""
    start = found.opened_at or found.starts_at
    held = store.list_meetings(session, bodies=[found.body], states=[MeetingState.held])
    ends = [one.closed_at for one in held if one.closed_at and one.closed_at <= start and one.id != found.id]
    since = max(ends, default=FIRST)
    decided = store.list_items(session, body=found.body, decided=(since, found.closed_at or clock.now()))
    return [one for one in reversed(decided) if one.votes and one.meeting is None and one.id not in found.agenda]


def _people(found: Meeting, items: list[Item]) -> set[str]:
    named = {found.chair, *(one.person for one in found.attendance), *(one.requested_by for one in items)}
    for one in items:
        named |= {vote.person for vote in one.votes} | {said.person for said in one.reviews}
        named |= {out.person for out in one.recusals}
        named |= {who for condition in one.conditions for who in (condition.owner, condition.proposed_by)}
    return {who for who in named if who}


def _numbered(found: Meeting, number: int) -> Minutes:
    for one in found.minutes:
        if one.number == number:
            return one
    raise MinutesUnknown(f"{found.id} has no minutes number {number}", values={"meeting": found.id})


def _key(digest: str) -> str:
    return f"minutes/{digest}"
