"""Looking for errors as a durable job."""

from __future__ import annotations

from typing import Any, Final

from headway.catalog.adapters.lake import lake_of
from headway.catalog.repairs import service
from headway.catalog.service.renewing import Data
from headway.kernel.auth import Actor
from headway.kernel.jobs import JobContext
from headway.kernel.web import Parts

LOOK: Final = "cleaning"
"""Name of the job."""


def look_job(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
    """Look a product's current snapshot through and keep what is found.

    Returns: product, cells: the number of doubted cells.
    """
    slug = payload["product"]
    context.progress(0, 1, f"looking for errors in {slug}")
    found = context.step("look", lambda: _look(context.parts, context.actor, slug))
    context.progress(1, 1, f"{slug}: {found:,} cells are probably wrong")
    return {"product": slug, "cells": found}


def _look(parts: Parts, actor: Actor, slug: str) -> int:
    with parts.database.session() as session:
        return service.look(Data(session, parts.storage, lake_of(parts)), actor, slug)
