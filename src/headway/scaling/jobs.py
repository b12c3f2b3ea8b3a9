"""The durable job that makes a plan: each step a transaction of its own, taken up after a crash where it stood."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from headway import catalog
from headway.kernel import openmp
from headway.kernel.errors import HeadwayError, problem
from headway.kernel.jobs import JobContext
from headway.scaling.service import columns, making, plans

STEPS: Final = ("mapping", "forecast", "ways", "plan")


def scale_job(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
    """Make a plan: map the columns, forecast, compare the ways, conclude; returns the plan's result."""
    openmp.ensure()
    plan_id, parts, actor = str(payload["plan"]), context.parts, context.actor
    work: tuple[Callable[[], dict[str, Any]], ...] = (
        lambda: columns.map_columns(parts, plan_id),
        lambda: making.foresee(parts, plan_id),
        lambda: making.weigh(parts, plan_id),
        lambda: making.conclude(parts, actor, plan_id),
    )
    try:
        for done, (name, step) in enumerate(zip(STEPS, work, strict=True)):
            context.progress(done, len(STEPS), name)
            context.step(name, step)
        return {"plan": plan_id}
    except HeadwayError as error:
        told = problem(error)

        def fail() -> dict[str, Any]:
            with parts.database.session() as session:
                failed = plans.fail_plan(session, actor, plan_id, told)
                catalog.forget_upload(session, parts.storage, str(failed.request["file_key"]))
            return {"plan": plan_id}

        context.step("failed", fail)
        raise
