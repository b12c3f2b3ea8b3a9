"""The lists of the registry that people search, filter and sort. Departments come from the use cases, told beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from sqlalchemy import ColumnElement, Select, and_, cast, exists, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from headway.kernel import listing
from headway.kernel.listing import Column, Found, Listing, ListQuery
from headway.kernel.settings import ENVIRONMENTS
from headway.registry.entities import Model, ModelRelease, ModelVersion, ReleaseStatus
from headway.registry.store import release_of, version_of
from headway.registry.tables import AliasRow, ModelRow, ReleaseRow, VersionRow

_VERSIONS = (
    select(func.count().label("count"), func.max(VersionRow.version).label("latest"))
    .where(VersionRow.model == ModelRow.name)
    .lateral("of_model")
)
_ALIASES = (
    select(func.coalesce(func.jsonb_object_agg(AliasRow.alias, AliasRow.version), cast({}, JSONB)))
    .where(AliasRow.model == ModelRow.name)
    .scalar_subquery()
)


def find_models(session: Session, asked: ListQuery, departments: Mapping[str, str]) -> Found[Model]:
    """Read the models asked for.

    Args: departments: the department of each use case.
    """
    query = select(ModelRow, _VERSIONS.c.count, _VERSIONS.c.latest, _ALIASES).join(_VERSIONS, literal(True))
    query, department = _with_department(query, ModelRow.usecase, departments)
    offered = Listing(
        columns={
            "name": Column(of=ModelRow.name, is_searched=True, filter="exact"),
            "usecase": Column(of=ModelRow.usecase, is_searched=True, filter="exact"),
            "department": Column(of=department, is_searched=True, filter="exact"),
            "versions": Column(of=_VERSIONS.c.count, filter="numbers"),
            "alias": Column(of=ModelRow.name, is_sorted=False, where=_has_alias),
            "created_by": Column(of=ModelRow.created_by, filter="exact"),
            "created_at": Column(of=ModelRow.created_at, filter="dates"),
        },
        key=(ModelRow.name,),
        sort="name",
        department=department,
    )
    found = listing.find(session, query, offered, asked)
    return listing.found_as(found, (_model(*row) for row in found.items))


def find_versions(session: Session, asked: ListQuery, departments: Mapping[str, str]) -> Found[ModelVersion]:
    """Read the versions of all models that were asked for, the newest first unless another order is wanted."""
    query, department = _with_department(select(VersionRow), VersionRow.usecase, departments)
    offered = Listing(
        columns={
            "model": Column(of=VersionRow.model, is_searched=True, filter="exact"),
            "version": Column(of=VersionRow.version, filter="numbers"),
            "usecase": Column(of=VersionRow.usecase, is_searched=True, filter="exact"),
            "department": Column(of=department, is_searched=True, filter="exact"),
            "learner": Column(of=VersionRow.learner, is_searched=True, filter="exact"),
            "digest": Column(of=VersionRow.digest, filter="prefix", is_sorted=False),
            "run": Column(of=VersionRow.run, filter="exact"),
            "made_by": Column(of=VersionRow.made_by, filter="exact"),
            "created_at": Column(of=VersionRow.created_at, filter="dates"),
            "released": Column(of=VersionRow.digest, is_sorted=False, where=_is_released),
        },
        key=(VersionRow.model, VersionRow.version),
        sort="created_at",
        descending=True,
        department=department,
    )
    found = listing.find(session, query, offered, asked)
    return listing.found_as(found, (version_of(row[0]) for row in found.items))


def find_releases(session: Session, asked: ListQuery, departments: Mapping[str, str]) -> Found[ModelRelease]:
    """Read the releases asked for, the newest first unless another order is wanted; revocations are told above."""
    query, department = _with_department(select(ReleaseRow), ReleaseRow.usecase, departments)
    offered = Listing(
        columns={
            "id": Column(of=ReleaseRow.id, is_searched=True),
            "model": Column(of=ReleaseRow.model, is_searched=True, filter="exact"),
            "version": Column(of=ReleaseRow.version, filter="numbers"),
            "digest": Column(of=ReleaseRow.digest, filter="prefix", is_sorted=False),
            "usecase": Column(of=ReleaseRow.usecase, is_searched=True, filter="exact"),
            "department": Column(of=department, is_searched=True, filter="exact"),
            "environment": Column(of=ReleaseRow.environment, filter="exact", choices=ENVIRONMENTS),
            "status": Column(of=ReleaseRow.status, filter="exact", choices=get_args(ReleaseStatus)),
            "approval": Column(of=ReleaseRow.approval, filter="exact", is_sorted=False),
            "requested_by": Column(of=ReleaseRow.requested_by, filter="exact"),
            "decided_by": Column(of=ReleaseRow.decided_by, filter="exact"),
            "reason": Column(of=ReleaseRow.reason, is_searched=True, is_sorted=False),
            "created_at": Column(of=ReleaseRow.created_at, filter="dates"),
            "decided_at": Column(of=ReleaseRow.decided_at, filter="dates"),
            "released_at": Column(of=ReleaseRow.released_at, filter="dates"),
        },
        key=(ReleaseRow.id,),
        sort="id",
        descending=True,
        department=department,
    )
    found = listing.find(session, query, offered, asked)
    return listing.found_as(found, (release_of(row[0]) for row in found.items))


def asked_releases(session: Session) -> list[tuple[str, str, str]]:
    """Read use case, environment and status of all releases, each combination once."""
    query = select(ReleaseRow.usecase, ReleaseRow.environment, ReleaseRow.status).distinct()
    return [(usecase, environment, status) for usecase, environment, status in session.execute(query)]


def _with_department(
    query: Select[*tuple[Any, ...]], usecase: SQLCoreOperations[Any], departments: Mapping[str, str]
) -> tuple[Select[*tuple[Any, ...]], ColumnElement[Any]]:
    table = listing.beside_table("departments", departments)
    return query.outerjoin(table, table.c.key == usecase), table.c.value


def _has_alias(values: tuple[str, ...]) -> ColumnElement[bool]:
    return exists().where(AliasRow.model == ModelRow.name, AliasRow.alias.in_(values))


def _is_released(values: tuple[str, ...]) -> ColumnElement[bool]:
    """Versions that were released into one of these environments."""
    released = (ReleaseRow.digest == VersionRow.digest, ReleaseRow.status == "released")
    return exists().where(and_(*released, ReleaseRow.environment.in_(values)))


def _model(row: ModelRow, versions: int, latest: int | None, aliases: Mapping[str, int]) -> Model:
    return Model(
        name=row.name,
        usecase=row.usecase,
        versions=versions,
        latest=latest,
        aliases=dict(sorted(aliases.items())),
        created_by=row.created_by,
        created_at=row.created_at,
    )
