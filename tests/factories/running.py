"""A real platform in real processes: a home of its own, free ports, the installed program."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headway_client import Client, HeadwayError, Node

PROGRAM = [sys.executable, "-m", "headway.entrypoints.cli"]
DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Home:
    """A home folder with the commands that run on it."""

    path: Path
    environ: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    folder: Path = field(init=False)

    def __post_init__(self) -> None:
        # The database's own account must be able to pass through; the folders of tests belong to us alone.
        self.folder = Path(tempfile.mkdtemp(prefix="hw-e2e-"))
        self.folder.chmod(0o711)
        kept = {k: v for k, v in os.environ.items() if not k.startswith("HEADWAY_")}
        own = {
            "HEADWAY_HOME": str(self.path),
            "HEADWAY_PORT": str(free_port()),
            "HEADWAY_NODE_PORT": str(free_port()),
            "HEADWAY_SEGMENT_SECONDS": "1",
            "HEADWAY_DATABASE_FOLDER": str(self.folder / "pg"),
        }
        self.environ = {**kept, **own, **self.environ}

    @property
    def node_url(self) -> str:
        return f"http://127.0.0.1:{self.environ['HEADWAY_NODE_PORT']}"

    def run(self, *arguments: str, timeout: float = 240, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*PROGRAM, *arguments], env=self.environ, capture_output=True, text=True, timeout=timeout, check=False
        )
        if check and done.returncode != 0:
            raise AssertionError(
                f"headway {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}\n{done.stdout}"
            )
        return done

    def json(self, *arguments: str, timeout: float = 240) -> Any:
        return json.loads(self.run(*arguments, "--output", "json", timeout=timeout).stdout)

    def up(self, *arguments: str) -> None:
        log = (self.path.parent / "up.log").open("ab")
        with log:
            self.process = subprocess.Popen([*PROGRAM, "up", *arguments], env=self.environ, stdout=log, stderr=log)
        self.wait_up()

    def wait_up(self, seconds: float = 240) -> None:
        about = self.path / "run" / "server.json"
        deadline = time.monotonic() + seconds
        while not about.exists():
            assert self.process is not None and self.process.poll() is None, (self.path.parent / "up.log").read_text()
            assert time.monotonic() < deadline, (self.path.parent / "up.log").read_text()
            time.sleep(0.05)

    def down(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
            self.process = None

    def remove(self) -> None:
        """Stop what runs and take the database's folder away."""
        self.down()
        shutil.rmtree(self.folder, ignore_errors=True)

    def client(self) -> Client:
        token = (self.path / "keys" / "cli-token").read_text().strip()
        return Client(f"http://127.0.0.1:{self.environ['HEADWAY_PORT']}", token)

    def node(self, token: str) -> Node:
        return Node(self.node_url, token)


def eventually(check: Any, seconds: float = 30, every: float = 0.1) -> Any:
    """Try until ``check`` returns something true; a failed assertion or a refusal counts as not yet."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            found = check()
            if found:
                return found
        except (AssertionError, HeadwayError, OSError):
            if time.monotonic() > deadline:
                raise
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {check}")
        time.sleep(every)
