"""Shadow AI: tools that people report or a gateway shows, until the AI office says what becomes of each."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.governance import adapters, gateway, store
from headway.governance.errors import GatewayLogRead, IntakeInvalid, SightingSettled, SightingUnknown
from headway.governance.gateway import Seen
from headway.governance.intake import GatewayImport, Outcome, Sighting, SightingReport, SightingState
from headway.governance.service.proposing import join_usecase, needed
from headway.governance.service.umbrellas import get_umbrella, register_use
from headway.governance.service.usecases import get_usecase
from headway.governance.tables import SightingRow
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.canonical import sha256
from headway.kernel.errors import Denied, Fault
from headway.kernel.ids import Ref, new_id


def report_sighting(
    session: Session, actor: Actor, *, tool: str, what_for: str, department: str | None, unnamed: bool = False
) -> Sighting:
    """Report a tool that somebody uses or sees; the same tool in the same department is one item of the queue.

    Args: tool: a name, an address or a host. unnamed: nobody but the AI office learns who said it, the ledger neither.
    Raises: IntakeInvalid with every fault; NotFound: the department; Denied when no person reports.
    """
    if not actor.is_person:
        raise Denied("only a person can report a tool", values={"rule": "governance.person_reports"})
    said = needed(what_for, "what_for", "say what it is used for")
    name, host = gateway.named(adapters.known_tools(), needed(tool, "tool", "name the tool"))
    if department is not None:
        identity.get_department(session, department)
    now = clock.now()
    seen = Seen(tool=name, host=host, department=department, uses=0, users=0, first_seen=now, last_seen=now)
    row, _ = _put(session, seen)
    store.add_report(
        session,
        {
            "id": new_id("srp"),
            "sighting": row.id,
            "reporter": actor.ref,
            "is_unnamed": unnamed,
            "what_for": said,
            "reported_at": now,
        },
    )
    payload = {"tool": name, "department": department, "what_for": said, "is_unnamed": unnamed}
    by = SYSTEM if unnamed else actor
    ledger.record(session, actor=by, type="sighting.reported", subject=_ref(row.id), payload=payload, personal=True)
    return get_sighting(session, row.id, names_for=actor.ref)


def import_gateway_log(session: Session, actor: Actor, *, filename: str, data: bytes) -> GatewayImport:
    """Read a gateway's log into the queue: every line or none. Who used what is counted, and forgotten.

    Raises: IntakeInvalid with every line that is wrong; GatewayLogRead: the same log was read before.
    """
    salt = secrets.token_bytes(32)
    log = gateway.read_log(
        data,
        adapters.known_tools(),
        hashed=lambda user: hashlib.blake2b(user.encode(), key=salt, digest_size=16).digest(),
        department_of=_department_of(session),
        departments=_departments(session),
    )
    if log.faults:
        raise IntakeInvalid(f"{len(log.faults)} lines have to be corrected first", faults=list(log.faults))
    digest, now = sha256(data), clock.now()
    if not store.add_log(session, digest=digest, filename=filename, lines=log.lines, by=actor.ref, at=now):
        raise GatewayLogRead("this log was read before", values={"digest": digest})
    became = [_put(session, seen)[1] for seen in log.seen]
    done = GatewayImport(
        filename=filename,
        digest=digest,
        lines=log.lines,
        added=became.count("added"),
        updated=became.count("updated"),
        reopened=became.count("reopened"),
        known=became.count("known"),
        unknown_hosts=log.unknown_hosts,
    )
    payload = {name: getattr(done, name) for name in ("filename", "digest", "lines", "added", "updated", "reopened")}
    mark = digest.removeprefix("sha256-")[:16]
    ledger.record(session, actor=actor, type="gateway_log.read", subject=Ref("gateway-log", mark), payload=payload)
    return done


def _put(session: Session, seen: Seen) -> tuple[SightingRow, str]:
    """Count a tool into its item. What was dismissed and is seen again after that comes back into the queue."""
    now = clock.now()
    values: dict[str, Any] = {
        "id": new_id("sgt"),
        **{
            name: getattr(seen, name)
            for name in ("tool", "host", "department", "uses", "users", "first_seen", "last_seen")
        },
        "state": SightingState.open.value,
        "opened_at": now,
    }
    is_new = store.add_sighting(session, values)
    row = store.find_sighting(session, seen.tool, seen.department)
    assert row is not None  # noqa: S101  it was added, or was there
    if is_new:
        return row, "added"
    changed: dict[str, object] = {
        "host": row.host or seen.host,
        "uses": row.uses + seen.uses,
        "users": max(row.users, seen.users),
        "first_seen": min(row.first_seen, seen.first_seen),
        "last_seen": max(row.last_seen, seen.last_seen),
    }
    comes_back = row.state == "dismissed" and row.settled_at is not None and seen.last_seen > row.settled_at
    if comes_back:
        payload = {"tool": row.tool, "department": row.department, "dismissed_because": row.reason}
        ledger.record(session, actor=SYSTEM, type="sighting.reopened", subject=_ref(row.id), payload=payload)
        changed |= {"state": "open", "opened_at": now, "settled_by": None, "settled_at": None, "reason": None}
    store.change_sighting(session, row, changed)
    return row, "reopened" if comes_back else "updated" if row.state == "open" else "known"


def settle_sighting(
    session: Session,
    actor: Actor,
    sighting_id: str,
    *,
    outcome: Outcome,
    usecase: str | None = None,
    umbrella: str | None = None,
    reason: str | None = None,
) -> Sighting:
    """Say what becomes of a tool: an entry of its own, a registration under an umbrella, users of an entry, or nothing.

    Args: usecase: the entry that was opened for it, or that its users join; umbrella: the one to register it under;
        reason: why it is dismissed.
    Raises: SightingUnknown, SightingSettled; IntakeInvalid; what joining and registering raise.
    """
    row = store.get_sighting(session, sighting_id, lock=True)
    if row is None:
        raise _unknown(sighting_id)
    if row.state != "open":
        raise SightingSettled(f"{row.tool} was settled before", values={"state": row.state})
    said = (reason or "").strip() or None
    entry = _settled_in(session, actor, row, outcome, (usecase, umbrella, said))
    values = {
        "state": outcome,
        "settled_by": actor.ref,
        "settled_at": clock.now(),
        "reason": said,
        "usecase": entry,
    }
    store.change_sighting(session, row, values)
    payload = {"tool": row.tool, "department": row.department, "outcome": outcome, "usecase": entry, "reason": said}
    ledger.record(session, actor=actor, type="sighting.settled", subject=_ref(row.id), payload=payload)
    return get_sighting(session, sighting_id)


def _settled_in(
    session: Session, actor: Actor, row: SightingRow, outcome: Outcome, given: tuple[str | None, str | None, str | None]
) -> str | None:
    usecase, umbrella, reason = given
    if outcome == "dismissed":
        needed(reason or "", "reason", "say why it is dismissed")
        return None
    if outcome == "umbrella":
        found = get_umbrella(session, needed(umbrella or "", "umbrella", "name the umbrella"))
        register_use(session, actor, found.id, department=_place(row), what_for=_what_for(session, row))
        return found.usecase
    slug = needed(usecase or "", "usecase", "name the use case")
    if outcome == "joined":
        join_usecase(session, actor, slug, department=_place(row), what_for=_what_for(session, row))
    return get_usecase(session, slug).slug


def _place(row: SightingRow) -> str:
    if row.department is None:
        message = "nobody knows which department uses it; open an entry, or dismiss it"
        raise IntakeInvalid(message, faults=[Fault(rule="sighting.department", column="outcome", message=message)])
    return row.department


def _what_for(session: Session, row: SightingRow) -> str:
    """What reports say it is for; a gateway says no more than its name."""
    said = [one.what_for for one in store.reports_of(session, [row.id]).get(row.id, [])]
    return f"{row.tool}: {said[-1]}" if said else row.tool


def get_sighting(session: Session, sighting_id: str, *, names_for: str | None = None) -> Sighting:
    """Read an item; who reported it is left out where they wished so.

    Args: names_for: ``"*"`` for the AI office, which sees all; a person's reference: their own reports.
    """
    row = store.get_sighting(session, sighting_id)
    if row is None:
        raise _unknown(sighting_id)
    return _told(session, [row], names_for)[0]


def list_sightings(
    session: Session,
    *,
    state: SightingState | None = None,
    within: frozenset[str] | None = None,
    reporter: str | None = None,
    names_for: str | None = None,
) -> Sequence[Sighting]:
    """Read the queue, the longest waiting first.

    Args: within: departments that somebody may read of, None for all; reporter: only what this person reported.
    """
    kept = state.value if state else None
    rows = store.list_sightings(session, state=kept, within=within, reporter=reporter)
    return _told(session, rows, names_for)


def _told(session: Session, rows: Sequence[SightingRow], names_for: str | None) -> list[Sighting]:
    reports = store.reports_of(session, [row.id for row in rows])
    entries = _Naming(session) if rows else None
    today = clock.now()
    return [
        Sighting(
            id=row.id,
            tool=row.tool,
            host=row.host,
            department=row.department,
            uses=row.uses,
            users=row.users,
            first_seen=row.first_seen,
            last_seen=row.last_seen,
            age_days=max(0, (today - row.opened_at).days),
            state=SightingState(row.state),
            reports=tuple(_shown(one, names_for) for one in reports.get(row.id, ())),
            entries=entries.of(row) if entries else (),
            settled_by=row.settled_by,
            settled_at=row.settled_at,
            reason=row.reason,
            usecase=row.usecase,
        )
        for row in rows
    ]


def _shown(report: SightingReport, names_for: str | None) -> SightingReport:
    may_know = names_for in ("*", report.reporter) or not report.is_unnamed
    return report if may_know else replace(report, reporter=None)


class _Naming:
    """Finds the entries that name a tool in their title or purpose."""

    def __init__(self, session: Session) -> None:
        told = [one for one in store.told(session) if not one.is_retired]
        self._texts = [(one.slug, f"{one.words.title} {one.words.purpose or ''}".casefold()) for one in told]

    def of(self, row: SightingRow) -> tuple[str, ...]:
        """The entries that name the tool or the host of an item, whole words only."""
        names = {row.tool.casefold(), *([row.host.casefold()] if row.host else [])}
        found = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(names)))
        return tuple(slug for slug, text in self._texts if found.search(text))


def _departments(session: Session) -> Mapping[str, str]:
    known = identity.list_departments(session)
    return {one.name.casefold(): one.slug for one in known} | {one.slug.casefold(): one.slug for one in known}


def _department_of(session: Session) -> Any:  # noqa: ANN401  a remembering function
    """The one department in which the person of a mail address holds roles; None when there is none or more."""

    @cache
    def place(user: str) -> str | None:
        person = identity.find_person(session, user) if "@" in user else None
        held = {grant.department for grant in identity.roles_of(session, person.ref)} if person else set()
        return held.pop() if len(held) == 1 else None

    return place


def _unknown(sighting_id: str) -> SightingUnknown:
    return SightingUnknown(
        f"no sighting {sighting_id!r}", hint="'headway shadow list' names them", values={"sighting": sighting_id}
    )


def _ref(sighting_id: str) -> Ref:
    return Ref("sighting", sighting_id)
