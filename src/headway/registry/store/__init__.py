"""All SQL of the registry: rows inside, entities out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import cast

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.kernel.settings import Environment
from headway.registry.entities import Model, ModelRelease, ModelVersion, ReleaseStatus, Run
from headway.registry.tables import AliasRow, ModelRow, ReleaseRow, RunRow, VersionRow

OPEN = ("requested", "approved")


# --- models and versions -----------------------------------------------------------------------------------------


def lock_model(session: Session, name: str, *, usecase: str | None, made_by: str, at: datetime) -> None:
    """Make the model if it is new, and hold it until the transaction ends, so that versions count without gaps."""
    values = {"name": name, "usecase": usecase, "created_by": made_by, "created_at": at}
    session.execute(insert(ModelRow).values(**values).on_conflict_do_nothing())
    session.execute(select(ModelRow.name).where(ModelRow.name == name).with_for_update())


def next_version(session: Session, name: str) -> int:
    """The number that the next version of a model gets."""
    return (session.scalar(select(func.max(VersionRow.version)).where(VersionRow.model == name)) or 0) + 1


def add_version(session: Session, values: Mapping[str, object]) -> None:
    """Write a version."""
    session.execute(insert(VersionRow).values(**values))


def get_version(session: Session, model: str, version: int) -> ModelVersion | None:
    """Read a version."""
    row = session.get(VersionRow, (model, version))
    return version_of(row) if row else None


def version_by_artefact(session: Session, model: str, artefact: str) -> ModelVersion | None:
    """Read the version of a model that an equal training made."""
    row = session.scalar(select(VersionRow).where(VersionRow.model == model, VersionRow.artefact == artefact))
    return version_of(row) if row else None


def version_by_digest(session: Session, digest: str) -> ModelVersion | None:
    """Read the version that a bundle's subject names."""
    row = session.scalar(select(VersionRow).where(VersionRow.digest == digest))
    return version_of(row) if row else None


def list_versions(session: Session, model: str, *, below: int | None, limit: int) -> list[ModelVersion]:
    """Read the versions of a model, newest first."""
    query = select(VersionRow).where(VersionRow.model == model).order_by(VersionRow.version.desc()).limit(limit)
    if below is not None:
        query = query.where(VersionRow.version < below)
    return [version_of(row) for row in session.scalars(query)]


def get_model(session: Session, name: str) -> Model | None:
    """Read a model with its aliases."""
    row = session.get(ModelRow, name)
    return _model(session, row) if row else None


def list_models(
    session: Session, *, after: str | None, limit: int, usecase: str | None, within: Collection[str] | None = None
) -> list[Model]:
    """Read models by name."""
    query = select(ModelRow).order_by(ModelRow.name).limit(limit)
    if after is not None:
        query = query.where(ModelRow.name > after)
    if usecase is not None:
        query = query.where(ModelRow.usecase == usecase)
    if within is not None:
        query = query.where(ModelRow.usecase.in_(within))
    return [_model(session, row) for row in session.scalars(query)]


def set_alias(session: Session, *, model: str, alias: str, version: int, set_by: str, at: datetime) -> None:
    """Move an alias to a version."""
    values = {"version": version, "set_by": set_by, "set_at": at}
    statement = insert(AliasRow).values(model=model, alias=alias, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["model", "alias"], set_=values))


def alias_version(session: Session, model: str, alias: str) -> int | None:
    """Read where an alias points."""
    return session.scalar(select(AliasRow.version).where(AliasRow.model == model, AliasRow.alias == alias))


# --- runs --------------------------------------------------------------------------------------------------------


def add_run(session: Session, values: Mapping[str, object]) -> None:
    """Write a run; one of the same id stays as it is."""
    session.execute(insert(RunRow).values(**values).on_conflict_do_nothing())


def get_run(session: Session, run: str) -> Run | None:
    """Read a run."""
    row = session.get(RunRow, run)
    return _run(row) if row else None


def jobs_of_usecase(session: Session, usecase: str) -> set[str]:
    """The jobs that trained for a use case."""
    query = select(RunRow.job).where(RunRow.usecase == usecase, RunRow.job.is_not(None))
    return {job for job in session.scalars(query) if job is not None}


def list_runs(
    session: Session,
    *,
    model: str | None,
    usecase: str | None,
    product: str | None = None,
    within: Collection[str] | None = None,
    before: str | None,
    limit: int,
) -> list[Run]:
    """Read runs, newest first."""
    query = select(RunRow).order_by(RunRow.id.desc()).limit(limit)
    if model is not None:
        query = query.where(RunRow.model == model)
    if usecase is not None:
        query = query.where(RunRow.usecase == usecase)
    if product is not None:
        query = query.where(RunRow.product == product)
    if within is not None:
        query = query.where(RunRow.usecase.in_(within))
    if before is not None:
        query = query.where(RunRow.id < before)
    return [_run(row) for row in session.scalars(query)]


