"""All SQL on serving's tables: rows inside, entities out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import cast

from sqlalchemy import and_, case, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway import numerics
from headway.kernel import listing
from headway.kernel.listing import Column, Found, Listing, ListQuery
from headway.kernel.settings import ENVIRONMENTS, Environment
from headway.runtime import DayProfile
from headway.serving.entities import (
    Arm,
    Band,
    Deployment,
    DeploymentState,
    Grant,
    Publication,
    Scope,
    Segment,
    SegmentState,
)
from headway.serving.errors import UnknownDeployment, UnknownGrant
from headway.serving.tables import DeploymentRow, GrantRow, ProfileRow, PublicationRow, SegmentRow, UsageRow

_STATE = case(
    (and_(DeploymentRow.state == "active", DeploymentRow.held.is_not(None)), "suspended"), else_=DeploymentRow.state
)


def state_of(row: DeploymentRow) -> DeploymentState:
    """The state that counts: what is held decides nothing, whatever people said of it."""
    return DeploymentState.suspended if row.held and row.state == "active" else DeploymentState(row.state)


def deployment_of(row: DeploymentRow) -> Deployment:
    """Make the entity of a row; ``url`` is the path, which edges complete with the node's address."""
    return Deployment(
        id=row.id,
        name=row.name,
        environment=cast(Environment, row.environment),
        usecase=row.usecase,
        version=row.version,
        release=row.release,
        state=state_of(row),
        reason=row.held if row.held and row.state == "active" else row.reason,
        held=row.held,
        kept_by=tuple(one["by"] for one in row.kept),
        arms=tuple(Arm(name=a["name"], release=a["release"], share=float(a["share"])) for a in row.arms),
        subject_field=row.subject_field,
        bands=tuple(Band(name=b["name"], action=b["action"]) for b in row.bands),
        daily_limit=row.daily_limit,
        created_by=row.created_by,
        created_at=row.created_at,
        changed_at=row.changed_at,
        expires_at=row.expires_at,
        url=f"/v1/decisions/{row.name}",
    )


def live_deployment(session: Session, name: str, environment: str, *, lock: bool = False) -> DeploymentRow | None:
    """The deployment that has a name now."""
    query = select(DeploymentRow).where(
        DeploymentRow.name == name, DeploymentRow.environment == environment, DeploymentRow.state != "retired"
    )
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def need_deployment(session: Session, name: str, environment: str, *, lock: bool = False) -> DeploymentRow:
    """Like ``live_deployment``; raises UnknownDeployment."""
    row = live_deployment(session, name, environment, lock=lock)
    if row is None:
        raise UnknownDeployment(f"no deployment {name!r} in {environment}", hint="see 'headway deployment list'")
    return row


def kept_rows(session: Session, usecase: str, environment: str) -> list[DeploymentRow]:
    """The deployments of a use case in an environment that something keeps stopped, retired ones too."""
    query = select(DeploymentRow).where(
        DeploymentRow.usecase == usecase, DeploymentRow.environment == environment, DeploymentRow.kept != []
    )
    return list(session.scalars(query.order_by(DeploymentRow.id)))


def deployment_by_id(session: Session, deployment_id: str) -> Deployment | None:
    """A deployment by id, retired or not."""
    row = session.get(DeploymentRow, deployment_id)
    return deployment_of(row) if row else None


def last_deployment(session: Session, name: str, environment: str, at: datetime) -> Deployment | None:
    """The deployment that had a name at a time, retired since or not."""
    row = session.scalars(
        select(DeploymentRow)
        .where(DeploymentRow.name == name, DeploymentRow.environment == environment, DeploymentRow.created_at <= at)
        .order_by(DeploymentRow.created_at.desc())
        .limit(1)
    ).one_or_none()
    return deployment_of(row) if row else None


