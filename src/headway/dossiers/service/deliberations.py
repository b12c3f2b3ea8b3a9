"""What people decided about a use case, for the auditor: council, assessments, risks, incidents, and whose word it rests on."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from headway.dossiers.plain import to_lines
from headway.dossiers.records import Records
from headway.governance import assessments, council, mandates
from headway.kernel.paging import MAX_LIMIT
from headway.kernel.storage import Storage
from headway.value import projections


def deliberations(session: Session, storage: Storage, records: Records) -> tuple[dict[str, bytes], set[str]]:
    """Gather what people decided. Returns: files by name, and the subjects whose entries of the ledger belong to them."""
    slug = records.case.slug
    items = list(_items(session, slug))
    named = {one for item in items for one in (item.meeting, *(vote.meeting for vote in item.votes)) if one}
    meetings = [council.get_meeting(session, one) for one in sorted(named)]
    assessed = assessments.list_assessments(session, slug, MAX_LIMIT)
    expected = projections.list_projections(session, slug)
    risks = (*records.register.risks, *records.register.closed) if records.register else ()
    files = {
        "council/items.jsonl": to_lines(items),
        "assessments.jsonl": to_lines(assessed),
        "risks.jsonl": to_lines(risks),
        "incidents.jsonl": to_lines(records.incidents),
        "projections.jsonl": to_lines(expected),
        **_minutes(session, storage, meetings),
    }
    subjects = {f"council-item:{one.id}" for one in items} | {f"council:{one.body}" for one in items}
    subjects |= {f"council-meeting:{one.id}" for one in meetings}
    subjects |= {f"assessment:{one.id}" for one in assessed} | {f"risk:{one.id}" for one in risks}
    subjects |= {f"incident:{one.id}" for one in records.incidents} | {f"projection:{one.id}" for one in expected}
    given, over = _direction(session, records.case.department)
    return files | given, subjects | over


def _items(session: Session, usecase: str) -> Iterator[council.Item]:
    page = council.list_items(session, usecase=usecase, limit=MAX_LIMIT)
    yield from page.items
    while page.next:
        page = council.list_items(session, usecase=usecase, limit=MAX_LIMIT, cursor=page.next)
        yield from page.items


def _minutes(session: Session, storage: Storage, meetings: list[council.Meeting]) -> dict[str, bytes]:
    """The minutes of meetings, each writing as it was kept."""
    return {
        f"minutes/{meeting.id}-{one.number}.pdf": council.read_minutes(
            session, storage, meeting.id, number=one.number, file="minutes.pdf"
        )[1]
        for meeting in meetings
        for one in meeting.minutes
    }


def _direction(session: Session, department: str) -> tuple[dict[str, bytes], set[str]]:
    """The mandates of the programme that a department belongs to, decision rights and risk appetite, as they were signed."""
    files, subjects = dict[str, bytes](), set[str]()
    programme = mandates.intake_of(session, department).programme
    if programme is not None:
        subjects.add(f"programme:{programme}")
        for one in mandates.list_mandates(session, programme):
            if one.signed_at is not None:
                files[f"mandates/{one.id}.json"] = mandates.mandate_envelope(session, one.id)
    for rights in mandates.list_rights(session):
        subjects.add(str(mandates.rights_ref(rights.version)))
        if rights.confirmed_at is not None:
            files[f"rights/{rights.version}.json"] = mandates.rights_envelope(session, rights.version)
    adopted = mandates.list_appetites(session)
    subjects |= {f"appetite:{one.version}" for one in adopted}
    if adopted:
        files["appetite.jsonl"] = to_lines(adopted)
    return files, subjects
