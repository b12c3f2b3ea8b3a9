"""``headway up``: one process that holds the home's lock and keeps database, server, worker and node running."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from headway.entrypoints import home
from headway.entrypoints.company import marker
from headway.kernel.errors import Conflict, Unavailable
from headway.kernel.homelock import HomeLock
from headway.kernel.logs import logger
from headway.kernel.postgres import EmbeddedPostgres
from headway.kernel.process import Child, Supervisor
from headway.kernel.settings import Settings

RUNNING = "server.json"
READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What a running platform tells about itself."""

    pid: int
    url: str
    node_url: str
    environment: str
    """The environment that the node serves."""
    sign_in: str | None


@contextmanager
def up(settings: Settings, *, with_node: bool = True, setup_code: str | None = None) -> Iterator[Running]:
    """Run the platform inside the block; raises Conflict when another process holds the home.

    Args: setup_code: what the set-up of an empty home shall ask for, where somebody knows it already.
    """
    home.prepare_home(settings)
    marker.refuse_half_built(settings.home)
    if home.company_of(settings.home) is not None:
        settings = replace(settings, environment="production")  # there its lead scoring decides
    with ExitStack() as stack:
        lock = HomeLock(settings.home)
        lock.acquire(timeout=5.0)
        stack.callback(lock.release)
        _require_free(settings.host, settings.port, "HEADWAY_PORT")
        if with_node:
            _require_free(settings.node_host, settings.node_port, "HEADWAY_NODE_PORT")
        home.prepare_keys(settings)
        url = stack.enter_context(database(settings))
        supervisor = _supervisor(settings)
        stack.callback(supervisor.close)
        *first, worker = _children(settings, url, with_node=with_node)
        for child in first:  # they load their libraries while the database is brought to this version
            supervisor.start(replace(child, is_ready=lambda: True))
        code = home.prepare_database(settings, url, setup_code=setup_code)
        _await_ready(settings, first)
        supervisor.start(worker)
        running = _describe(settings, code)
        stack.enter_context(_announced(settings, running))
        yield running


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The database's address: the one set, else the embedded server, started for as long as the block runs."""
    if settings.database_url:
        yield settings.database_url
        return
    with EmbeddedPostgres(settings.home, settings.service_user, folder=settings.database_folder) as server:
        server.watch()
        yield server.url


def _require_free(host: str, port: int, setting: str) -> None:
    """Raise Conflict when something listens there: another home's platform would be taken for ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            hint = f"stop what listens there, or set {setting} to another port"
            raise Conflict(f"{host}:{port} is in use", hint=hint) from error


def _supervisor(settings: Settings) -> Supervisor:
    log = logger("up")
    return Supervisor(
        settings.home / "logs",
        first_delay=0.1,
        longest_delay=5.0,
        on_event=lambda name, event: log.info("child", name=name, event_text=event),
    )


def _await_ready(settings: Settings, children: Sequence[Child]) -> None:
    """Wait until all children answer; they start side by side. Raises Unavailable naming the log to read."""
    deadline = time.monotonic() + READY_SECONDS
    for child in children:
        while not child.is_ready():
            if time.monotonic() > deadline:
                log = settings.home / "logs" / f"{child.name}.log"
                raise Unavailable(f"{child.name} was not ready within {READY_SECONDS:g} s", hint=f"read {log}")
            time.sleep(0.02)


def _children(settings: Settings, url: str, *, with_node: bool) -> Iterator[Child]:
    """The processes beside the database; the worker comes last, because it needs the tables."""
    own = {"HEADWAY_HOME": str(settings.home), "HEADWAY_ENVIRONMENT": settings.environment}
    environ = {**os.environ, **own, "HEADWAY_DATABASE_URL": url}
    yield Child(
        name="server",
        argv=lambda: _program("server"),
        environ=environ,
        is_ready=_answers(f"http://{settings.host}:{settings.port}/readyz"),
    )
    if with_node:
        yield Child(
            name="node",
            argv=lambda: [sys.executable, "-m", "headway.entrypoints.node", "--environment", settings.environment],
            environ=environ,
            is_ready=_answers(f"http://{settings.node_host}:{settings.node_port}/healthz"),
        )
    yield Child(name="worker", argv=lambda: _program("worker"), environ=environ)


def _program(name: str) -> list[str]:
    return [sys.executable, "-m", "headway.entrypoints.cli", name]


def _answers(url: str) -> Callable[[], bool]:
    def ready() -> bool:
        try:
            with urlopen(url, timeout=2) as response:  # noqa: S310  our own address
                return bool(response.status == 200)
        except (URLError, OSError):
            return False

    return ready


def _describe(settings: Settings, setup_code: str | None) -> Running:
    url = f"http://{settings.host}:{settings.port}"
    return Running(
        pid=os.getpid(),
        url=url,
        node_url=f"http://{settings.node_host}:{settings.node_port}",
        environment=settings.environment,
        sign_in=f"{url}/setup#{setup_code}" if setup_code else None,
    )


@contextmanager
def _announced(settings: Settings, running: Running) -> Iterator[None]:
    path = settings.home / "run" / RUNNING
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({"pid": running.pid, "url": running.url, "node_url": running.node_url}))
    draft.chmod(0o600)
    draft.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def wait_for_signal(is_over: Callable[[], bool] = lambda: False) -> None:
    """Sleep until SIGINT or SIGTERM, or until ``is_over``, which is asked each second."""
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    while not (over.wait(1.0) or is_over()):
        continue


def stop(home: Path, *, timeout: float = 30.0) -> bool:
    """Ask the platform that runs on a home to end and wait for it; returns whether one ran."""
    path = home / "run" / RUNNING
    try:
        pid = int(json.loads(path.read_text())["pid"])
        os.kill(pid, signal.SIGTERM)
    except (FileNotFoundError, ProcessLookupError):
        return False
    deadline = time.monotonic() + timeout
    while path.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return True