def usecase_of(session: Session, name: str, environment: str | None) -> str | None:
    """The use case of the newest deployment that has or had a name."""
    query = select(DeploymentRow.usecase).where(DeploymentRow.name == name).order_by(DeploymentRow.id.desc()).limit(1)
    return session.scalar(query.where(DeploymentRow.environment == environment) if environment else query)


def list_deployments(
    session: Session,
    *,
    environment: str | None,
    usecase: str | None,
    within: Collection[str] | None = None,
    limit: int,
    before: str | None,
) -> list[Deployment]:
    """Deployments, newest first, those with ids before a cursor."""
    query = select(DeploymentRow).order_by(DeploymentRow.id.desc()).limit(limit)
    if environment:
        query = query.where(DeploymentRow.environment == environment)
    if usecase:
        query = query.where(DeploymentRow.usecase == usecase)
    if within is not None:
        query = query.where(DeploymentRow.usecase.in_(within))
    if before:
        query = query.where(DeploymentRow.id < before)
    return [deployment_of(row) for row in session.scalars(query)]


def serving_rows(session: Session, environment: str) -> list[DeploymentRow]:
    """The deployments that a snapshot names: every one that is not retired, in order of their names."""
    query = (
        select(DeploymentRow)
        .where(DeploymentRow.environment == environment, DeploymentRow.state != "retired")
        .order_by(DeploymentRow.name)
    )
    return list(session.scalars(query))


def expired_rows(session: Session, now: datetime) -> list[DeploymentRow]:
    """Active deployments past their end, locked."""
    query = select(DeploymentRow).where(DeploymentRow.state == "active", DeploymentRow.expires_at <= now)
    return list(session.scalars(query.with_for_update(skip_locked=True)))


def active_rows(session: Session, usecases: Collection[str], *, lock: bool = False) -> list[DeploymentRow]:
    """Active deployments of use cases, in one order, so that two who lock them do not wait for each other."""
    query = (
        select(DeploymentRow)
        .where(DeploymentRow.state == "active", DeploymentRow.usecase.in_(sorted(usecases)))
        .order_by(DeploymentRow.id)
    )
    return list(session.scalars(query.with_for_update() if lock else query))


def live_rows(session: Session, usecases: Collection[str] | None = None) -> list[DeploymentRow]:
    """The deployments that are not retired, of everything or of some use cases."""
    query = select(DeploymentRow).where(DeploymentRow.state != "retired").order_by(DeploymentRow.id)
    return list(
        session.scalars(query if usecases is None else query.where(DeploymentRow.usecase.in_(sorted(usecases))))
    )


def rows_to_hold(session: Session, places: Collection[tuple[str, str]], *, lock: bool = False) -> list[DeploymentRow]:
    """The live deployments that are held, or that are of use cases and environments where something is to be."""
    found = tuple_(DeploymentRow.usecase, DeploymentRow.environment).in_(sorted(places))
    query = (
        select(DeploymentRow)
        .where(DeploymentRow.state != "retired", or_(DeploymentRow.held.is_not(None), found))
        .order_by(DeploymentRow.id)
    )
    return list(session.scalars(query.with_for_update() if lock else query))


def suspended_rows(session: Session, release: str, environment: str) -> list[DeploymentRow]:
    """Deployments of a release in an environment that people suspended or the operate gate holds, by name."""
    query = select(DeploymentRow).where(DeploymentRow.release == release, DeploymentRow.environment == environment)
    stopped = or_(DeploymentRow.state == "suspended", DeploymentRow.held.is_not(None))
    return list(session.scalars(query.where(DeploymentRow.state != "retired", stopped).order_by(DeploymentRow.name)))


