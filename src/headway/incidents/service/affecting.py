"""The decisions that an incident touched: found through the chain of evidence, counted, kept as counted, written out as a list."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
from sqlalchemy.orm import Session

from headway import catalog, documents, governance, ledger, serving
from headway.documents import About, Sheet, SheetColumn
from headway.incidents import store
from headway.incidents.entities import Affected, Incident, Reached
from headway.incidents.errors import IncidentInvalid
from headway.incidents.service.tracing import Reach, Trail, Way, reach_of
from headway.incidents.store import traces
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref, new_id
from headway.kernel.jobs import JobContext, Jobs
from headway.kernel.storage import Storage

JOB = "incident-affected"
LABELS = {
    "id": "decision",
    "at": "when (UTC)",
    "usecase": "use case",
    "found_by_release": "found by its release",
    "found_by_deployment": "found by its deployment",
    "found_by_decision": "named itself",
}
KINDS: Mapping[str, Literal["datetime", "number"]] = {"at": "datetime", "score": "number"}
Format = Literal["csv", "parquet", "xlsx"]
MOST_ROWS = 200_000
"""A workbook holds no more; CSV and Parquet hold all."""


def start_counting(session: Session, jobs: Jobs, actor: Actor, incident_id: str) -> str:
    """Begin to count what an incident touched; returns the job's id. Raises UnknownIncident, IncidentInvalid: nothing is concerned."""
    _need_concerns(store.need_incident(session, incident_id, clock.now()))
    return jobs.enqueue(session, JOB, {"incident": incident_id}, actor=actor)


