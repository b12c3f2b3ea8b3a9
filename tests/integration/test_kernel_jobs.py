"""Durable jobs: the outbox, steps, failures, cancelling, crashes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from headway.kernel.auth import Actor, RoleGrant
from headway.kernel.errors import Conflict, Denied, Fault, Invalid, NotFound, Unavailable
from headway.kernel.jobs import Job, JobContext, JobFunction, JobStatus, taken_by
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


def noting(ran: list[str]) -> JobFunction:
    """A job that notes its id."""

    def note(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
        ran.append(context.job_id)
        return {}

    return note


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


def test_what_steps_take_is_counted_over_all_their_attempts(parts: Parts) -> None:
    turns: list[int] = []

    def work() -> None:
        turns.append(1)
        until = time.process_time() + 0.12
        while time.process_time() < until:
            sum(range(1000))
        if len(turns) == 1:
            raise Unavailable("not yet")

    def burn(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
        context.step("idle", lambda: None)
        context.step("work", work)
        return {}

    parts.jobs.define("burn", burn)
    parts.jobs.run_now("burn", {}, ANNA)
    with parts.database.session() as session:
        job = parts.jobs.get(session, parts.jobs.list(session).items[0].id)
        taken = taken_by(session, [job.id, "job_unknown"])
    idle, busy = job.steps
    assert len(turns) == busy.attempts == 2
    assert busy.cpu_seconds >= 0.2 > idle.cpu_seconds
    assert taken == {job.id: (job.ended_at, pytest.approx(idle.cpu_seconds + busy.cpu_seconds))}


def test_job_of_a_rolled_back_transaction_never_runs(parts: Parts) -> None:
    ran: list[str] = []
    parts.jobs.define("note", noting(ran))
    parts.jobs.launch(worker=True)
    with pytest.raises(RuntimeError), parts.database.session() as session:
        lost = parts.jobs.enqueue(session, "note", {}, actor=ANNA)
        raise RuntimeError("the business transaction failed")
    kept = enqueue(parts, "note", {})
    wait_for(parts, kept)
    assert ran == [kept]
    with pytest.raises(NotFound):
        look(parts, lost)


def test_job_of_a_given_id_is_added_once(parts: Parts) -> None:
    ran: list[str] = []
    parts.jobs.define("note", noting(ran))
    ids = [enqueue(parts, "note", {}, job_id="intake-segment-7") for _ in range(3)]
    parts.jobs.launch(worker=True)
    wait_for(parts, ids[0])
    assert ids == ["intake-segment-7"] * 3
    assert ran == ["intake-segment-7"]


def test_unknown_job_is_refused_before_anything_is_stored(parts: Parts) -> None:
    parts.jobs.define("add", add_up)
    with pytest.raises(Invalid, match="no job is named 'ad'") as caught, parts.database.session() as session:
        parts.jobs.enqueue(session, "ad", {}, actor=ANNA)
    assert caught.value.hint == "one of: add"


def test_failed_job_tells_the_problem_with_all_faults(parts: Parts) -> None:
    def refuse(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
        def check() -> None:
            faults = [Fault(rule="type", message="not a number", row=n, column="age", value="x") for n in (1, 2)]
            raise Invalid("2 rows are wrong", hint="correct them", faults=faults)

        context.step("check", check)
        raise AssertionError("unreachable")

    parts.jobs.define("refuse", refuse)
    with pytest.raises(Invalid, match="2 rows are wrong") as caught:
        parts.jobs.run_now("refuse", {}, ANNA)
    assert [fault.row for fault in caught.value.faults] == [1, 2]
    with parts.database.session() as session:
        job = parts.jobs.get(session, parts.jobs.list(session).items[0].id)
    assert job.status is JobStatus.failed and job.error is not None
    assert (job.error["code"], job.error["status"], job.error["hint"]) == ("invalid", 422, "correct them")
    assert job.steps[0].error == "2 rows are wrong"


def test_error_nobody_foresaw_becomes_a_problem_and_goes_to_the_log(
    parts: Parts, capsys: pytest.CaptureFixture[str]
) -> None:
    parts.jobs.define("divide", lambda context, payload: {"x": context.step("divide", lambda: 1 // payload["by"])})
    job_id = enqueue(parts, "divide", {"by": 0})
    parts.jobs.launch(worker=True)
    job = wait_for(parts, job_id)
    assert job.error is not None
    assert (job.error["code"], job.error["values"]) == ("job.failed", {"step": "divide"})
    assert "ZeroDivisionError" in job.error["detail"]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" in captured.err and job_id in captured.err


def test_step_is_tried_again_while_something_it_needs_is_away(parts: Parts) -> None:
    tries: list[int] = []

    def fetch() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise Unavailable("storage is away")
        return "there"

    parts.jobs.define("fetch", lambda context, payload: {"got": context.step("fetch", fetch)})
    assert parts.jobs.run_now("fetch", {}, ANNA) == {"got": "there"}
    assert len(tries) == 3
    with parts.database.session() as session:
        job = parts.jobs.get(session, parts.jobs.list(session).items[0].id)
    assert [(step.attempts, step.error) for step in job.steps] == [(3, None)]


@dataclass(frozen=True)
class Split:
    train: int
    test: int


def test_step_gives_back_the_type_it_is_told_and_refuses_to_guess(parts: Parts) -> None:
    def typed(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
        split = context.step("split", lambda: Split(70, 30), into=Split)
        return {"train": split.train}

    parts.jobs.define("typed", typed)
    parts.jobs.define("untyped", lambda context, payload: {"s": context.step("split", lambda: Split(70, 30))})
    assert parts.jobs.run_now("typed", {}, ANNA) == {"train": 70}
    with pytest.raises(Exception, match="name the type with into="):
        parts.jobs.run_now("untyped", {}, ANNA)


def test_queued_job_can_be_cancelled_and_then_never_runs(parts: Parts) -> None:
    ran: list[str] = []
    parts.jobs.define("note", noting(ran))
    cancelled, kept = enqueue(parts, "note", {}), enqueue(parts, "note", {})
    with parts.database.session() as session:
        assert parts.jobs.cancel(session, cancelled).status is JobStatus.cancelled
    parts.jobs.launch(worker=True)
    wait_for(parts, kept)
    time.sleep(0.5)
    assert ran == [kept]
    with pytest.raises(Conflict, match="cancelled"), parts.database.session() as session:
        parts.jobs.cancel(session, cancelled)


def test_running_job_ends_at_its_next_progress_when_cancelled(parts: Parts) -> None:
    def count(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
        def slowly() -> int:
            for number in range(1000):
                context.progress(number, 1000, f"at {number}")
                time.sleep(0.02)
            return 1000

        return {"counted": context.step("count", slowly)}

    parts.jobs.define("count", count)
    job_id = enqueue(parts, "count", {})
    parts.jobs.launch(worker=True)
    wait_for(parts, job_id, lambda job: job.done >= 3)
    with parts.database.session() as session:
        parts.jobs.cancel(session, job_id)
    deadline = time.monotonic() + 10
    while parts.jobs.running and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not parts.jobs.running
    job = look(parts, job_id)
    assert job.status is JobStatus.cancelled and job.done < 999 and job.result is None


def test_close_leaves_a_running_job_to_the_next_worker_without_repeating_its_steps(parts: Parts) -> None:
    ran: list[str] = []

    def work(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
        for number in range(20):
            context.step(f"part {number}", partial(part, number))
        return {"parts": 20}

    def part(number: int) -> int:
        ran.append(f"part {number}")
        time.sleep(0.05)
        return number

    parts.jobs.define("work", work)
    job_id = enqueue(parts, "work", {})
    parts.jobs.launch(worker=True)
    wait_for(parts, job_id, lambda job: len(job.steps) > 4)
    parts.jobs.close()
    assert look(parts, job_id).status is JobStatus.running

    successor = type(parts.jobs)(parts.database)
    successor.define("work", work)
    successor.bind(parts)
    successor.launch(worker=True)
    try:
        job = wait_for(parts, job_id)
    finally:
        successor.close()
    assert (job.status, job.attempts, job.result) == (JobStatus.done, 2, {"parts": 20})
    assert sorted(ran) == sorted(f"part {number}" for number in range(20))


def test_jobs_without_parts_cannot_be_launched(parts: Parts) -> None:
    unbound = type(parts.jobs)(parts.database)
    with pytest.raises(Conflict, match="bind"):
        unbound.launch(worker=True)
    unbound.close()


def test_same_name_cannot_mean_two_jobs(parts: Parts) -> None:
    parts.jobs.define("add", add_up)
    parts.jobs.define("add", add_up)
    with pytest.raises(Conflict, match="'add'"):
        parts.jobs.define("add", lambda context, payload: {})


def test_jobs_are_listed_newest_first_in_pages_and_by_actor(parts: Parts) -> None:
    parts.jobs.define("add", add_up)
    ids = [enqueue(parts, "add", {"a": number}) for number in range(5)]
    with parts.database.session() as session:
        first = parts.jobs.list(session, limit=2)
        second = parts.jobs.list(session, limit=2, cursor=first.next)
        third = parts.jobs.list(session, limit=2, cursor=second.next)
        assert [job.id for page in (first, second, third) for job in page.items] == ids[::-1]
        assert third.next is None
        assert parts.jobs.list(session, actor="person:bert").items == ()
        assert len(parts.jobs.list(session, actor=ANNA.ref).items) == 5


def test_denied_keeps_its_kind_on_the_way_out_of_a_job(parts: Parts) -> None:
    def deny() -> None:
        raise Denied("not yours", hint="ask the owner", values={"rule": "usecase-owner"})

    parts.jobs.define("deny", lambda context, payload: {"x": context.step("deny", deny)})
    with pytest.raises(Denied, match="not yours") as caught:
        parts.jobs.run_now("deny", {}, ANNA)
    assert caught.value.values == {"rule": "usecase-owner"} and caught.value.code == "denied"


def test_stored_results_are_json_not_pickle(parts: Parts) -> None:
    parts.jobs.define("add", add_up)
    parts.jobs.run_now("add", {"a": 1}, ANNA)
    with parts.database.session() as session:
        stored = list(session.scalars(text("select output from dbos.operation_outputs order by function_id")))
    assert stored == ['{"value":2}', '{"value":4}']


def test_job_that_was_claimed_and_never_begun_is_taken_up(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that dies between a claim and its answer leaves a job with a worker that knows nothing of it."""
    monkeypatch.setattr("headway.kernel.jobs.worker.Stranded.__init__.__defaults__", (0.5,))
    ran: list[str] = []
    parts.jobs.define("note", noting(ran))
    parts.jobs.launch(worker=True)
    with parts.database.session() as session:
        job_id = parts.jobs.enqueue(session, "note", {}, actor=ANNA)
        claim = "update dbos.workflow_status set status = 'PENDING', executor_id = :worker where workflow_uuid = :job"
        session.execute(text(claim), {"worker": parts.jobs.worker_id, "job": job_id})
    assert wait_for(parts, job_id).status is JobStatus.done
    assert ran == [job_id]
