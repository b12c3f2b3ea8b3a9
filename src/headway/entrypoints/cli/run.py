"""Commands that run the platform and its processes."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from headway.kernel import terminal
from headway.kernel.errors import Unavailable
from headway.kernel.settings import Settings

NodeOption = Annotated[bool, typer.Option("--node/--no-node", help="Start a decision node beside the control plane.")]


def up(node: NodeOption = True) -> None:
    """Run the platform here: control plane, database, worker and one node, until Ctrl-C."""
    from headway.entrypoints import platform
    from headway.kernel.logs import configure

    settings = Settings.load()
    configure(settings.log_level)
    with platform.up(settings, with_node=node) as running:
        terminal.say(f"Headway is up at {running.url} (API {running.url}/api/v1)")
        if node:
            terminal.say(f"  a {settings.environment} node decides at {running.node_url}")
        if running.sign_in:
            terminal.say(f"  first sign-in: {running.sign_in}")
        terminal.say("  stop with Ctrl-C or 'headway down'")
        platform.wait_for_signal()
        terminal.say("stopping")


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