def find_deployments(session: Session, asked: ListQuery, departments: Mapping[str, str]) -> Found[Deployment]:
    """The deployments asked for, the newest first unless another order is wanted.

    Args: departments: the department of each use case.
    """
    table = listing.beside_table("departments", departments)
    query = select(DeploymentRow).outerjoin(table, table.c.key == DeploymentRow.usecase)
    department = table.c.value
    offered = Listing(
        columns={
            "id": Column(of=DeploymentRow.id, is_searched=True),
            "name": Column(of=DeploymentRow.name, is_searched=True, filter="exact"),
            "environment": Column(of=DeploymentRow.environment, filter="exact", choices=ENVIRONMENTS),
            "usecase": Column(of=DeploymentRow.usecase, is_searched=True, filter="exact"),
            "department": Column(of=department, is_searched=True, filter="exact"),
            "version": Column(of=DeploymentRow.version, is_searched=True, filter="prefix"),
            "release": Column(of=DeploymentRow.release, filter="prefix", is_sorted=False),
            "state": Column(of=_STATE, filter="exact", choices=tuple(DeploymentState)),
            "created_by": Column(of=DeploymentRow.created_by, filter="exact"),
            "created_at": Column(of=DeploymentRow.created_at, filter="dates"),
            "changed_at": Column(of=DeploymentRow.changed_at, filter="dates"),
            "expires_at": Column(of=DeploymentRow.expires_at, filter="dates"),
        },
        key=(DeploymentRow.id,),
        sort="id",
        descending=True,
        department=department,
    )
    found = listing.find(session, query, offered, asked)
    return listing.found_as(found, (deployment_of(row[0]) for row in found.items))


def deployment_names(session: Session) -> list[tuple[str, str]]:
    """Name and use case of every deployment there is or was."""
    query = select(DeploymentRow.name, DeploymentRow.usecase).distinct()
    return [(name, usecase) for name, usecase in session.execute(query)]


def deployed(session: Session) -> list[tuple[str, str, str]]:
    """Use case, environment and state of every deployment there is or was, each combination once."""
    query = select(DeploymentRow.usecase, DeploymentRow.environment, _STATE).distinct()
    return [(usecase, environment, state) for usecase, environment, state in session.execute(query)]