# --- releases ----------------------------------------------------------------------------------------------------


def add_release(session: Session, values: Mapping[str, object]) -> ModelRelease:
    """Write a release."""
    row = ReleaseRow(**values)
    session.add(row)
    session.flush()
    return release_of(row)


def change_release(session: Session, release: str, values: Mapping[str, object]) -> ModelRelease:
    """Write changed fields of a release."""
    session.execute(update(ReleaseRow).where(ReleaseRow.id == release).values(**values))
    row = session.get_one(ReleaseRow, release, populate_existing=True)
    return release_of(row)


def get_release(session: Session, release: str, *, lock: bool = False) -> ModelRelease | None:
    """Read a release; ``lock`` makes others that would change it wait."""
    query = select(ReleaseRow).where(ReleaseRow.id == release).execution_options(populate_existing=True)
    row = session.scalar(query.with_for_update() if lock else query)
    return release_of(row) if row else None


def open_release(session: Session, *, model: str, version: int, environment: str, usecase: str) -> ModelRelease | None:
    """Read the release of a version into an environment that is under way."""
    row = session.scalar(
        select(ReleaseRow)
        .where(
            ReleaseRow.model == model,
            ReleaseRow.version == version,
            ReleaseRow.environment == environment,
            ReleaseRow.usecase == usecase,
            ReleaseRow.status.in_(OPEN),
        )
        .with_for_update()
    )
    return release_of(row) if row else None


def list_releases(
    session: Session,
    *,
    model: str | None,
    usecase: str | None,
    environment: str | None,
    status: str | None,
    within: Collection[str] | None = None,
    before: str | None,
    limit: int,
) -> list[ModelRelease]:
    """Read releases, newest first."""
    query = select(ReleaseRow).order_by(ReleaseRow.id.desc()).limit(limit)
    wanted = {"model": model, "usecase": usecase, "environment": environment, "status": status}
    for name, value in wanted.items():
        if value is not None:
            query = query.where(getattr(ReleaseRow, name) == value)
    if within is not None:
        query = query.where(ReleaseRow.usecase.in_(within))
    if before is not None:
        query = query.where(ReleaseRow.id < before)
    return [release_of(row) for row in session.scalars(query)]


# --- rows to entities --------------------------------------------------------------------------------------------


def version_of(row: VersionRow) -> ModelVersion:
    """Make the entity of a row."""
    return ModelVersion(
        ref=f"model:{row.model}@{row.version}",
        model=row.model,
        version=row.version,
        digest=row.digest,
        artefact=row.artefact,
        learner=row.learner,
        run=row.run,
        usecase=row.usecase,
        report=dict(row.report),
        evidence=tuple(row.evidence),
        made_by=row.made_by,
        created_at=row.created_at,
    )


def _model(session: Session, row: ModelRow) -> Model:
    count, latest = session.execute(
        select(func.count(), func.max(VersionRow.version)).where(VersionRow.model == row.name)
    ).one()
    aliases = session.execute(
        select(AliasRow.alias, AliasRow.version).where(AliasRow.model == row.name).order_by(AliasRow.alias)
    )
    return Model(
        name=row.name,
        usecase=row.usecase,
        versions=count,
        latest=latest,
        aliases={found.alias: found.version for found in aliases},
        created_by=row.created_by,
        created_at=row.created_at,
    )


def _run(row: RunRow) -> Run:
    return Run(
        id=row.id,
        model=row.model,
        version=row.version,
        usecase=row.usecase,
        product=row.product,
        snapshot=row.snapshot,
        learner=row.learner,
        settings=dict(row.settings),
        metrics=dict(row.metrics),
        digests=dict(row.digests),
        job=row.job,
        made_by=row.made_by,
        created_at=row.created_at,
    )


def release_of(row: ReleaseRow) -> ModelRelease:
    """Make the entity of a row."""
    return ModelRelease(
        id=row.id,
        version=f"model:{row.model}@{row.version}",
        digest=row.digest,
        environment=cast(Environment, row.environment),
        usecase=row.usecase,
        status=cast(ReleaseStatus, row.status),
        requested_by=row.requested_by,
        approval=row.approval,
        break_glass=row.break_glass,
        decided_by=row.decided_by,
        reason=row.reason,
        verdict=dict(row.verdict) if row.verdict is not None else None,
        created_at=row.created_at,
        decided_at=row.decided_at,
        released_at=row.released_at,
        revoked_at=None,  # governance knows; the service tells
        revoked_by=None,
        revoked_because=None,
    )
