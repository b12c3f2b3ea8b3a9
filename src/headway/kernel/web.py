"""What every HTTP edge of the control plane shares: the transaction, the actor, the permission check.

A route takes ``tx: Tx``, ``actor: CurrentActor`` and ``permit: Permit``, calls one service function and returns its
entity. ``Parts`` is put on the application by ``entrypoints.wiring``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from headway.kernel.auth import Actor, Authorizer, Resource
from headway.kernel.crypto import Signer
from headway.kernel.database import Database
from headway.kernel.errors import Unauthenticated
from headway.kernel.jobs import Jobs
from headway.kernel.settings import Settings
from headway.kernel.storage import Storage
from headway.kernel.subjects import NoSubjects, Subjects


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of a running control plane that edges and jobs work with."""

    settings: Settings
    database: Database
    storage: Storage
    signer: Signer
    jobs: Jobs
    authorizer: Authorizer
    authenticate: Callable[[Session, str], Actor]
    """Turns a bearer token into an actor, or raises Unauthenticated."""
    subjects: Subjects = field(default_factory=NoSubjects)
    """Knows what references name."""
    halted: Callable[[Session, str, str], Sequence[str]] = lambda session, digest, environment: ()
    """Tells what of a digest is suspended in an environment, in words."""
    company: str | None = None
    """The simulated company that this home was filled with; None in every other home."""


def parts(request: Request) -> Parts:
    """The parts of the application that got this request."""
    found: Parts = request.app.state.parts
    return found


def transaction(here: Annotated[Parts, Depends(parts)]) -> Iterator[Session]:
    """One transaction, committed before the answer leaves."""
    with here.database.session() as session:
        yield session


def current_actor(request: Request, here: Annotated[Parts, Depends(parts)]) -> Actor:
    """The actor named by the bearer token; raises Unauthenticated."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated(
            "no bearer token", hint="send 'Authorization: Bearer TOKEN'; make one with 'headway token create'"
        )
    with here.database.session() as session:
        actor = here.authenticate(session, token.strip())
    request.state.actor = actor
    return actor


HereParts = Annotated[Parts, Depends(parts)]
Tx = Annotated[Session, Depends(transaction, scope="function")]
CurrentActor = Annotated[Actor, Depends(current_actor)]


def permit(actor: CurrentActor, here: HereParts) -> Callable[[str, Resource], None]:
    """Give the check ``permit(action, resource)``, which raises Denied with the rule's name."""
    return lambda action, resource: here.authorizer.check(actor, action, resource)


Permit = Annotated[Callable[[str, Resource], None], Depends(permit)]
