"""The durable job ``monitoring``, and the daily look for what it is due for."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from headway import catalog
from headway.kernel.jobs import JobContext
from headway.kernel.web import Parts
from headway.monitoring.service import due, judge

LOOK_SECONDS = 60.0
_next_look: dict[str, float] = {}


def monitoring_job(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
    """Judge a deployment.

    Args: payload: ``deployment`` and ``environment``.
    Returns: a RunReport as plain values.
    """
    name = str(payload["deployment"])
    context.progress(0, 1, f"judging {name}")

    def run() -> dict[str, Any]:
        parts = context.parts
        with parts.database.session() as session:
            report = judge(
                session, parts.storage, catalog.lake_of(parts), name=name, environment=payload["environment"]
            )
        plain: dict[str, Any] = msgspec.to_builtins(report)
        return plain

    made = context.step("judging", run)
    context.progress(1, 1, f"judged {made['days']} days of {name}")
    return made


def watch_due(parts: Parts) -> int:
    """Begin what is due, looking at most once a minute; safe to repeat and to run in two processes at once."""
    if time.monotonic() < _next_look.get(parts.database.url, 0.0):
        return 0
    _next_look[parts.database.url] = time.monotonic() + LOOK_SECONDS
    with parts.database.session() as session:
        return due(session, parts.jobs)
