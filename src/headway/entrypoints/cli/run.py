"""Commands that run the platform and its processes."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from headway.kernel import terminal
from headway.kernel.errors import Unavailable
from headway.kernel.settings import Settings

if TYPE_CHECKING:
    from headway.entrypoints import platform

NodeOption = Annotated[bool, typer.Option("--node/--no-node", help="Start a decision node beside the control plane.")]


def up(node: NodeOption = True) -> None:
    """Run the platform here: control plane, database, worker and one node, until Ctrl-C."""
    from headway.entrypoints import platform
    from headway.entrypoints.company import wishes
    from headway.kernel.logs import configure

    settings = Settings.load()
    configure(settings.log_level)
    code = wishes.take(settings.home)  # left over where the process ended before it was granted
    while True:
        with platform.up(settings, with_node=node, setup_code=code) as running:
            _tell_up(running, with_node=node)
            platform.wait_for_signal(lambda: wishes.is_asked(settings.home))
            terminal.say("stopping")
        code = wishes.take(settings.home)
        if code is None or not _wiped(settings):
            return


def _tell_up(running: platform.Running, *, with_node: bool) -> None:
    terminal.say(f"Headway is up at {running.url} (API {running.url}/api/v1)")
    if with_node:
        terminal.say(f"  a {running.environment} node decides at {running.node_url}")
    if running.sign_in:
        terminal.say(f"  first sign-in: {running.sign_in}")
    terminal.say("  stop with Ctrl-C or 'headway down'")


def _wiped(settings: Settings) -> bool:
    """Take the simulated company away that somebody wished away on its page; False when the home holds none."""
    from headway.entrypoints.company import marker, wiping

    found = marker.read(settings.home)
    if found is None:
        return False
    terminal.say(f"taking {found.name} away; an empty home follows")
    wiping.wipe(settings, found.name)
    return True


def down() -> None:
    """Stop the platform that runs on this home."""
    from headway.entrypoints import platform

    stopped = platform.stop(Settings.load().home)
    terminal.say("stopped" if stopped else "nothing runs on this home")


def status(output: terminal.OutputOption = terminal.Output.table) -> None:
    """Tell what runs on this home."""
    from headway.entrypoints.cli.connection import running_client, running_info

    settings = Settings.load()
    client = running_client(settings)
    if client is None:
        raise Unavailable("nothing runs on this home", hint=f"start it with 'headway up' (home {settings.home})")
    with client:
        terminal.emit({**(running_info(settings.home) or {}), "who": client.get("/whoami").get("ref")}, output)


def server() -> None:
    """Run the API against HEADWAY_DATABASE_URL."""
    import uvicorn

    from headway.entrypoints import wiring
    from headway.entrypoints.http import create_app

    settings, url = _with_database("server")
    parts = wiring.build(settings, url)
    parts.jobs.launch(worker=False)
    try:
        uvicorn.run(create_app(parts), host=settings.host, port=settings.port, access_log=False, log_config=None)
    finally:
        parts.jobs.close()


def worker() -> None:
    """Run durable jobs and the housekeeping against HEADWAY_DATABASE_URL."""
    from headway.entrypoints import wiring
    from headway.entrypoints.stack import tick_until

    settings, url = _with_database("worker")
    parts = wiring.build(settings, url)
    parts.jobs.launch(worker=True)
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    try:
        tick_until(parts, over)
    finally:
        parts.jobs.close()


def _with_database(name: str) -> tuple[Settings, str]:
    from headway.kernel.logs import configure

    settings = Settings.load()
    configure(settings.log_level)
    if settings.database_url is None:
        raise Unavailable(
            f"'headway {name}' needs HEADWAY_DATABASE_URL", hint="'headway up' runs everything on one machine"
        )
    return settings, settings.database_url


def node(
    environment: Annotated[str, typer.Option(help="Environment this node serves; fixed for its life.")] = "sandbox",
) -> None:
    """Run a decision node: stateless, without database, pulling releases from object storage."""
    from headway.entrypoints.node import main

    main(["--environment", environment])
