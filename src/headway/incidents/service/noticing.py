"""Notifications: drafted from what the records hold, kept as drafted, and noted by a person as sent, which meets the clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy.orm import Session

from headway import documents, identity, ledger
from headway.incidents import adapters, drafting, saying, store
from headway.incidents.entities import Clock, ClockState, Incident, IncidentState
from headway.incidents.errors import IncidentInvalid, NothingToTell, NoticeSent, WrongState
from headway.incidents.notice import Draft, Kind, Notice
from headway.incidents.service import recording, timing
from headway.incidents.store import clocks as clock_rows
from headway.incidents.store import notices as rows
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.canonical import sha256
from headway.kernel.errors import Denied, Fault
from headway.kernel.ids import Ref, new_id
from headway.kernel.storage import Storage

TOLD_TO = ("authority", "persons", "provider", "deployer", "internal")
"""What meets the clocks that ask for somebody to be told."""
MOST_FILE = 10_000_000
MOST_LINE = 300
MINUTE = timedelta(minutes=1)


def tells(kept: Clock) -> bool:
    """Whether a clock asks for somebody to be told, so that there is something to draft."""
    return kept.met_by in TOLD_TO


def draft_notices(
    session: Session, actor: Actor, incident_id: str, *, clock_id: str | None = None, storage: Storage | None = None
) -> tuple[Notice, ...]:
    """Draft what a clock asks for, or what each running clock does; where the records say the same as before, nothing new is kept.

    Raises: UnknownIncident, UnknownClock; NothingToTell: no clock asks for anybody to be told; WrongState: it is closed;
    Denied when no person drafts.
    """
    found = _open(session, actor, incident_id)
    known = {one.id: one for one in clock_rows.clocks_of(session, found.id, clock.now())}
    if clock_id is not None:
        clock_rows.need_clock(session, found.id, clock_id)
        wanted = [known[clock_id]]
    else:
        wanted = [one for one in known.values() if one.state is ClockState.running and tells(one)]
    if not wanted or not all(map(tells, wanted)):
        raise NothingToTell(f"{clock_id or 'no running clock'} asks for nobody to be told")
    return tuple(_draft(session, actor, found, one, storage) for one in wanted)


def _draft(session: Session, actor: Actor, found: Incident, of: Clock, storage: Storage | None) -> Notice:
    kept = [one for one in rows.of_incident(session, found.id) if one[0].clock == of.id]
    made = _filled(session, found, of, kept, storage)
    digest = drafting.digest_of(made)
    if kept and kept[0][0].digest == digest:
        return rows.notice_of(kept[0], digest)
    values = {
        "id": new_id("ntc"),
        "incident": found.id,
        "clock": of.id,
        "number": len(kept) + 1,
        "kind": made.kind,
        "body": msgspec.to_builtins(made),
        "digest": digest,
        "made_by": actor.ref,
        "made_at": clock.now(),
    }
    rows.add(session, values)
    _tell(
        session, actor, "incident.drafted", found, of,
        notice=values["id"], number=values["number"], kind=made.kind, digest=digest, form=made.form, gaps=len(made.gaps),
    )  # fmt: skip
    return rows.notice_of(rows.need(session, found.id, str(values["id"])), digest)


def _filled(session: Session, found: Incident, of: Clock, kept: Iterable[rows.Kept], storage: Storage | None) -> Draft:
    sent = [one for one in kept if one[1] is not None]
    kind: Kind = "follow_up" if sent else "initial"
    records = recording.records_of(session, found, of, sent, storage)
    form = drafting.form_for(adapters.forms(), of.id)
    return drafting.fill(form, records, incident=found.id, clock=of.id, kind=kind)


def list_notices(session: Session, incident_id: str, storage: Storage | None = None) -> tuple[Notice, ...]:
    """The drafts of an incident, the newest first, each with whether the records still say the same; raises UnknownIncident."""
    found = store.need_incident(session, incident_id, clock.now())
    kept = rows.of_incident(session, found.id)
    known = {one.id: one for one in clock_rows.clocks_of(session, found.id, clock.now())}
    now = {
        name: drafting.digest_of(
            _filled(session, found, known[name], [one for one in kept if one[0].clock == name], storage)
        )
        for name in {row.clock for row, _ in kept}
    }
    return tuple(rows.notice_of(one, now[one[0].clock]) for one in kept)


def get_notice(session: Session, incident_id: str, notice_id: str, storage: Storage | None = None) -> Notice:
    """Read one draft; raises UnknownIncident, UnknownNotice."""
    rows.need(session, incident_id, notice_id)
    return next(one for one in list_notices(session, incident_id, storage) if one.id == notice_id)


def write_notice(session: Session, incident_id: str, notice_id: str, format: Literal["pdf", "txt"]) -> bytes:
    """A draft as it was kept, as tagged PDF or plain text; raises UnknownIncident, UnknownNotice."""
    kept = rows.notice_of(rows.need(session, incident_id, notice_id), None)
    by = identity.names_of(session, [kept.made_by])[kept.made_by]
    if format == "txt":
        return drafting.text_of(kept, by).encode()
    return documents.pdf(drafting.document_of(kept, by, identity.get_department(session, identity.ROOT).name))


def mark_sent(
    session: Session,
    actor: Actor,
    incident_id: str,
    notice_id: str,
    *,
    sent_at: datetime,
    to: str,
    reference: str | None = None,
    file: tuple[str, bytes] | None = None,
    storage: Storage,
) -> Notice:
    """Note that a person sent a draft, which meets its clock. Headway sends nothing.

    Args: file: name and content of what proves it, kept as it is.
    Raises: UnknownIncident, UnknownNotice; NoticeSent; IncidentInvalid with every fault; WrongState: it is closed; Denied when
    no person notes it.
    """
    found = _open(session, actor, incident_id)
    row, sent = rows.need(session, found.id, notice_id)
    if sent is not None:
        raise NoticeSent(f"{notice_id} was noted as sent already", hint="draft a follow-up for what is to be said now")
    _check(row.made_at, sent_at, to, reference, file)
    number = " ".join((reference or "").split()) or None
    kept = (None, None) if file is None else (file[0].strip(), sha256(file[1]))
    if file is not None and kept[1] is not None:
        storage.ensure(key_of(kept[1]), file[1])
    recipient = " ".join(to.split())
    values = {"recipient": recipient, "reference": number, "file": kept[0], "file_digest": kept[1]}
    noted = {"notice": row.id, "sent_at": sent_at, "noted_by": actor.ref, "noted_at": clock.now()}
    rows.add_sending(session, {**values, **noted})
    of = clock_rows.clock_of(clock_rows.need_clock(session, found.id, row.clock), clock.now())
    _tell(
        session, actor, "incident.sent", found, of,
        notice=row.id, digest=row.digest, to=recipient, sent_at=sent_at, reference=number, file=kept[0], file_digest=kept[1],
    )  # fmt: skip
    because = f"sent to {recipient} at {drafting.told(sent_at)}" + (f", reference {number}" if number else "")
    timing.meet(session, actor, found, of.met_by, because, clock_id=of.id)
    return get_notice(session, found.id, row.id, storage)


def read_proof(session: Session, incident_id: str, notice_id: str, storage: Storage) -> tuple[str, bytes]:
    """The name and content of the file that proves a sending; raises UnknownIncident, UnknownNotice, WrongState."""
    _, sent = rows.need(session, incident_id, notice_id)
    if sent is None or sent.file is None or sent.file_digest is None:
        raise WrongState(f"no file was brought with {notice_id}")
    return sent.file, storage.get(key_of(sent.file_digest))


def key_of(digest: str) -> str:
    """Where a file that proves a sending lies; its name is its content."""
    return f"sendings/{digest}"


def _open(session: Session, actor: Actor, incident_id: str) -> Incident:
    found = store.need_incident(session, incident_id, clock.now(), lock=True)
    if not actor.is_person:
        raise Denied(f"only a person can do this; {actor.ref} is none", hint="sign in as a person")
    if found.state is IncidentState.closed:
        raise WrongState(f"{incident_id} is closed", hint="open it again first: headway incident reopen")
    return found


def _check(
    made_at: datetime, sent_at: datetime, to: str, reference: str | None, file: tuple[str, bytes] | None
) -> None:
    faults = []
    if sent_at.tzinfo is None:
        faults.append(_fault("sent_at", "the time needs a time zone"))
    elif sent_at > clock.now() + saying.AHEAD:
        faults.append(_fault("sent_at", "it cannot have been sent at a time that has not come yet"))
    elif sent_at < made_at - MINUTE:
        faults.append(_fault("sent_at", "it cannot have been sent before it was drafted"))
    for name, value, least in (("to", to, 1), ("reference", reference or "", 0)):
        if not least <= len(value.strip()) <= MOST_LINE:
            faults.append(_fault(name, f"{name}: write {least} to {MOST_LINE} characters"))
    if file is not None and not 1 <= len(file[1]) <= MOST_FILE:
        faults.append(_fault("file", f"the file holds 1 to {MOST_FILE} bytes"))
    if file is not None and (not 1 <= len(file[0].strip()) <= MOST_LINE or not file[0].isprintable()):
        faults.append(_fault("file", f"the file needs a name of 1 to {MOST_LINE} characters that can be read"))
    if faults:
        raise IncidentInvalid("; ".join(one.message for one in faults), faults=faults)


def _fault(name: str, message: str) -> Fault:
    return Fault(rule=f"incident.{name}", column=name, message=message)


def _tell(session: Session, actor: Actor, type: str, incident: Incident, of: Clock, **more: object) -> None:
    usecase = incident.usecases[0] if incident.usecases else None
    base = {"incident": incident.id, "title": incident.title, "department": incident.department, "usecase": usecase}
    payload = {**base, "clock": of.id, "what": of.title, **more}
    ledger.record(session, actor=actor, type=type, subject=Ref("incident", incident.id), payload=payload)
