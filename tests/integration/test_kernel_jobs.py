"""Durable jobs: the outbox, steps, failures, cancelling, crashes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

from headway.kernel.auth import Actor, RoleGrant
from headway.kernel.errors import Conflict, Denied, Fault, Invalid, NotFound, Unavailable
from headway.kernel.jobs import Job, JobContext, JobStatus
from headway.kernel.web import Parts

ANNA = Actor(
    ref="person:anna", name="Anna", roles=(RoleGrant(role="sponsor", department="sales"),), scopes=frozenset({"pilot"})
)
ENDED = {JobStatus.done, JobStatus.failed, JobStatus.cancelled}


def look(parts: Parts, job_id: str) -> Job:
    with parts.database.session() as session:
        return parts.jobs.get(session, job_id)


def wait_for(parts: Parts, job_id: str, when: Callable[[Job], bool] = lambda job: job.status in ENDED) -> Job:
    deadline = time.monotonic() + 30
    while not when(job := look(parts, job_id)):
        assert time.monotonic() < deadline, f"the job did not get there: {job}"
        time.sleep(0.02)
    return job


def enqueue(parts: Parts, name: str, payload: dict[str, Any], job_id: str | None = None) -> str:
    with parts.database.session() as session:
        return parts.jobs.enqueue(session, name, payload, actor=ANNA, job_id=job_id)


def add_up(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
    first = context.step("first", lambda: payload["a"] + 1)
    context.progress(1, 2, "halfway")
    second = context.step("second", lambda: first * 2)
    context.progress(2, 2, "nearly there")
    return {"sum": second, "by": context.actor.ref, "may": [grant.role for grant in context.actor.roles]}


def test_job_runs_in_a_worker_with_its_actor_steps_and_result(parts: Parts) -> None:
    parts.jobs.define("add", add_up)
    job_id = enqueue(parts, "add", {"a": 20})
    assert look(parts, job_id).status is JobStatus.queued
    parts.jobs.launch(worker=True)
    job = wait_for(parts, job_id)
    assert job.status is JobStatus.done
    assert job.result == {"sum": 42, "by": "person:anna", "may": ["sponsor"]}
    assert [(step.name, step.attempts, step.error) for step in job.steps] == [("first", 1, None), ("second", 1, None)]
    assert (job.done, job.total, job.attempts, job.error) == (2, 2, 1, None)
    assert job.started_at and job.ended_at and job.created_at <= job.started_at <= job.ended_at
