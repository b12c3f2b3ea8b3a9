"""The durable job that makes what takes long: the auditor's bundle and the board pack."""

from __future__ import annotations

from typing import Any

from headway.dossiers.service import steps
from headway.kernel.errors import HeadwayError, problem
from headway.kernel.jobs import JobContext


def dossier_job(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
    """Make a dossier that was begun; returns its id."""
    dossier_id, parts, actor = str(payload["dossier"]), context.parts, context.actor
    try:
        context.progress(0, 2, "checkpoint")
        context.step("checkpoint", lambda: steps.prepare_step(parts))
        context.progress(1, 2, "document")
        context.step("document", lambda: steps.make_step(parts, actor, dossier_id))
        context.progress(2, 2, "document")
        return {"dossier": dossier_id}
    except HeadwayError as error:
        told = problem(error)
        context.step("failed", lambda: steps.fail_step(parts, actor, dossier_id, told))
        raise
