"""Answers about plans to take use cases to other departments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from headway_client.answer import Answer


class StartedPlan(Answer):
    """A plan that was begun; follow its job."""

    plan: str
    job: str


class ScalePlan(Answer):
    """A plan: mapping, readiness, differences, forecast, the way proposed; and the check of the forecast by labels."""

    id: str
    usecase: str
    department: str
    version: str
    state: str
    job: str
    filename: str
    request: dict[str, Any]
    result: dict[str, Any] | None
    digest: str | None
    check: dict[str, Any] | None
    error: dict[str, Any] | None
    started_by: str
    started_at: datetime
    ended_at: datetime | None


class LabelBatch(Answer):
    """Labels that came at once, and what they left the forecast at."""

    number: int
    filename: str
    file_digest: str
    rows: int
    used: int
    unknown: int
    repeated: int
    state: str
    brought_by: str
    at: datetime
