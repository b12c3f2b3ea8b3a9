"""Keeping a deployment stopped in the name of something above, as an incident: until that is lifted, nobody resumes it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy.orm import Session

from headway.serving import store
from headway.serving.entities import Deployment
from headway.serving.errors import KeptStopped
from headway.serving.tables import DeploymentRow


def keep(
    session: Session, *, name: str, environment: str, by: str, releases: Iterable[str] = (), is_whole: bool = False
) -> Deployment:
    """Keep a suspended deployment stopped; under its name only a release that is not kept may be put to work.

    Args: by: a reference to what keeps it. releases: digests that must not decide. is_whole: no release may under this name.
    """
    row = store.need_deployment(session, name, environment, lock=True)
    kept = [one for one in row.kept if one["by"] != by]
    row.kept = [*kept, {"by": by, "releases": sorted(releases), "whole": is_whole}]
    session.flush()
    return store.deployment_of(row)


def let_off(session: Session, *, deployment_id: str, by: str) -> Deployment | None:
    """No longer keep a deployment stopped in the name of something, retired or not; None when there is none of this id."""
    row = session.get(DeploymentRow, deployment_id, with_for_update=True, populate_existing=True)
    if row is None:
        return None
    row.kept = [one for one in row.kept if one["by"] != by]
    session.flush()
    return store.deployment_of(row)


def refuse_kept(row: DeploymentRow) -> None:
    """Raise KeptStopped where a deployment is kept stopped."""
    _refuse(row.name, row.environment, [one["by"] for one in row.kept])


def refuse_kept_release(session: Session, *, name: str, environment: str, usecase: str, release: str) -> None:
    """Raise KeptStopped where a release is kept from deciding for a use case in an environment, under whatever name."""
    by = [
        one["by"]
        for row in store.kept_rows(session, usecase, environment)
        for one in row.kept
        if release in one["releases"] or (one["whole"] and row.name == name)
    ]
    _refuse(name, environment, by)


def _refuse(name: str, environment: str, by: Collection[str]) -> None:
    if by:
        who = ", ".join(dict.fromkeys(by))
        raise KeptStopped(
            f"{name!r} in {environment} is kept stopped by {who}",
            hint="lift its containment there, once its corrective actions have ended: headway incident lift",
            values={"kept_by": who},
        )
