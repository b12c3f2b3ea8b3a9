"""What a deployment was worth: its arms read from serving, judged by pure rules."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway import catalog, serving
from headway.kernel.settings import Environment
from headway.value.entities import DeploymentValue, Promise
from headway.value.judging import judge


def measure(
    session: Session,
    lake: catalog.Lake,
    *,
    name: str,
    environment: Environment,
    promise: Promise | None = None,
    window_days: int | None = None,
) -> DeploymentValue:
    """Compare a deployment's champion with its hold-out by the outcomes known now; reading leaves no entry.

    Args: promise: what a pilot projected, and by which outcome a success is known.
    Raises: serving.UnknownDeployment.
    """
    positive = promise.positive if promise else None
    found = serving.outcomes_by_arm(
        session, lake, name=name, environment=environment, positive=positive, window_days=window_days
    )
    return judge(found, promise)
