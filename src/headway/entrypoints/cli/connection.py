"""How a command reaches a control plane: a remote one, the one running on this home, or one of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headway.kernel.errors import Conflict, Unavailable
from headway.kernel.homelock import HomeLock
from headway.kernel.settings import Settings
from headway_client import Client, HeadwayError

RUNNING = "server.json"
WAIT_SECONDS = 600.0


@contextmanager
def connect() -> Iterator[Client]:
    """Open a client for one command; starts a control plane in this process when none runs on the home."""
    settings = Settings.load()
    if settings.url:
        with Client(settings.url, settings.token) as client:
            yield client
        return
    found = running_client(settings)
    lock = None
    while found is None and lock is None:
        lock = _take(settings)
        if lock is None:
            found = running_client(settings)
    if found is not None:
        with found:
            yield found
        return
    assert lock is not None  # noqa: S101  the loop ends with one of the two
    try:
        with _own(settings) as client:
            yield client
    finally:
        lock.release()


def _take(settings: Settings) -> HomeLock | None:
    """Take the home's lock, waiting in short turns so that a server that has just started is noticed."""
    lock = HomeLock(settings.home)
    try:
        lock.acquire(timeout=1.0)
    except Conflict:
        return None
    return lock


@contextmanager
def _own(settings: Settings) -> Iterator[Client]:
    from headway.entrypoints import stack

    with stack.running(settings) as own, Client(own.url, cli_token(settings)) as client:
        yield client


def running_client(settings: Settings) -> Client | None:
    """A client of the control plane that runs on this home, or None."""
    about = running_info(settings.home)
    if about is None:
        return None
    client = Client(str(about["url"]), cli_token(settings))
    try:
        client.with_options(retries=0).get("/whoami")  # what is not there now is started, not waited for
    except HeadwayError as error:
        client.close()
        if error.exit_code == Unavailable.exit_code:
            return None
        raise
    return client


def running_info(home: Path) -> dict[str, object] | None:
    """What the running platform wrote about itself, or None."""
    try:
        about = json.loads((home / "run" / RUNNING).read_text())
    except (FileNotFoundError, ValueError):
        return None
    return about if isinstance(about, dict) else None


def cli_token(settings: Settings) -> str:
    """The local owner's token, readable by the owner of the home alone."""
    path = settings.keys / "cli-token"
    try:
        return path.read_text().strip()
    except FileNotFoundError as error:
        raise Conflict(
            f"{path} is missing", hint="start 'headway up' once, or set HEADWAY_URL and HEADWAY_TOKEN"
        ) from error
