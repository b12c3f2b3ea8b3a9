"""The durable job of a pilot: each step a transaction of its own, taken up after a crash where it stood."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from headway import catalog, registry, serving
from headway.kernel import clock
from headway.kernel.errors import HeadwayError, problem
from headway.kernel.jobs import JobContext
from headway.portfolio import report, store
from headway.portfolio.adapters import shelf
from headway.portfolio.service import pilots, reporting, steps
from headway.portfolio.solution import Solution

TOTAL = 6


def pilot_job(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
    """Take a pilot from its file to a deployment in the sandbox; returns the pilot's result."""
    run = _Run(context, str(payload["pilot"]))
    try:
        for done, (name, step) in enumerate(run.steps()):
            context.progress(done, TOTAL, name)
            context.step(name, step)
        return context.step("result", run.result)
    except HeadwayError as error:
        told = problem(error)
        context.step("failed", lambda: run.fail(told))
        raise


class _Run:
    """One pilot's steps with what they need."""

    def __init__(self, context: JobContext, pilot: str) -> None:
        self.context, self.pilot = context, pilot
        self.parts, self.actor = context.parts, context.actor

    def steps(self) -> tuple[tuple[str, Callable[[], dict[str, Any]]], ...]:
        return (
            ("product", self.product),
            ("usecase", self.usecase),
            ("training", self.training),
            ("release", self.release),
            ("deploy", self.deploy),
            ("report", self.report),
        )

    def solution(self) -> Solution:
        with self.parts.database.session() as session:
            name = store.need_pilot(session, self.pilot).solution
        return shelf(self.parts.settings.solutions).get(name)

    def product(self) -> dict[str, Any]:
        solution = self.solution()
        with self.parts.database.session() as session:
            row = store.need_pilot(session, self.pilot)
            request, is_done = pilots.request_of(row), "product" in row.steps
        with tempfile.TemporaryDirectory(prefix="headway-") as folder:
            source = Path(folder) / "file"
            if not is_done:
                source.write_bytes(self.parts.storage.get(request.file_key))
            with self.parts.database.session() as session:
                lake = catalog.lake_of(self.parts)
                return steps.take_product(
                    session, self.actor, self.parts.storage, lake, solution=solution, pilot_id=self.pilot, source=source
                )

    def usecase(self) -> dict[str, Any]:
        with self.parts.database.session() as session:
            return steps.open_case(session, self.actor, self.solution(), self.pilot)

    def training(self) -> dict[str, Any]:
        with self.parts.database.session() as session:
            done = steps.left(session, self.pilot).get("training")
            if done is not None:
                return done
        with self.parts.database.session() as session:
            lake = catalog.lake_of(self.parts)
            run, spec = steps.plan_training(session, lake, self.solution(), self.pilot)
            usecase = steps.left(session, self.pilot)["usecase"]["usecase"]
        version = registry.train_product(
            self.parts, self.actor, usecase=usecase, spec=spec, run_id=run, job=self.context.job_id
        )
        with self.parts.database.session() as session:
            return steps.keep_training(session, self.pilot, version)

    def release(self) -> dict[str, Any]:
        with self.parts.database.session() as session:
            return steps.release(session, self.actor, self.parts.storage, self.parts.signer, self.pilot)

    def deploy(self) -> dict[str, Any]:
        with self.parts.database.session() as session:
            address = self.parts.settings.node_url("sandbox")
            left = steps.deploy(session, self.actor, self.solution(), self.pilot, node_address=address)
        with self.parts.database.session() as session:  # only what is committed may be published
            serving.publish(session, self.parts.storage, self.parts.signer, steps.ENVIRONMENT)
        return left

    def report(self) -> dict[str, Any]:
        with self.parts.database.session() as session:
            lake = catalog.lake_of(self.parts)
            found = reporting.findings_of(
                session, self.parts.storage, lake, self.solution(), self.pilot, now=clock.now()
            )
            pilots.finish_pilot(
                session,
                self.parts.storage,
                self.actor,
                self.pilot,
                result=found.result,
                report=report.facts_of(found),
                markdown=report.markdown_of(found),
            )
        return {"report": found.result["report"]}

    def result(self) -> dict[str, Any]:
        with self.parts.database.session() as session:
            return dict(pilots.get_pilot(session, self.pilot).result or {})

    def fail(self, told: dict[str, Any]) -> dict[str, Any]:
        with self.parts.database.session() as session:
            row = store.need_pilot(session, self.pilot)
            if "product" not in row.steps:  # nothing was made of the file
                catalog.forget_upload(session, self.parts.storage, row.request["file_key"])
            pilots.fail_pilot(session, self.actor, self.pilot, told)
        return {"pilot": self.pilot}
