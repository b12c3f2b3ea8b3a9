"""Where the company is played: a control plane in this process under a simulated clock, and people who act through its API."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from headway import catalog, identity, ledger, monitoring, serving
from headway.entrypoints import home, wiring
from headway.entrypoints.company.plan import Plan
from headway.entrypoints.stack import listening
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Unauthenticated
from headway.kernel.postgres import EmbeddedPostgres
from headway.kernel.settings import Environment, Settings
from headway.kernel.web import Parts
from headway_client import Client

QUICK = {"synchronous_commit": "off"}
"""A build that was cut off is begun anew, so nothing has to survive the moment."""
_NAMED = re.compile(r"@?\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with an account."""

    key: str
    id: str
    name: str
    email: str

    @property
    def ref(self) -> str:
        """What records name."""
        return f"person:{self.id}"


class Scene:
    """The stage: its time, its people, its doors."""

    def __init__(self, parts: Parts, plan: Plan, simulation: clock.Simulation, url: str, secret: str) -> None:
        self.parts, self.plan, self.url = parts, plan, url
        self.people: dict[str, Person] = {}
        self._simulation, self._secret = simulation, secret
        self._clients: dict[str, Client] = {}

    def go_to(self, day: float, hour: float = 0.0) -> None:
        """Let time pass."""
        self._simulation.go_to(self.plan.at(day, hour))

    def time(self) -> datetime:
        """The company's time."""
        return self._simulation.at

    def as_(self, key: str) -> Client:
        """The API as one of the people has it, with no more rights than they have."""
        if key not in self._clients:
            self._clients[key] = Client(self.url, f"{self._secret}/{self.people[key].ref}")
        return self._clients[key]

    def words(self, text: str) -> str:
        """Put people into a text: ``@{lena}`` mentions her."""
        return _NAMED.sub(lambda match: f"@[{self.people[match[1]].name}]({self.people[match[1]].ref})", text)

    def publish(self, environment: Environment) -> None:
        """Tell the nodes of an environment what is in force, where their snapshot is too old to decide by."""
        parts = self.parts
        with parts.database.session() as session:
            serving.publish(session, parts.storage, parts.signer, environment)

    def settle(self) -> None:
        """Do what the platform does every second: publish, tell people, fill the tree and sign it."""
        wiring.publish(self.parts)
        wiring.settle(self.parts)

    def judge(self, deployment: str, environment: Environment) -> None:
        """Let monitoring judge the days that are over, as it does by itself each day."""
        lake = catalog.lake_of(self.parts)
        with self.parts.database.session() as session:
            monitoring.judge(session, self.parts.storage, lake, name=deployment, environment=environment)

    def take_in(self) -> None:
        """Take in what the node has shipped, at once."""
        key = self.parts.settings.segment_key_file.read_bytes()
        serving.take_in(self.parts.database, self.parts.storage, catalog.lake_of(self.parts), key)

    def close(self) -> None:
        """Let go of the doors."""
        for client in self._clients.values():
            client.close()


@contextmanager
def opened(settings: Settings, plan: Plan) -> Iterator[tuple[Scene, str]]:
    """Run a control plane on an empty, marked home at the company's time; the caller holds the home's lock.

    Yields: the scene, and the code of the one-time set-up.
    """
    with ExitStack() as stack:
        simulation = stack.enter_context(clock.simulated(plan.founded, plan.seed))
        stack.callback(ledger.belong_to, ledger.belongs_to())
        folder = settings.database_folder
        server = stack.enter_context(
            EmbeddedPostgres(settings.home, settings.service_user, folder=folder, options=QUICK)
        )
        home.prepare_keys(settings)
        code = home.prepare_database(settings, server.url)
        secret = secrets.token_urlsafe(32)
        parts = replace(wiring.build(settings, server.url), authenticate=_by_name(secret))
        stack.callback(parts.database.close)
        parts.jobs.launch(worker=True)
        stack.callback(parts.jobs.close)
        scene = Scene(parts, plan, simulation, stack.enter_context(listening(parts)), secret)
        stack.callback(scene.close)
        yield scene, code or ""


def _by_name(secret: str) -> Callable[[Session, str], Actor]:
    """Take people at their word who know the secret of this process, which leaves it to nobody."""

    def authenticate(session: Session, token: str) -> Actor:
        known, _, ref = token.partition("/")
        if not secrets.compare_digest(known.encode(), secret.encode()):
            raise Unauthenticated("this is no token of the company's own people")
        return identity.get_actor(session, ref)

    return authenticate
