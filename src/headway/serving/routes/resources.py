"""What the routes of serving have alike: the resources and bodies of requests, and telling nodes at once."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway import governance
from headway.kernel.auth import Resource
from headway.kernel.paging import MAX_LIMIT
from headway.kernel.settings import Environment
from headway.kernel.web import Parts
from headway.serving import service
from headway.serving.entities import (
    Deployment,
)

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Reason = Annotated[str, Field(min_length=1, max_length=2000)]


class Body(BaseModel):
    """A body of a request, in which a field nobody knows is a fault."""

    model_config = ConfigDict(extra="forbid")


class Change(Body):
    """Which deployment to change, and why."""

    environment: Environment
    reason: Reason


def shown(here: Parts, deployment: Deployment) -> Deployment:
    """A deployment with its whole address."""
    return dataclasses.replace(deployment, url=here.settings.node_url(deployment.environment) + deployment.url)


def publish(here: Parts, environment: Environment) -> None:
    """Tell nodes at once; should this fail, the worker's next round does it."""
    with here.database.session() as session:
        service.publish(session, here.storage, here.signer, environment)


def resource_of(session: Session, name: str, environment: str, kind: str = "deployment") -> Resource:
    """A deployment, or what belongs to it, as the rules of access know it."""
    found = service.get_deployment(session, name, environment)
    department = governance.get_usecase(session, found.usecase).department
    return Resource(
        kind=kind, id=f"{environment}/{name}", department=department, attributes={"environment": environment}
    )


def scope_of(
    session: Session, kind: str, deployment: str | None, environment: str | None, *, id: str = "all"
) -> Resource:
    """What is asked for: all of a kind, or what belongs to a deployment and so to its department."""
    department = service.department_of(session, deployment, environment) if deployment else None
    return Resource(
        kind=kind, id=id, department=department, attributes={"environment": environment or "", "filter": "deployment"}
    )
