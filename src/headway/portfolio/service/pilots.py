"""A pilot from its start to its end: noting it, its result or failure, and its report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance import mandates
from headway.kernel import clock, ids
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.canonical import canonical_json
from headway.kernel.errors import Conflict, Fault, HeadwayError, Invalid, problem
from headway.kernel.ids import Ref
from headway.kernel.jobs import Jobs, JobStatus
from headway.kernel.listing import Found, ListQuery
from headway.kernel.money import Money
from headway.kernel.storage import Storage
from headway.portfolio import store
from headway.portfolio.adapters import Shelf
from headway.portfolio.entities import Pilot, PilotRequest
from headway.portfolio.errors import PilotRunning
from headway.portfolio.projection import project
from headway.portfolio.tables import PilotRow

JOB = "pilot"


def start_pilot(session: Session, actor: Actor, jobs: Jobs, shelf: Shelf, *, request: PilotRequest) -> Pilot:
    """Note a pilot and enqueue its job; both or neither.

    Raises: NotFound: no such solution is installed. Invalid: with every fault of the request. IntakeClosed: the department
    takes nothing in.
    """
    check_request(shelf, request)
    mandates.refuse_closed(session, request.department)
    pilot_id = ids.new_id("plt")
    row = PilotRow(
        id=pilot_id,
        name=request.name,
        solution=request.solution,
        department=request.department,
        state="running",
        job="",
        filename=request.filename,
        request=_plain(request),
        steps={},
        started_by=actor.ref,
        started_at=clock.now(),
    )
    row.job = jobs.enqueue(session, JOB, {"pilot": pilot_id}, actor=actor)
    store.add_pilot(session, row)
    ledger.record(
        session,
        actor=actor,
        type="pilot.started",
        subject=Ref("pilot", pilot_id),
        payload={
            "name": request.name,
            "solution": request.solution,
            "department": request.department,
            "file_digest": request.file_digest,
            "label": request.label,
        },
    )
    return store.pilot_of(row)


def retry_pilot(session: Session, actor: Actor, jobs: Jobs, pilot_id: str) -> Pilot:
    """Take a failed pilot up again where it failed; finished steps are not done again."""
    row = store.need_pilot(session, pilot_id, lock=True)
    if row.state != "failed":
        raise PilotRunning(f"pilot {pilot_id} is {row.state}", hint="only a failed pilot can be tried again")
    if "product" not in row.steps:
        raise PilotRunning(
            f"pilot {pilot_id} failed on its file, which was not kept", hint="start a pilot with a better file"
        )
    row.state, row.error, row.ended_at = "running", None, None
    row.job = jobs.enqueue(session, JOB, {"pilot": pilot_id}, actor=actor)
    session.flush()
    ledger.record(session, actor=actor, type="pilot.retried", subject=Ref("pilot", pilot_id), payload={"job": row.job})
    return store.pilot_of(row)


def finish_pilot(
    session: Session,
    storage: Storage,
    actor: Actor,
    pilot_id: str,
    *,
    result: Mapping[str, Any],
    report: Mapping[str, Any],
    markdown: str,
) -> Pilot:
    """Keep a pilot's result and report."""
    row = store.need_pilot(session, pilot_id, lock=True)
    if row.state == "done":
        return store.pilot_of(row)
    row.report_key = f"reports/pilots/{pilot_id}/report.md"
    storage.replace(row.report_key, markdown.encode())
    storage.replace(f"reports/pilots/{pilot_id}/report.json", canonical_json(dict(report)))
    row.state, row.ended_at = "done", clock.now()
    row.result, row.report = dict(result), dict(report)
    session.flush()
    ledger.record(
        session,
        actor=actor,
        type="pilot.finished",
        subject=Ref("pilot", pilot_id),
        payload={
            "usecase": result["usecase"],
            "product": result["product"],
            "release": result["model"]["digest"],
            "deployment": result["deployment"]["id"],
        },
    )
    return store.pilot_of(row)


