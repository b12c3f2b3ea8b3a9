"""A plan from its start to its end: noting it, its result or failure, and reading it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy.orm import Session

from headway import governance, identity, ledger, registry, serving
from headway.kernel import clock, ids
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.canonical import canonical_json, sha256
from headway.kernel.errors import Conflict, Fault, Invalid, problem
from headway.kernel.ids import Ref
from headway.kernel.jobs import Jobs, JobStatus
from headway.kernel.listing import Found, ListQuery
from headway.kernel.settings import ENVIRONMENTS
from headway.kernel.storage import Storage
from headway.scaling import store
from headway.scaling.entities import LabelBatch, PlanRequest, ScalePlan
from headway.scaling.errors import NoModel
from headway.scaling.tables import PlanRow

JOB: Final = "scale"
PLANNER: Final = Actor(ref="service:scaling", name="Scaling")
"""Who writes the evidence of a plan: the job, never the person who started it."""
EVIDENCE: Final = "transfer_plan"


def version_to_scale(session: Session, usecase: str) -> str:
    """The version that a use case would be scaled with: the one at work in the furthest environment, else the newest.

    Raises: UseCaseUnknown. NoModel: nothing was trained for it.
    """
    governance.get_usecase(session, usecase)
    asked = ListQuery(filters={"usecase": (usecase,), "state": ("active",)}, limit=100)
    at_work = serving.find_deployments(session, asked).items
    if at_work:
        return max(at_work, key=lambda one: (ENVIRONMENTS.index(one.environment), one.id)).version
    for model in registry.list_models(session, usecase=usecase).items:
        if model.latest is not None:
            return str(Ref("model", model.name, str(model.latest)))
    raise NoModel(f"the use case {usecase!r} has no model version", hint="start a pilot for it first: headway pilot")


def start_plan(session: Session, actor: Actor, jobs: Jobs, *, request: PlanRequest) -> ScalePlan:
    """Note a plan and enqueue the job that makes it; both or neither.

    Raises: UseCaseUnknown, UnknownModel. Invalid: with every fault of the request.
    """
    _check(session, request)
    identity.ensure_department(session, actor, request.department)
    plan_id = ids.new_id("scp")
    row = PlanRow(
        id=plan_id,
        usecase=request.usecase,
        department=request.department,
        version=request.version,
        state="running",
        job="",
        filename=request.filename,
        request=msgspec.to_builtins(request),
        steps={},
        started_by=actor.ref,
        started_at=clock.now(),
    )
    row.job = jobs.enqueue(session, JOB, {"plan": plan_id}, actor=actor)
    store.add(session, row)
    payload = {
        "usecase": request.usecase,
        "department": request.department,
        "version": request.version,
        "file_digest": request.file_digest,
    }
    ledger.record(session, actor=actor, type="scaleplan.started", subject=Ref("scaleplan", plan_id), payload=payload)
    return store.plan_of(row)


def finish_plan(session: Session, storage: Storage, actor: Actor, plan_id: str, result: Mapping[str, Any]) -> ScalePlan:
    """Keep a plan under its digest, and bring it as evidence about the version."""
    row = store.need_plan(session, plan_id, lock=True)
    if row.state == "done":
        return store.plan_of(row)
    body = canonical_json(dict(result))
    row.digest = sha256(body)
    storage.replace(f"scaling/{plan_id}/plan.json", body)
    row.result, row.state, row.ended_at = dict(result), "done", clock.now()
    session.flush()
    version = registry.get_version(session, row.version)
    forecast = result["forecast"]
    governance.record_evidence(
        session,
        type=EVIDENCE,
        subject=Ref.parse(version.ref),
        subject_digest=version.digest,
        facts={
            "department": row.department,
            "rows": result["data"]["rows"],
            "mapped": sum(one["theirs"] is not None for one in result["mapping"]["pairs"]),
            "forecast_auc": forecast["auc"] if forecast else None,
            "forecast_low": forecast["low"] if forecast else None,
            "forecast_high": forecast["high"] if forecast else None,
            "way": result["proposal"]["way"],
            "is_measured": result["proposal"]["is_measured"],
            "blockers": len(result["proposal"]["blockers"]),
        },
        producer=PLANNER,
        payload_digest=row.digest,
    )
    payload = {"usecase": row.usecase, "department": row.department, "version": row.version, "plan_digest": row.digest}
    ledger.record(session, actor=actor, type="scaleplan.finished", subject=Ref("scaleplan", plan_id), payload=payload)
    return store.plan_of(row)


def fail_plan(session: Session, actor: Actor, plan_id: str, told: Mapping[str, Any]) -> ScalePlan:
    """Mark a plan as failed and say why."""
    row = store.need_plan(session, plan_id, lock=True)
    if row.state == "running":
        row.state, row.ended_at, row.error = "failed", clock.now(), dict(told)
        session.flush()
        payload = {"code": told.get("code"), "detail": told.get("detail")}
        ledger.record(session, actor=actor, type="scaleplan.failed", subject=Ref("scaleplan", plan_id), payload=payload)
    return store.plan_of(row)


def settle_plans(session: Session, jobs: Jobs) -> list[ScalePlan]:
    """End the plans whose job was cancelled or given up, so that none runs for ever; returns those that ended now."""
    ended = []
    for row in store.running_plans(session):
        job = jobs.get(session, row.job)
        if job.status in (JobStatus.cancelled, JobStatus.failed):
            told = job.error or problem(Conflict("the plan was cancelled", hint="start it again: headway scale"))
            ended.append(fail_plan(session, SYSTEM, row.id, told))
    return ended


def get_plan(session: Session, plan_id: str) -> ScalePlan:
    """Read a plan; raises UnknownPlan."""
    return store.plan_of(store.need_plan(session, plan_id))


def list_plans(
    session: Session,
    *,
    usecase: str | None = None,
    department: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> tuple[list[ScalePlan], str | None]:
    """Plans, newest first, and the cursor of those after them."""
    found = store.list_plans(session, usecase=usecase, department=department, limit=limit + 1, before=cursor)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def find_plans(session: Session, asked: ListQuery) -> Found[ScalePlan]:
    """Search, filter, sort and leaf through plans; raises BadListing."""
    return store.find_plans(session, asked)


def list_labels(session: Session, plan_id: str) -> list[LabelBatch]:
    """The labels brought to a plan, in the order in which they came; raises UnknownPlan."""
    store.need_plan(session, plan_id)
    return [store.batch_of(row) for row in store.batches(session, plan_id)]


def _check(session: Session, request: PlanRequest) -> None:
    faults = []
    if request.department != ids.slug(request.department):
        words = f"use a name like {ids.slug(request.department)!r}"
        faults.append(Fault(rule="name", column="department", value=request.department, message=words))
    case = governance.get_usecase(session, request.usecase)
    if case.retired_at is not None:
        faults.append(Fault(rule="retired", column="usecase", message=f"the use case {case.slug} is retired"))
    version = registry.get_version(session, request.version)
    if version.usecase != request.usecase:
        words = f"{version.ref} is not a version of the use case {request.usecase}"
        faults.append(Fault(rule="version", column="version", value=version.ref, message=words))
    named = [said.ours for said in request.columns]
    faults += [
        Fault(rule="two_roles", column="map", value=name, message=f"{name!r} is mapped twice")
        for name in sorted({name for name in named if named.count(name) > 1})
    ]
    if faults:
        raise Invalid("the plan cannot be made: " + "; ".join(fault.message for fault in faults), faults=faults)
