"""The durable job of a replay: one step that reads and computes, one that keeps what it tells."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from headway.kernel.errors import HeadwayError, problem
from headway.kernel.jobs import JobContext
from headway.portfolio.replay import service, store


def replay_job(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
    """Replay a file; returns the id of the replay."""
    replay_id, parts = str(payload["replay"]), context.parts

    def carry_out() -> dict[str, Any]:
        with parts.database.session() as session:
            request = service.request_of(store.need_replay(session, replay_id))
        with tempfile.TemporaryDirectory(prefix="headway-") as folder:
            path = Path(folder) / "file"
            parts.storage.fetch(request.file_key, path)
            return service.carry_out(request, path)

    def keep(report: dict[str, Any]) -> dict[str, Any]:
        with parts.database.session() as session:
            service.finish_replay(session, context.actor, replay_id, report)
        return {"replay": replay_id}

    def fail(told: dict[str, Any]) -> None:
        with parts.database.session() as session:
            service.fail_replay(session, context.actor, replay_id, told)

    try:
        report = context.step("replay", carry_out)
        return context.step("result", lambda: keep(report))
    except HeadwayError as error:
        told = problem(error)
        context.step("failed", lambda: fail(told))
        raise