def fail_pilot(session: Session, actor: Actor, pilot_id: str, told: Mapping[str, Any]) -> Pilot:
    """Mark a pilot as failed and say why; it has no deployment, what finished steps made stays as it is."""
    row = store.need_pilot(session, pilot_id, lock=True)
    if row.state == "running":
        row.state, row.ended_at, row.error = "failed", clock.now(), dict(told)
        session.flush()
        ledger.record(
            session,
            actor=actor,
            type="pilot.failed",
            subject=Ref("pilot", pilot_id),
            payload={"code": told.get("code"), "detail": told.get("detail")},
        )
    return store.pilot_of(row)


def get_pilot(session: Session, pilot_id: str) -> Pilot:
    """Read a pilot; raises UnknownPilot."""
    return store.pilot_of(store.need_pilot(session, pilot_id))


def list_pilots(
    session: Session, *, department: str | None = None, limit: int = 50, cursor: str | None = None
) -> tuple[list[Pilot], str | None]:
    """Pilots, newest first, and the cursor of those after them."""
    found = store.list_pilots(session, department=department, limit=limit + 1, before=cursor)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def find_pilots(session: Session, asked: ListQuery) -> Found[Pilot]:
    """Search, filter, sort and leaf through pilots; raises BadListing."""
    return store.find_pilots(session, asked)


def get_report(session: Session, storage: Storage, pilot_id: str) -> tuple[str, dict[str, Any]]:
    """A finished pilot's report as Markdown and as plain values; raises PilotRunning before its end."""
    row = store.need_pilot(session, pilot_id)
    if row.report_key is None or row.report is None:
        why = f": {row.error['detail']}" if row.error else ""
        raise PilotRunning(f"pilot {pilot_id} is {row.state} and has no report{why}")
    return storage.get(row.report_key).decode(), dict(row.report)


def check_request(shelf: Shelf, request: PilotRequest) -> None:
    """Raise what is wrong with a request before anything is begun."""
    shelf.get(request.solution)
    faults = []
    if request.time and request.ordered:
        faults.append(Fault(rule="either", column="ordered", message="give --time or --ordered, not both"))
    if request.name != ids.slug(request.name):
        faults.append(
            Fault(rule="name", column="name", value=request.name, message=f"use a name like {ids.slug(request.name)!r}")
        )
    if request.department != ids.slug(request.department):
        hint = f"use a name like {ids.slug(request.department)!r}"
        faults.append(Fault(rule="name", column="department", value=request.department, message=hint))
    try:
        value, cost = money_of(request)
        project(base_rate=0.5, lift=1.0, lift_interval=(1.0, 1.0), value_per_success=value, cost_per_action=cost)
    except HeadwayError as error:
        faults.extend(error.faults or [Fault(rule="money", column="value_per_success", message=error.message)])
    if faults:
        raise Invalid("the pilot cannot be started: " + "; ".join(fault.message for fault in faults), faults=faults)


def money_of(request: PilotRequest) -> tuple[Money | None, Money | None]:
    """The two amounts that a person gave."""
    amounts = (request.value_per_success, request.cost_per_action)
    value, cost = (Money.parse(text) if text else None for text in amounts)
    return value, cost


def request_of(row: PilotRow) -> PilotRequest:
    """The request of a row."""
    return PilotRequest(**{**row.request, "exclude": tuple(row.request["exclude"])})


def _plain(request: PilotRequest) -> dict[str, Any]:
    plain = {name: getattr(request, name) for name in request.__dataclass_fields__}
    made: dict[str, Any] = json.loads(canonical_json({**plain, "exclude": list(request.exclude)}))
    return made


def settle_pilots(session: Session, jobs: Jobs) -> list[Pilot]:
    """End the pilots whose job was cancelled or given up, so that none runs for ever; returns those that ended now."""
    ended = []
    for row in store.running_pilots(session):
        job = jobs.get(session, row.job)
        if job.status in (JobStatus.cancelled, JobStatus.failed):
            told = job.error or problem(
                Conflict("the pilot was cancelled", hint="take it up again: headway pilots retry")
            )
            ended.append(fail_pilot(session, SYSTEM, row.id, told))
    return ended
