"""A deployment as its pages show it: where it is at work, what somebody may do to it, and doing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Response
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask

from headway import governance, serving
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.viewer import Viewer
from headway.kernel.auth import Resource
from headway.kernel.errors import Conflict, HeadwayError, Invalid
from headway.kernel.listing import LARGEST_PAGE, ListQuery
from headway.kernel.settings import ENVIRONMENTS, Environment
from headway.kernel.web import Parts
from headway.serving import Deployment

SHOWN_GRANTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A deployment as its page shows it: the one asked for, and the same name elsewhere."""

    now: Deployment
    others: tuple[Deployment, ...]
    department: str | None

    @property
    def environment(self) -> Environment:
        """Where it is."""
        return self.now.environment

    @property
    def path(self) -> str:
        """The address of its page."""
        return f"/deployments/{self.now.name}?environment={self.environment}"

    def resource(self, kind: str = "deployment") -> Resource:
        """It, as rules see it."""
        return Resource(
            kind=kind,
            id=f"{self.environment}/{self.now.name}",
            department=self.department,
            attributes={"environment": self.environment},
        )


def place_of(viewer: Viewer, tx: Session, name: str, environment: str | None) -> Place:
    """The deployment of a name that a page is about; where no environment is named, the furthest it is at work in.

    Raises: UnknownDeployment, Denied.
    """
    asked = ListQuery(filters={"name": (name,)}, limit=LARGEST_PAGE)
    newest: dict[str, Deployment] = {}
    for one in serving.find_deployments(tx, asked).items:
        if one.state != "retired" or one.environment not in newest:
            kept = newest.get(one.environment)
            if kept is None or kept.state == "retired":
                newest[one.environment] = one
    ordered = sorted(newest.values(), key=lambda one: (one.state != "retired", ENVIRONMENTS.index(one.environment)))
    chosen = newest.get(environment) if environment else (ordered[-1] if ordered else None)
    if chosen is None:
        raise serving.UnknownDeployment(
            f"there is no deployment {name!r}" + (f" in {environment}" if environment else "")
        )
    department = serving.department_of(tx, name, chosen.environment)
    place = Place(now=chosen, others=(), department=department)
    viewer.permit("deployment:read", place.resource())
    seen = tuple(
        one
        for one in sorted(newest.values(), key=lambda one: ENVIRONMENTS.index(one.environment))
        if one is chosen or viewer.may("deployment:read", Place(now=one, others=(), department=department).resource())
    )
    return Place(now=chosen, others=seen, department=department)


def deployment_page(viewer: Viewer, tx: Session, place: Place, form: Form, status: int = 200) -> Response:
    """Everything about a deployment but its decisions, which the page fetches when it is there."""
    now = place.now
    grants: tuple[serving.Grant, ...] = ()
    if viewer.may("grant:read", place.resource("grant")):
        listed, _ = serving.list_grants(tx, deployment=now.name, environment=now.environment, limit=SHOWN_GRANTS)
        grants = tuple(listed)
    people = [now.created_by, *(one.principal for one in grants), *(one.created_by for one in grants)]
    return viewer.page(
        "deployments/show.html",
        status=status,
        title=now.name,
        crumbs=[(viewer.gettext("Deployments"), "/deployments")],
        place=place,
        now=now,
        form=form,
        grants=grants,
        usecase=governance.get_usecase(tx, now.usecase),
        publication=serving.get_publication(tx, now.environment),
        address=viewer.parts.settings.node_url(now.environment),
        names=names(tx, people),
        allowed=_allowed(viewer, place),
        findings=_findings(viewer, tx, place),
    )


def _findings(viewer: Viewer, tx: Session, place: Place) -> list[governance.OperateFinding]:
    """What the operate gate has against what decides here, for who may see gates."""
    now = place.now
    if now.state == "retired" or not viewer.may("gate:read", place.resource("verdict")):
        return []
    releases = {arm.release for arm in now.arms}
    return [
        one
        for one in governance.open_findings(tx, now.usecase)
        if one.environment == now.environment and one.subject_digest in releases
    ]


def _allowed(viewer: Viewer, place: Place) -> frozenset[str]:
    """What somebody may do to a deployment that is not retired, by the words the template uses."""
    decisions = viewer.may("decision:read", place.resource("decision"))
    value = decisions and viewer.may("outcome:read", place.resource("outcome"))
    watched = viewer.may("monitoring:read", place.resource("monitoring"))
    if place.now.state == "retired":
        seen = (("decisions", decisions), ("value", value), ("monitoring", watched))
        return frozenset(name for name, may in seen if may)
    asked = {
        "deploy": viewer.may("deployment:deploy", place.resource()),
        "suspend": viewer.may("deployment:suspend", place.resource()),
        "resume": viewer.may("deployment:resume", place.resource()),
        "try": viewer.may("decision:try", place.resource("decision")),
        "grant": viewer.may("grant:create", place.resource("grant")),
        "revoke": viewer.may("grant:revoke", place.resource("grant")),
        "outcomes": viewer.may("outcome:import", place.resource("outcome")),
        "decisions": decisions,
        "value": value,
        "monitoring": watched,
    }
    return frozenset(name for name, may in asked.items() if may)


def environment_of(text: str | None) -> Environment:
    """An environment by its name; raises Invalid."""
    for name in ENVIRONMENTS:
        if name == text:
            return name
    raise Invalid(f"{text!r} is no environment", hint=f"one of {', '.join(ENVIRONMENTS)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change that somebody asks for on a deployment's page, and may make."""

    viewer: Viewer
    tx: Session
    place: Place
    form: Form


def changed(asked: Change, change: Callable[[], Any], told: str, fields: Mapping[str, str] | None = None) -> Response:
    """Make a change and tell nodes; when it is refused, the page again with what was typed and what is wrong with it.

    Args: fields: what the form calls the columns of faults, where it calls them otherwise.
    """
    try:
        with asked.tx.begin_nested():
            change()
    except (Invalid, Conflict) as error:
        rename(asked.form, error, fields or {})
        return deployment_page(asked.viewer, asked.tx, asked.place, asked.form.take(error), error.status)
    return published(asked.viewer, asked.place.environment, asked.viewer.go(asked.place.path, told))


def rename(form: Form, error: HeadwayError, fields: Mapping[str, str]) -> None:
    """Put faults at the fields of a form that calls their columns otherwise."""
    for fault in error.faults:
        if fault.column is not None and fault.column in fields:
            form.faults.setdefault(fields[fault.column], fault.message)


def published(viewer: Viewer, environment: Environment, response: Response) -> Response:
    """Tell nodes once the change is committed; should this fail, the worker's next round does it."""
    response.background = BackgroundTask(publish, viewer.parts, environment)
    return response


def publish(parts: Parts, environment: Environment) -> None:
    """Tell the nodes of an environment what is in force."""
    with parts.database.session() as session:
        serving.publish(session, parts.storage, parts.signer, environment)
