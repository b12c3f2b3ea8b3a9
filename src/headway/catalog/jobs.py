"""Registering large files as a durable job: the file waits in object storage, the job reads it from there."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from headway.catalog.adapters.lake import lake_of
from headway.catalog.errors import BatchRefused
from headway.catalog.service import forget_upload, refusal_of, register_product
from headway.kernel.auth import Actor
from headway.kernel.errors import Conflict, Invalid
from headway.kernel.jobs import JobContext
from headway.kernel.web import Parts

REGISTER: Final = "product"
"""Name of the job."""


def register_job(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
    """Register an uploaded file; the payload holds its key, its name and the options of ``register_product``.

    Returns: product, snapshot, rows, score, failed_rows, created.
    Raises: BatchRefused: the port lets no bad rows in; the batch is kept.
    """
    context.progress(0, 1, f"reading {payload['filename']}")
    made = context.step("register", lambda: _register(context.parts, context.actor, payload))
    if made["refused"]:
        raise BatchRefused(made["refused"], hint=made["hint"], values={"product": made["product"]})
    context.progress(1, 1, f"{made['product']}: {made['rows']:,} rows")
    return {key: value for key, value in made.items() if key not in ("refused", "hint")}


def _register(parts: Parts, actor: Actor, payload: dict[str, Any]) -> dict[str, Any]:
    try:
        with TemporaryDirectory(prefix="headway-") as folder, parts.database.session() as session:
            source = Path(folder) / "upload"
            parts.storage.fetch(payload["key"], source)
            made = register_product(
                session,
                actor,
                parts.storage,
                lake_of(parts),
                source=source,
                filename=payload["filename"],
                **payload["options"],
            )
    except (Invalid, Conflict):
        with parts.database.session() as session:
            forget_upload(session, parts.storage, payload["key"])
        raise
    refusal = refusal_of(made)
    return {
        "refused": refusal.message if refusal else None,
        "hint": refusal.hint if refusal else None,
        "product": made.product.slug,
        "snapshot": made.snapshot.id,
        "rows": made.snapshot.rows,
        "score": made.quality.score,
        "failed_rows": made.quality.failed_rows,
        "created": made.created,
    }
