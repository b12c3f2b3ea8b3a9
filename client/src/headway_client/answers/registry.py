"""Answers about runs, models and releases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from headway_client.answer import Answer


class Run(Answer):
    """A training run that ended with a model."""

    id: str
    model: str
    version: int
    usecase: str | None
    product: str | None
    snapshot: str | None
    learner: str
    settings: dict[str, Any]
    metrics: dict[str, Any]
    digests: dict[str, Any]
    job: str | None
    made_by: str
    created_at: datetime


class Model(Answer):
    """A registered model: a name under which versions are kept."""

    name: str
    usecase: str | None
    versions: int
    latest: int | None
    aliases: dict[str, int]
    created_by: str
    created_at: datetime


class ModelVersion(Answer):
    """One version: immutable, named by the digest of its release."""

    ref: str
    model: str
    version: int
    digest: str
    artefact: str
    learner: str
    run: str
    usecase: str | None
    report: dict[str, Any]
    evidence: list[str]
    made_by: str
    created_at: datetime


class ModelRelease(Answer):
    """The way of one version into one environment."""

    id: str
    version: str
    digest: str
    environment: str
    usecase: str
    status: str
    requested_by: str
    approval: str | None
    break_glass: str | None
    decided_by: str | None
    reason: str | None
    verdict: dict[str, Any] | None
    created_at: datetime
    decided_at: datetime | None
    released_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None
    revoked_because: str | None
