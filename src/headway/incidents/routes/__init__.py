"""Incidents over HTTP: the register, what is told of an incident, its jurisdictions, clocks and deadlines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway import catalog
from headway.incidents.entities import (
    Affected,
    Clock,
    ClockSet,
    Containment,
    Deadline,
    Harm,
    Incident,
    IncidentState,
    IncidentView,
    Place,
    RiskToPersons,
    Severity,
)
from headway.incidents.routes import notices
from headway.incidents.saying import Wanted
from headway.incidents.service import affecting, containing, reading, registering, timing
from headway.kernel import listing_text
from headway.kernel.auth import Resource
from headway.kernel.listing import Found
from headway.kernel.paging import MAX_LIMIT
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx

router = APIRouter(prefix="/incidents", tags=["incidents"])
routers = (router, notices.router)
Text = Annotated[str, Field(max_length=10_000)]
Line = Annotated[str, Field(max_length=200)]
Why = Annotated[str, Field(min_length=1, max_length=2_000)]
MEDIA: Mapping[affecting.Format, str] = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Reference = Annotated[str, Field(max_length=300)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Told(_Body):
    """What may be known of an incident; what is left out or null, nobody knows."""

    severity: Severity | None = None
    harm: list[Harm] | None = None
    widespread: bool | None = None
    personal_data_breach: bool | None = None
    risk_to_persons: RiskToPersons | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None


class Reported(_Told):
    """What somebody reports."""

    title: Line
    what: Text
    department: str | None = None
    concerns: list[Reference] = []
    found_by: Line | None = None
    found_at: datetime | None = None
    aware_at: datetime | None = None
    alert: str | None = None


class Changes(_Told):
    """What is told otherwise; null says that nobody knows any more, what is left out stays."""

    title: Line | None = None
    what: Text | None = None
    concerns: list[Reference] | None = None
    found_by: Line | None = None
    found_at: datetime | None = None
    aware_at: datetime | None = None
    cause: Text | None = None
    reason: Annotated[str, Field(max_length=2_000)] = ""


class Said(_Body):
    """Whether an incident is in a jurisdiction, and why."""

    jurisdiction: Annotated[str, Field(min_length=1, max_length=40)]
    is_in: bool
    reason: Why


class Reason(_Body):
    """Why."""

    reason: Why


class StartedCount(BaseModel):
    """A count that was begun; follow its job."""

    job: str


class Counted(BaseModel):
    """What was counted last; ``is_stale``: decisions were taken in since, so count anew."""

    affected: Affected | None
    is_stale: bool


class ClockFile(_Body):
    """A file of clocks, as YAML."""

    text: Annotated[str, Field(max_length=200_000)]


class Deadlines(BaseModel):
    """What is due, the first first."""

    items: list[Deadline]


class ClockSets(BaseModel):
    """The files of clocks that count now."""

    items: list[ClockSet]


@router.get("")
def list_incidents(
    *,
    request: Request,
    tx: Tx,
    actor: CurrentActor,
    permit: Permit,
    department: str | None = None,
    state: IncidentState | None = None,
    severity: Severity | None = None,
    usecase: str | None = None,
    harm: Harm | None = None,
    late: bool | None = None,
    opened_by: str | None = None,
    search: str = "",
    sort: str = "",
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Found[Incident]:
    """Search the register, the newest first; any column can be a filter, ``late=true`` keeps those with a clock that passed."""
    own = {"owner": actor.ref} if opened_by == actor.ref else {}
    permit("incident:read", Resource(kind="incident", id="all", department=department, attributes=own))
    pairs = [
        (name, "yes" if name == "late" else value)
        for name, value in request.query_params.multi_items()
        if (name, late) != ("late", False)
    ]
    return registering.find_incidents(tx, listing_text.read(pairs))


@router.post("", status_code=status.HTTP_201_CREATED)
def open_incident(body: Reported, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> Incident:
    """Report an incident: everybody may, about anything they may read. Every clock that may apply starts."""
    permit("incident:report", registering.report_resource(actor))
    told = body.model_dump()
    harm = None if body.harm is None else tuple(body.harm)
    wanted = Wanted(**{**told, "concerns": tuple(body.concerns), "harm": harm})
    reading.need_readable(tx, here.subjects, permit, [*body.concerns, *([f"alert:{body.alert}"] if body.alert else [])])
    return registering.open_incident(tx, actor, wanted, here.storage)


@router.get("/deadlines")
def list_deadlines(tx: Tx, permit: Permit, department: str | None = None) -> Deadlines:
    """List everything of incidents that is due, the first first."""
    permit("incident:read", Resource(kind="incident", id="all", department=department))
    within = None if department is None else frozenset([department])
    return Deadlines(items=list(timing.deadlines(tx, within=within)))


@router.get("/clocks")
def list_clocks(tx: Tx, permit: Permit, department: str | None = None) -> ClockSets:
    """Show the files of clocks that count now, each clock with its source and how well it was read.

    ``department``: where you may read policies, if not everywhere.
    """
    permit("policy:read", Resource(kind="clocks", id="all", department=department))
    return ClockSets(items=list(timing.sets_in_force(tx)))


@router.post("/clocks", status_code=status.HTTP_201_CREATED)
def publish_clocks(body: ClockFile, tx: Tx, actor: CurrentActor, permit: Permit) -> ClockSet:
    """Publish a file of clocks, which counts from now on; open incidents are asked anew."""
    permit("incident:rule", Resource(kind="clocks", id="all"))
    return timing.publish_clocks(tx, actor, body.text)


@router.get("/{incident_id}")
def show_incident(incident_id: str, tx: Tx, permit: Permit) -> IncidentView:
    """Show an incident with its jurisdictions, its clocks, and what stands before its closing."""
    _need(tx, permit, "incident:read", incident_id)
    return registering.view_incident(tx, incident_id)


@router.patch("/{incident_id}")
def update_incident(
    *, incident_id: str, body: Changes, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit
) -> Incident:
    """Tell more of an incident, or tell it otherwise; its clocks follow."""
    _need(tx, permit, "incident:manage", incident_id)
    changes: dict[str, Any] = body.model_dump(exclude_unset=True, exclude={"reason"})
    for name in ("harm", "concerns"):
        if changes.get(name) is not None:
            changes[name] = tuple(changes[name])
    reading.need_readable(tx, here.subjects, permit, body.concerns or ())
    return registering.update_incident(tx, actor, incident_id, changes, reason=body.reason, storage=here.storage)


@router.post("/{incident_id}/jurisdictions")
def place_incident(incident_id: str, body: Said, tx: Tx, actor: CurrentActor, permit: Permit) -> Place:
    """Say that an incident is, or is not, in a jurisdiction, above what its use cases say; its clocks follow."""
    _need(tx, permit, "incident:manage", incident_id)
    return registering.place_incident(tx, actor, incident_id, **body.model_dump())


@router.post("/{incident_id}/clocks/{clock_id}/judge")
def judge_clock(  # noqa: PLR0917  two names of a path
    incident_id: str, clock_id: str, body: Reason, tx: Tx, actor: CurrentActor, permit: Permit
) -> Clock:
    """Say with a reason that a clock is not due; it stays so."""
    _need(tx, permit, "incident:notify", incident_id)
    return timing.judge_clock(tx, actor, incident_id, clock_id, body.reason)


@router.post("/{incident_id}/contained")
def mark_contained(incident_id: str, body: Reason, tx: Tx, actor: CurrentActor, permit: Permit) -> Incident:
    """Say that an incident does no more harm, and how that was reached."""
    _need(tx, permit, "incident:manage", incident_id)
    return registering.mark_contained(tx, actor, incident_id, body.reason)


@router.post("/{incident_id}/corrected")
def mark_corrected(incident_id: str, body: Reason, tx: Tx, actor: CurrentActor, permit: Permit) -> Incident:
    """Say that the causes of an incident are mended."""
    _need(tx, permit, "incident:manage", incident_id)
    return registering.mark_corrected(tx, actor, incident_id, body.reason)


@router.post("/{incident_id}/close")
def close_incident(incident_id: str, body: Reason, tx: Tx, actor: CurrentActor, permit: Permit) -> Incident:
    """Close an incident that somebody else opened."""
    _need(tx, permit, "incident:close", incident_id)
    return registering.close_incident(tx, actor, incident_id, body.reason)


@router.post("/{incident_id}/reopen")
def reopen_incident(incident_id: str, body: Reason, tx: Tx, actor: CurrentActor, permit: Permit) -> Incident:
    """Open an incident again."""
    _need(tx, permit, "incident:manage", incident_id)
    return registering.reopen_incident(tx, actor, incident_id, body.reason)


@router.post("/{incident_id}/affected", status_code=status.HTTP_202_ACCEPTED)
def count_affected(incident_id: str, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> StartedCount:
    """Begin to find and count every decision that an incident touched, through the chain of evidence."""
    _need(tx, permit, "incident:manage", incident_id)
    return StartedCount(job=affecting.start_counting(tx, here.jobs, actor, incident_id))


@router.get("/{incident_id}/affected")
def show_affected(incident_id: str, tx: Tx, here: HereParts, permit: Permit) -> Counted:
    """Show what was counted last, and whether decisions arrived since."""
    _need(tx, permit, "incident:read", incident_id)
    found = affecting.latest_affected(tx, incident_id)
    is_stale = found is not None and affecting.is_stale(catalog.lake_of(here), found)
    return Counted(affected=found, is_stale=is_stale)


@router.get("/{incident_id}/affected/list", response_class=Response)
def list_affected(
    *,
    incident_id: str,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    format: affecting.Format = "csv",
    subjects: bool = False,
) -> Response:
    """Download every decision that an incident touched, as they are now; ``subjects`` asks for personal data."""
    _need(tx, permit, "incident:read", incident_id)
    allow = allows_decisions(permit, with_subjects=subjects)
    lake = catalog.lake_of(here)
    data = affecting.write_affected(
        tx, lake, actor, incident_id, format, here.storage, allow=allow, with_subjects=subjects
    )
    return Response(
        data, media_type=MEDIA[format], headers={"content-disposition": f'attachment; filename="affected.{format}"'}
    )


@router.get("/{incident_id}/containment")
def show_containment(incident_id: str, tx: Tx, here: HereParts, permit: Permit) -> Containment:
    """Show which deployments would be stopped now, which not, and why."""
    _need(tx, permit, "incident:manage", incident_id)
    return containing.containment_of(tx, incident_id, here.storage)


@router.post("/{incident_id}/containment")
def contain(  # noqa: PLR0917  what an act needs
    incident_id: str, body: Reason, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit
) -> Containment:
    """Stop everything at work that an incident reaches; nodes follow within five seconds."""
    _need(tx, permit, "incident:manage", incident_id)
    return containing.contain(tx, actor, incident_id, body.reason, permit=permit, storage=here.storage)


def allows_decisions(
    permit: Callable[[str, Resource], None], *, with_subjects: bool
) -> Callable[[Collection[str | None]], None]:
    """What refuses a list that holds decisions which somebody may not read, whatever department they are of."""

    def allow(departments: Collection[str | None]) -> None:
        for department in departments:
            for action in ("decision:read", *(("decision:inspect",) if with_subjects else ())):
                permit(
                    action, Resource(kind="decision", id="all", department=department, attributes={"environment": ""})
                )

    return allow


def _need(session: Session, permit: Permit, action: str, incident_id: str) -> None:
    permit(action, registering.resource_of(registering.get_incident(session, incident_id)))
