"""The durable job that reads an input port: one step reads the source, one makes the snapshot, one clears up."""

from __future__ import annotations

from typing import Any

from headway.catalog.connectors.service import note_failure, read_source, take_in
from headway.catalog.connectors.service.reading import SourceRead
from headway.catalog.connectors.service.running import forget_read
from headway.kernel.errors import HeadwayError
from headway.kernel.jobs import JobContext


def port_job(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
    """Read a port; the payload holds the ids of port and run.

    Returns: state (done, unchanged; failed where the port refuses the batch), rows_read, refused (number of files).
    """
    parts, actor, port, run = context.parts, context.actor, payload["port"], payload["run"]
    read: SourceRead | None = None
    try:
        context.progress(0, 2, "reading the source")
        read = context.step("read", lambda: read_source(parts, port, run), into=SourceRead)
        got = read
        context.progress(1, 2, f"{got.rows:,} rows read")
        state = context.step("register", lambda: str(take_in(parts, actor, port, run, got)))
    except HeadwayError as error:
        told = error.message if error.hint is None else f"{error.message}; {error.hint}"
        context.step("note", lambda: note_failure(parts, actor, port, run, told))
        left = read
        context.step("clear", lambda: forget_read(parts, left))
        raise
    context.step("clear", lambda: forget_read(parts, got))
    words = {"unchanged": "nothing new", "failed": "refused"}.get(state, f"{got.rows:,} rows taken in")
    context.progress(2, 2, words)
    return {"state": state, "rows_read": got.rows, "refused": len(got.refused)}
