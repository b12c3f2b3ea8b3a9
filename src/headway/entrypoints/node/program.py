"""Starting a node: options, the server, and workers that do not outlive it."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from headway.kernel import logs
from headway.kernel.errors import HeadwayError
from headway.kernel.process import die_with_parent
from headway.kernel.settings import ENVIRONMENTS, Settings

if TYPE_CHECKING:
    from headway.entrypoints.node.app import NodeApp


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a node until it is told to stop; returns the exit code."""
    try:
        settings = _settings(arguments)
    except HeadwayError as error:
        sys.stderr.write(f"{error.message}\n")
        return error.exit_code
    serve(settings)
    return 0


def _settings(arguments: Sequence[str] | None) -> Settings:
    found = Settings.load()
    parser = argparse.ArgumentParser(
        prog="headway-node",
        description="Decide: pull releases and grants from storage, answer requests, keep a durable log.",
    )
    parser.add_argument("--environment", choices=ENVIRONMENTS, default=found.environment, help="fixed for its life")
    parser.add_argument("--host", default=found.node_host, help="address to listen on")
    parser.add_argument("--port", type=int, default=found.node_port, help="port to listen on")
    parser.add_argument("--workers", type=int, default=found.node_workers, help="worker processes")
    parser.add_argument("--name", default=found.node_name, help="name of this node; part of its segments' path")
    parser.add_argument("--home", type=Path, default=found.home, help="folder for keys, state and log")
    parser.add_argument("--storage", default=found.storage_url, help="address of the object storage")
    given = parser.parse_args(arguments)
    return replace(
        found,
        environment=given.environment,
        node_host=given.host,
        node_port=given.port,
        node_workers=given.workers,
        node_name=given.name,
        home=given.home,
        storage_url=given.storage,
    )


def serve(settings: Settings) -> None:
    """Listen and keep the workers running until SIGTERM or SIGINT; in-flight requests are answered first."""
    from granian.constants import HTTPModes, Interfaces, Loops
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server.mp import MPServer

    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    server = MPServer(
        "headway.entrypoints.node",
        address=settings.node_host,
        port=settings.node_port,
        interface=Interfaces.RSGI,
        workers=settings.node_workers,
        loop=Loops.uvloop if sys.platform != "win32" else Loops.asyncio,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=30,
    )
    load = partial(load_worker, settings, os.getpid())
    server.serve(target_loader=load, wrap_loader=False)  # type: ignore[arg-type]  # it takes what has __rsgi__ too


def load_worker(settings: Settings, parent: int) -> NodeApp:
    """Make the application inside a worker process, which ends at once when the server that started it is gone.

    What was acknowledged is on the disk already, so an abrupt end loses nothing, and the port is free again at once.
    """
    die_with_parent(parent, signal.SIGKILL)
    os.umask(0o077)  # whatever makes a file or folder from here on makes it for the owner alone
    logs.configure(settings.log_level)
    from headway.entrypoints.node.app import NodeApp

    return NodeApp(settings)