def counting_job(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
    """Count what an incident touched.

    Args: payload: ``incident``.
    Returns: what was counted, as plain values.
    """
    context.progress(0, 1, "following the chain of evidence")

    def run() -> dict[str, Any]:
        parts = context.parts
        with parts.database.session() as session:
            made = count_affected(session, catalog.lake_of(parts), context.actor, payload["incident"], parts.storage)
        plain: dict[str, Any] = msgspec.to_builtins(made)
        return plain

    made = context.step("counting", run)
    context.progress(1, 1, f"found {made['found']['decisions']} decisions")
    return made


def count_affected(
    session: Session, lake: catalog.Lake, actor: Actor, incident_id: str, storage: Storage | None = None
) -> Affected:
    """Find and count every decision that an incident touched, of those taken in; what is counted is kept for good.

    Where nobody knows when it began, everything up to its end counts; while it goes on, everything up to now.

    Raises: UnknownIncident; IncidentInvalid: nothing is concerned, or a reference leads nowhere any more.
    """
    found = store.need_incident(session, incident_id, clock.now())
    reach, scope = scope_of(session, found, storage)
    counted = serving.count_in_scope(lake, scope)
    made = Affected(
        id=new_id("aff"),
        incident=found.id,
        counted_at=clock.now(),
        counted_by=actor.ref,
        since=scope.since,
        until=scope.until,
        reached=tuple(_reached(reach)),
        found=counted,
    )
    traces.add(session, made)
    payload = {
        "incident": found.id,
        "title": found.title,
        "affected": made.id,
        "decisions": counted.decisions,
        "subjects": counted.subjects,
        "reached": [one.ref for one in made.reached],
    }
    ledger.record(session, actor=actor, type="incident.counted", subject=Ref("incident", found.id), payload=payload)
    return made


def latest_affected(session: Session, incident_id: str) -> Affected | None:
    """What was counted last; None before the first time."""
    return traces.latest(session, incident_id)


def is_stale(lake: catalog.Lake, affected: Affected) -> bool:
    """Whether decisions were taken in, or erased, since they were counted; then count anew."""
    return serving.decisions_version(lake) != (affected.found.version or "")


def write_affected(  # noqa: PLR0917  a list, and how it is written
    session: Session,
    lake: catalog.Lake,
    actor: Actor,
    incident_id: str,
    format: Format,
    storage: Storage | None = None,
    *,
    allow: Callable[[Collection[str | None]], None],
    with_subjects: bool = False,
) -> bytes:
    """Write the list of all decisions that an incident touched as they are now, oldest first.

    Args: allow: told the departments whose decisions are in it, before anything is written; raises to refuse. with_subjects: the
        list says whom each is about, which is personal data.
    Raises: UnknownIncident, IncidentInvalid.
    """
    found = store.need_incident(session, incident_id, clock.now())
    _, scope = scope_of(session, found, storage)
    with tempfile.TemporaryDirectory(prefix="headway-list-") as folder:
        written: Literal["csv", "parquet"] = "csv" if format == "csv" else "parquet"
        file = Path(folder) / f"affected.{written}"
        rows = serving.write_in_scope(lake, scope, file, written, allow=allow, with_subjects=with_subjects)
        data = _workbook(found, actor, file, rows) if format == "xlsx" else file.read_bytes()
    payload = {
        "incident": found.id,
        "title": found.title,
        "rows": rows,
        "format": format,
        "with_subjects": with_subjects,
    }
    ledger.record(session, actor=actor, type="incident.listed", subject=Ref("incident", found.id), payload=payload)
    return data


def _workbook(incident: Incident, actor: Actor, file: Path, rows: int) -> bytes:
    """The list as a workbook: what leads to each decision stands beside it."""
    import pyarrow.parquet

    if rows > MOST_ROWS:
        message = f"{rows:,} decisions are more than a workbook holds ({MOST_ROWS:,})"
        fault = Fault(rule="incident.format", column="format", message=message)
        raise IncidentInvalid(message, hint="take the list as CSV or Parquet", faults=[fault])
    table = pyarrow.parquet.read_table(file)
    columns = tuple(
        SheetColumn(name=name, label=LABELS.get(name, name.replace("_", " ")), kind=KINDS.get(name, "text"))
        for name in table.column_names
    )
    listed = zip(*(column.to_pylist() for column in table.columns), strict=True)
    about = About(
        by=actor.name,
        at=clock.now(),
        source=f"incident:{incident.id}",
        notes=(incident.title, *(f"concerns {one}" for one in incident.concerns)),
    )
    return documents.write_xlsx([Sheet(title="Affected decisions", columns=columns, rows=listed)], about)


def scope_of(session: Session, incident: Incident, storage: Storage | None) -> tuple[Reach, serving.DecisionScope]:
    """Follow the chain from what an incident concerns to which decisions are meant."""
    _need_concerns(incident)
    reach = reach_of(session, incident.concerns, storage)
    departments: Mapping[str, str] = governance.usecase_departments(session)
    names = tuple(
        serving.ScopeName(
            environment=one.environment,
            deployment=one.deployment,
            since=one.since,
            until=one.until,
            usecase=one.usecase,
            department=departments.get(one.usecase),
            is_whole=one in reach.windows,
            way=_path(reach.windows[one]) if one in reach.windows else None,
        )
        for one in Trail.begin(session).windows()
    )
    scope = serving.DecisionScope(
        releases=tuple(sorted(reach.releases)),
        names=names,
        decisions=tuple(sorted(reach.decisions)),
        ways=tuple(sorted((name, _path(way)) for name, way in {**reach.releases, **reach.decisions}.items())),
        since=incident.started_at,
        until=incident.ended_at,
    )
    return reach, scope


def _path(way: Way) -> str:
    return " > ".join(way)


def _reached(reach: Reach) -> list[Reached]:
    found = [Reached(kind="release", ref=digest, way=way) for digest, way in sorted(reach.releases.items())]
    found += [
        Reached(kind="deployment", ref=f"deployment:{window.environment}/{window.deployment}", way=way)
        for window, way in reach.windows.items()
    ]
    return found + [Reached(kind="decision", ref=name, way=way) for name, way in sorted(reach.decisions.items())]


def _need_concerns(incident: Incident) -> None:
    if not incident.concerns:
        message = "nobody has said yet what it concerns"
        fault = Fault(rule="incident.concerns", column="concerns", message=message)
        raise IncidentInvalid(message, hint="headway incident update INCIDENT --about ...", faults=[fault])
