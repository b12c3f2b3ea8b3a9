"""An API with the rules in force, and people with roles to call it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse
from httpx import Client

from headway import identity
from headway.identity import Role
from headway.kernel.auth import Actor
from headway.kernel.database import Database
from headway.kernel.errors import HeadwayError, problem
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from tests.factories.asgi import client_of

PASSWORD = "correct horse battery"


def api(parts: Parts, routers: Iterable[APIRouter]) -> FastAPI:
    """An application of these routers with real authentication and real rules."""
    app = FastAPI()
    authorizer = identity.CedarAuthorizer(parts.database)
    app.state.parts = replace(parts, authorizer=authorizer, authenticate=identity.authenticate)
    for router in routers:
        app.include_router(router)

    @app.exception_handler(HeadwayError)
    def told(request: Request, error: HeadwayError) -> JSONResponse:
        return JSONResponse(problem(error), error.status)

    return app


def local_owner(database: Database) -> tuple[Actor, str]:
    """The local owner and a token of theirs."""
    with database.session() as session:
        token = identity.setup_home(session, renew_token=True).token
        assert token is not None
        return identity.authenticate(session, token), token


def join(database: Database, name: str, *roles: tuple[Role, str | None]) -> tuple[Actor, str]:
    """A person who has joined, with roles; their actor and the secret of their session."""
    with database.session() as session:
        owner = Actor(ref="person:local", name="Local owner")
        invitation = identity.add_person(session, owner, name=name, email=f"{name.lower()}@example.org")
        principal = Ref.parse(invitation.person.ref)
        for role, department in roles:
            if department is not None:
                identity.ensure_department(session, owner, department)
            identity.grant_role(session, owner, principal=principal, role=role, department=department)
        secret = identity.join(session, code=invitation.code, password=PASSWORD).secret
        return identity.authenticate(session, secret), secret


def client(app: FastAPI, token: str | None) -> Client:
    """A client that sends this token."""
    return client_of(app, token)
