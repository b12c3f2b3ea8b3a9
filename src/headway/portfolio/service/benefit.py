"""What deployments of a use case were worth, beside what the pilot that made their model promised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from headway import catalog, governance, registry, serving, value
from headway.kernel.ids import Ref
from headway.kernel.jobs import taken_by
from headway.kernel.listing import LARGEST_PAGE, ListQuery
from headway.kernel.settings import ENVIRONMENTS, Environment
from headway.portfolio import store
from headway.portfolio.entities import UseCaseValue
from headway.portfolio.tables import PilotRow

NEWEST_PILOTS = 50


def deployment_value(
    session: Session,
    lake: catalog.Lake,
    *,
    name: str,
    environment: Environment,
    window_days: int | None = None,
) -> value.DeploymentValue:
    """Tell what a deployment was worth by the outcomes known now; raises serving.UnknownDeployment."""
    found = serving.find_deployments(session, ListQuery(filters={"name": (name,), "environment": (environment,)})).items
    promise = promise_of(session, found[0].usecase, found[0].version) if found else None
    return value.measure(
        session,
        lake,
        name=name,
        environment=environment,
        promise=promise,
        window_days=window_days,
        jobs=_jobs_of(session, found[0].usecase) if found else None,
    )


def usecase_value(session: Session, lake: catalog.Lake, slug: str, *, window_days: int | None = None) -> UseCaseValue:
    """Tell what each deployment of a use case was worth, the furthest environment first; raises UseCaseUnknown.

    A name that was used again counts once, for the deployment that has or had it last.
    """
    case = governance.get_usecase(session, slug)
    jobs = _jobs_of(session, slug)
    made = tuple(
        value.measure(
            session,
            lake,
            name=one.name,
            environment=one.environment,
            promise=promise_of(session, slug, one.version),
            window_days=window_days,
            jobs=jobs,
        )
        for one in valued_deployments(session, slug)
    )
    return UseCaseValue(usecase=case.slug, promise=promise_of(session, slug, None), deployments=made)


def valued_deployments(session: Session, slug: str) -> tuple[serving.Deployment, ...]:
    """Give the deployments of a use case that are or were at work, the furthest environment first, retired ones last."""
    asked = ListQuery(filters={"usecase": (slug,)}, limit=LARGEST_PAGE)
    places = {(one.environment, one.name): one for one in reversed(serving.find_deployments(session, asked).items)}
    return tuple(
        sorted(
            places.values(),
            key=lambda one: (
                one.state is not serving.DeploymentState.retired,
                ENVIRONMENTS.index(one.environment),
                one.id,
            ),
            reverse=True,
        )
    )


def _jobs_of(session: Session, slug: str) -> value.Computing:
    """What the pilots and the trainings of a use case took, for all its deployments."""
    jobs = store.jobs_of_usecase(session, slug) | registry.jobs_of_usecase(session, slug)
    taken = tuple((at.date(), seconds) for at, seconds in taken_by(session, jobs).values())
    return value.Computing(taken=taken, shared_by=max(len(valued_deployments(session, slug)), 1))


def promise_of(session: Session, usecase: str, version: str | None) -> value.Promise | None:
    """What was promised for a version: by the pilot that made it, else by the newest that two amounts were given to."""
    pilots = store.promising_pilots(session, usecase, NEWEST_PILOTS)
    makers = [row for row in pilots if version is not None and _made_by(row) == version]
    chosen = next(iter([*makers, *pilots]), None)
    return None if chosen is None else _promise(chosen, made_this_version=bool(makers))


def _made_by(row: PilotRow) -> str | None:
    training = row.steps.get("training") or {}
    return str(Ref.parse(training["ref"])) if "ref" in training else None


def _promise(row: PilotRow, *, made_this_version: bool) -> value.Promise:
    told: Mapping[str, Any] | None = (row.report or {}).get("projection")
    gain, effect = None, None
    if told is not None:
        gain = value.Range(**{name: str(told["gain"][name]) for name in ("expected", "low", "high")})
        more = told["success_rate_ranked"] - told["success_rate_random"]
        effect = more * told["actions"] / told["cases"]
    return value.Promise(
        pilot=row.id,
        pilot_name=row.name,
        made_this_version=made_this_version,
        value_per_success=row.request["value_per_success"],
        cost_per_action=row.request["cost_per_action"],
        cases=int(told["cases"]) if told is not None else 0,
        gain=gain,
        effect=effect,
        positive=row.request["positive"],
    )