# ------------------------------------------------------------------------------------------------ grants
def grant_of(row: GrantRow, deployment: DeploymentRow) -> Grant:
    """Make the entity of a grant's row."""
    return Grant(
        id=row.id,
        deployment=deployment.name,
        environment=cast(Environment, deployment.environment),
        scope=Scope(row.scope),
        principal=row.principal,
        token_hash=row.token_hash,
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def live_grants(session: Session, environment: str, now: datetime) -> list[tuple[GrantRow, DeploymentRow]]:
    """Grants of an environment that count now."""
    query = (
        select(GrantRow, DeploymentRow)
        .join(DeploymentRow, DeploymentRow.id == GrantRow.deployment_id)
        .where(
            DeploymentRow.environment == environment,
            DeploymentRow.state != "retired",
            GrantRow.revoked_at.is_(None),
            GrantRow.expires_at > now,
        )
        .order_by(GrantRow.token_hash, DeploymentRow.name, GrantRow.scope)
    )
    return [(grant, deployment) for grant, deployment in session.execute(query)]


def list_grants(
    session: Session, *, deployment: str | None, environment: str | None, limit: int, before: str | None
) -> list[Grant]:
    """Grants, newest first."""
    query = (
        select(GrantRow, DeploymentRow)
        .join(DeploymentRow, DeploymentRow.id == GrantRow.deployment_id)
        .order_by(GrantRow.id.desc())
        .limit(limit)
    )
    if deployment:
        query = query.where(DeploymentRow.name == deployment)
    if environment:
        query = query.where(DeploymentRow.environment == environment)
    if before:
        query = query.where(GrantRow.id < before)
    return [grant_of(grant, row) for grant, row in session.execute(query)]


def need_grant(session: Session, grant_id: str) -> tuple[GrantRow, DeploymentRow]:
    """A grant and its deployment, the grant locked; raises UnknownGrant."""
    grant = session.scalars(select(GrantRow).where(GrantRow.id == grant_id).with_for_update()).one_or_none()
    deployment = session.get(DeploymentRow, grant.deployment_id) if grant else None
    if grant is None or deployment is None:
        raise UnknownGrant(f"no grant {grant_id!r}", hint="see 'headway deployment grants'")
    return grant, deployment


def grants_by_hash(session: Session, deployment_id: str, token_hash: str) -> list[GrantRow]:
    """The grants of a token for a deployment, revoked or not, locked."""
    query = select(GrantRow).where(GrantRow.deployment_id == deployment_id, GrantRow.token_hash == token_hash)
    return list(session.scalars(query.with_for_update()))


def grants_of_principal(session: Session, deployment_id: str, principal: str) -> list[GrantRow]:
    """The grants a principal had for a deployment, newest first, whatever became of them."""
    query = select(GrantRow).where(GrantRow.deployment_id == deployment_id, GrantRow.principal == principal)
    return list(session.scalars(query.order_by(GrantRow.id.desc())))


# ------------------------------------------------------------------------------------------------ publications
def lock_publication(session: Session, environment: str) -> PublicationRow:
    """The publication row of an environment, made if absent, locked until the transaction ends."""
    session.execute(
        insert(PublicationRow).values(environment=environment, epoch=0, content_digest="").on_conflict_do_nothing()
    )
    return session.scalars(
        select(PublicationRow)
        .where(PublicationRow.environment == environment)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def read_publication(session: Session, environment: str) -> Publication | None:
    """The last publication of an environment."""
    row = session.get(PublicationRow, environment, populate_existing=True)
    return publication_of(row) if row else None


def publication_of(row: PublicationRow) -> Publication | None:
    """Make the entity of a row, unless nothing was published yet."""
    if row.published_at is None or row.fresh_until is None:
        return None
    return Publication(
        environment=cast(Environment, row.environment),
        epoch=row.epoch,
        content_digest=row.content_digest,
        published_at=row.published_at,
        fresh_until=row.fresh_until,
    )


def served_environments(session: Session) -> set[str]:
    """Environments that have, or had, something to serve."""
    return set(session.scalars(select(DeploymentRow.environment).distinct())) | set(
        session.scalars(select(PublicationRow.environment))
    )


# ------------------------------------------------------------------------------------------------ segments
def segment_of(row: SegmentRow) -> Segment:
    """Make the entity of a segment's row."""
    return Segment(
        key=row.key,
        environment=row.environment,
        node=row.node,
        segment=row.segment,
        batch=row.batch,
        state=SegmentState(row.state),
        records=row.records,
        head=row.head,
        digest=row.digest,
        reason=row.reason,
        taken_at=row.taken_at,
    )


def known_segments(session: Session, keys: Sequence[str]) -> set[str]:
    """Of some manifests' keys, those already taken in or refused."""
    query = select(SegmentRow.key).where(SegmentRow.key.in_(keys), SegmentRow.state != "writing")
    return set(session.scalars(query))


def unfinished_batch(session: Session) -> tuple[str, list[Segment]] | None:
    """The batch that an intake began and did not finish, with its segments."""
    batch = session.scalar(select(SegmentRow.batch).where(SegmentRow.state == "writing").limit(1))
    if batch is None:
        return None
    rows = session.scalars(select(SegmentRow).where(SegmentRow.batch == batch).order_by(SegmentRow.key))
    return batch, [segment_of(row) for row in rows]


def add_segments(session: Session, rows: Iterable[SegmentRow]) -> None:
    """Note segments."""
    session.add_all(rows)
    session.flush()


def put_refused(session: Session, row: SegmentRow) -> None:
    """Note a segment as refused, whether or not its batch had been begun."""
    session.merge(row)
    session.flush()


def finish_segment(session: Session, key: str, *, event: str, at: datetime) -> None:
    """Mark a segment as taken in."""
    session.execute(update(SegmentRow).where(SegmentRow.key == key).values(state="taken", event=event, taken_at=at))


def merge_profile(session: Session, environment: str, made: DayProfile, at: datetime) -> None:
    """Add a profile to that of its day; one intake works at a time, so nobody else writes here."""
    key = (environment, made.deployment, made.release, made.day)
    row = session.get(ProfileRow, key, populate_existing=True)
    if row is None:
        place = dict(zip(("environment", "deployment", "release", "day"), key, strict=True))
        profile = numerics.plain_profile(made.profile)
        session.add(ProfileRow(**place, decisions=made.profile.rows, profile=profile, changed_at=at))
    else:
        merged = numerics.merge_profiles(numerics.read_profile(row.profile), made.profile)
        row.decisions, row.profile, row.changed_at = merged.rows, numerics.plain_profile(merged), at
    session.flush()


def day_profiles(
    session: Session, environment: str, deployment: str, *, release: str | None, since: date, until: date
) -> list[DayProfile]:
    """The profiles of a deployment's days, the first first."""
    query = select(ProfileRow).where(
        ProfileRow.environment == environment,
        ProfileRow.deployment == deployment,
        ProfileRow.day.between(since, until),
    )
    if release is not None:
        query = query.where(ProfileRow.release == release)
    return [
        DayProfile(
            deployment=row.deployment, release=row.release, day=row.day, profile=numerics.read_profile(row.profile)
        )
        for row in session.scalars(query.order_by(ProfileRow.day, ProfileRow.release))
    ]


def score_counts(session: Session, environment: str, deployment: str, release: str, since: date) -> list[list[int]]:
    """The counts of scores of a release's days, a list a day."""
    query = select(ProfileRow.profile["scores"]["counts"]).where(
        ProfileRow.environment == environment,
        ProfileRow.deployment == deployment,
        ProfileRow.release == release,
        ProfileRow.day >= since,
    )
    return list(session.scalars(query))


def profiled_spans(session: Session) -> list[tuple[str, str, str, date, date, datetime]]:
    """Environment, deployment, release, first and last day, and last change of everything that profiles were made of."""
    query = select(
        ProfileRow.environment,
        ProfileRow.deployment,
        ProfileRow.release,
        func.min(ProfileRow.day),
        func.max(ProfileRow.day),
        func.max(ProfileRow.changed_at),
    ).group_by(ProfileRow.environment, ProfileRow.deployment, ProfileRow.release)
    return [tuple(row) for row in session.execute(query)]  # type: ignore[misc]  # six columns


def find_segment(session: Session, environment: str, node: str, segment: str) -> SegmentRow | None:
    """A segment by its place."""
    query = select(SegmentRow).where(
        SegmentRow.environment == environment, SegmentRow.node == node, SegmentRow.segment == segment
    )
    return session.scalars(query).one_or_none()


def add_usage(session: Session, environment: str, counted: Mapping[tuple[str, date], int]) -> None:
    """Count decisions of deployments and days, in the order of their keys so that two writers never wait in a ring."""
    rows = [
        {"environment": environment, "deployment": deployment, "day": day, "decisions": count}
        for (deployment, day), count in sorted(counted.items())
    ]
    if not rows:
        return
    added = insert(UsageRow).values(rows)
    total = UsageRow.decisions + added.excluded.decisions
    keys = ["environment", "deployment", "day"]
    session.execute(added.on_conflict_do_update(index_elements=keys, set_={"decisions": total}))


def decisions_by_day(session: Session, name: str, environment: str, first_day: date) -> dict[date, int]:
    """How many decisions were logged on each day."""
    query = select(UsageRow.day, UsageRow.decisions).where(
        UsageRow.deployment == name, UsageRow.environment == environment, UsageRow.day >= first_day
    )
    return {row.day: row.decisions for row in session.execute(query.order_by(UsageRow.day))}
