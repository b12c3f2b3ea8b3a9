"""A whole control plane inside this process, for a command that finds none running."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import uvicorn

from headway.entrypoints import home, wiring
from headway.entrypoints.http import create_app
from headway.entrypoints.platform import database
from headway.kernel.logs import logger
from headway.kernel.settings import Settings
from headway.kernel.web import Parts

TICK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Stack:
    """A running control plane: where it listens, and its parts."""

    url: str
    parts: Parts


@contextmanager
def running(settings: Settings) -> Iterator[Stack]:
    """Run API, jobs and housekeeping in this process; the caller holds the home's lock."""
    home.prepare_home(settings)
    with ExitStack() as stack:
        url = stack.enter_context(database(settings))
        home.prepare_keys(settings)
        home.prepare_database(settings, url)
        parts = wiring.build(settings, url)
        stack.callback(parts.database.close)
        parts.jobs.launch(worker=True)
        stack.callback(parts.jobs.close)
        stack.enter_context(_ticking(parts))
        yield Stack(stack.enter_context(listening(parts)), parts)


@contextmanager
def _ticking(parts: Parts) -> Iterator[None]:
    over = threading.Event()
    thread = threading.Thread(target=tick_until, args=(parts, over), name="housekeeping", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        wiring.publish(parts)
        wiring.housekeeping(parts)


def tick_until(parts: Parts, over: threading.Event) -> None:
    """Publish and do the housekeeping each second until told to stop; a failure is logged and tried again.

    Publishing has a thread of its own: a long intake must not hold back a revocation.
    """
    publishing = threading.Thread(target=_each_second, args=(wiring.publish, parts, over), name="publishing")
    publishing.start()
    _each_second(wiring.housekeeping, parts, over)
    publishing.join()


def _each_second(task: Callable[[Parts], None], parts: Parts, over: threading.Event) -> None:
    log = logger(task.__name__)
    while not over.is_set():
        try:
            task(parts)
        except Exception as error:  # noqa: BLE001  the loop outlives whatever one round met
            log.warning(f"{task.__name__}.failed", error=f"{type(error).__name__}: {error}")
        over.wait(TICK_SECONDS)


@contextmanager
def listening(parts: Parts) -> Iterator[str]:
    """Answer the API on a free port of this machine inside the block; yields the address."""
    config = uvicorn.Config(create_app(parts), log_level="warning", access_log=False, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="api", daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()
