"""The records that a draft may read, gathered by front doors: nothing else gets into one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy.orm import Session

from headway import collaboration, governance, identity, registry
from headway.incidents import cases
from headway.incidents.entities import Clock, Incident
from headway.incidents.errors import IncidentInvalid
from headway.incidents.notice import Known, Record, Records
from headway.incidents.service.tracing import reach_of
from headway.incidents.store import notices as notice_rows
from headway.incidents.store import stops as stop_rows
from headway.incidents.store import traces
from headway.kernel.errors import NotFound
from headway.kernel.listing import LARGEST_PAGE, ListQuery
from headway.kernel.paging import MAX_LIMIT
from headway.kernel.storage import Storage

INCIDENT = (
    "title", "what", "severity", "harm", "widespread", "personal_data_breach", "risk_to_persons", "found_by", "found_at",
    "aware_at", "started_at", "ended_at", "cause", "state", "contained_at", "corrected_at",
)  # fmt: skip
CLOCK = ("id", "title", "source", "jurisdiction", "to", "since", "until", "is_late")


def records_of(
    session: Session, incident: Incident, clock: Clock, sent: Sequence[notice_rows.Kept], storage: Storage | None
) -> Records:
    """Everything that a draft for a clock of an incident may say, by kind of record."""
    usecases = _usecases(session, incident)
    systems = _systems(session, usecases)
    root = identity.get_department(session, identity.ROOT)
    return {
        "organisation": (_record(f"department:{root.slug}", {"name": root.name}),),
        "clock": (_record(f"clock:{clock.id}", _of(clock, CLOCK), clock.set_digest),),
        "incident": (_record(f"incident:{incident.id}", _of(incident, INCIDENT)),),
        "affected": _affected(session, incident),
        "usecase": tuple(_usecase(one) for one in usecases),
        "system": tuple(_record(f"system:{one.slug}", {"title": one.title}) for one in systems),
        "vendor": _vendors(session, systems),
        "version": _versions(session, incident, storage),
        "stop": _stops(session, incident),
        "action": _actions(session, incident),
        "notice": tuple(_notice(one) for one in reversed(sent)),
    }


def _record(ref: str, holds: Mapping[str, Known], digest: str | None = None) -> Record:
    return Record(ref=ref, digest=digest, holds={name: _plain(value) for name, value in holds.items()})


def _of(entity: object, names: Iterable[str]) -> dict[str, Known]:
    return {name: getattr(entity, name) for name in names}


def _plain(value: Known) -> Known:
    """A text that says nothing is no answer; words of closed sets are plain text."""
    if isinstance(value, str):
        return str(value).strip() or None
    return tuple(map(str, value)) if isinstance(value, tuple) else value


def _usecases(session: Session, incident: Incident) -> list[governance.UseCase]:
    found = []
    for slug in incident.usecases:
        try:
            found.append(governance.get_usecase(session, slug))
        except NotFound:
            continue
    return found


def _usecase(case: governance.UseCase) -> Record:
    known = dict(cases.facts_of(case).facts)
    holds: dict[str, Known] = {
        **_of(case, ("title", "department", "purpose", "people_affected")),
        **{name: known.get(name) for name in ("tier", "roles", "annex_iii")},
    }
    return _record(f"usecase:{case.slug}", holds, case.digest)


def _systems(session: Session, usecases: Iterable[governance.UseCase]) -> list[governance.System]:
    slugs = dict.fromkeys(one.slug for case in usecases for one in case.systems)
    return [governance.get_system(session, slug) for slug in slugs]


def _vendors(session: Session, systems: Iterable[governance.System]) -> tuple[Record, ...]:
    slugs = dict.fromkeys(one.vendor for one in systems if one.vendor)
    vendors = [governance.get_vendor(session, slug) for slug in slugs]
    return tuple(_record(f"vendor:{one.slug}", _of(one, ("name", "contact"))) for one in vendors)


def _versions(session: Session, incident: Incident, storage: Storage | None) -> tuple[Record, ...]:
    try:
        reached = set(reach_of(session, incident.concerns, storage).releases)
    except IncidentInvalid:
        return ()  # what it concerned is not there any more
    if not reached:
        return ()
    found, offset = [], 0
    while True:
        page = registry.find_versions(session, ListQuery(limit=LARGEST_PAGE, offset=offset))
        found += [one for one in page.items if one.digest in reached]
        offset += len(page.items)
        if len(page.items) < LARGEST_PAGE:
            break
    found.sort(key=lambda one: (one.model, one.version))
    return tuple(_record(one.ref, _of(one, ("ref", "digest")), one.digest) for one in found)


def _affected(session: Session, incident: Incident) -> tuple[Record, ...]:
    kept = traces.latest(session, incident.id)
    if kept is None:
        return ()
    holds = {
        **_of(kept.found, ("decisions", "subjects", "without_subject", "first", "last")),
        "counted_at": kept.counted_at,
    }
    return (_record(f"affected:{kept.id}", holds),)


def _stops(session: Session, incident: Incident) -> tuple[Record, ...]:
    return tuple(
        _record(
            f"deployment:{one.environment}/{one.deployment}",
            {"deployment": f"{one.environment}/{one.deployment}", **_of(one, ("stopped_at", "reason", "lifted_at"))},
        )
        for one in stop_rows.stops_of(session, incident.id)
    )


def _actions(session: Session, incident: Incident) -> tuple[Record, ...]:
    """The corrective actions, those that were ended too, the oldest first."""
    about = f"incident:{incident.id}"
    tasks = collaboration.list_tasks(session, subject=about, state=None, limit=MAX_LIMIT).items
    names = ("title", "state", "due_on", "ended_at")
    return tuple(_record(f"task:{one.id}", _of(one, names)) for one in sorted(tasks, key=lambda one: one.id))


def _notice(kept: notice_rows.Kept) -> Record:
    row, sent = kept
    holds: dict[str, Known] = {"kind": row.kind}
    if sent is not None:
        holds |= {"sent_at": sent.sent_at, "to": sent.recipient, "reference": sent.reference}
    return _record(f"notice:{row.id}", holds, row.digest)
