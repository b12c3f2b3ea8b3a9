"""What the steps of a plan share: what was asked, what finished steps left, and where frames lie."""

from __future__ import annotations

from typing import Any

import msgspec

from headway.kernel.web import Parts
from headway.scaling import store
from headway.scaling.entities import PlanRequest

Left = dict[str, Any]


def request_of(parts: Parts, plan_id: str) -> PlanRequest:
    """What was asked for."""
    with parts.database.session() as session:
        return msgspec.convert(store.need_plan(session, plan_id).request, PlanRequest)


def left(parts: Parts, plan_id: str) -> dict[str, Left]:
    """What the finished steps left."""
    with parts.database.session() as session:
        return dict(store.need_plan(session, plan_id).steps)


def put(parts: Parts, plan_id: str, name: str, found: Left) -> Left:
    """Keep what a step left."""
    with parts.database.session() as session:
        store.put_step(session, store.need_plan(session, plan_id, lock=True), name, found)
    return found


def key(plan_id: str, name: str) -> str:
    """Where a frame of a plan lies."""
    return f"scaling/{plan_id}/{name}.parquet"
