"""The server of one home: made on first use, started, kept alive, stopped."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from headway.kernel import process
from headway.kernel.errors import Conflict, Unavailable
from headway.kernel.homelock import HomeLock
from headway.kernel.logs import logger
from headway.kernel.postgres import leftovers, places

MAJOR = "18"
ROLE = "headway"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_LIMIT = 107  # bytes of a socket's path on Linux; other systems have 103
OPTIONS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
ENVIRON = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
HBA = "local all all peer map=headway\n"


class EmbeddedPostgres:
    """One PostgreSQL server for one home.

    The data lies in ``home/pg``, or in ``folder`` when given. Root cannot run the server and the home is closed to all
    but root, so for root it lies under ``/var/lib/headway``, owned by the service user, and the file ``home/pg``
    names the place. No permission of a folder that exists already is ever widened.
    """

    def __init__(
        self,
        home: Path,
        service_user: str | None = None,
        *,
        folder: Path | None = None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        self.home = home.absolute()
        self._owner = places.owner_of(service_user)
        self._given = folder.absolute() if folder else None
        self._options = {**OPTIONS, **(options or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._sockets: Path | None = None
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None
        self._claim = HomeLock(self._given) if self._given else None  # two homes must not share one folder
        self.restarts = 0

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.home / "logs" / "postgres.log"

    @property
    def folder(self) -> Path:
        """Where data and socket lie; raises Unavailable when the place the home names is gone."""
        if self._given:
            return self._given
        inside = self.home / "pg"
        if inside.is_file():
            return Path(inside.read_text(encoding="utf-8").strip())
        return inside

    @property
    def url(self) -> str:
        """The address of the database, for SQLAlchemy and libpq; raises Unavailable before the first start."""
        if self._sockets is None:
            raise Unavailable("the embedded database was not started")
        return f"postgresql://{ROLE}@/{ROLE}?host={quote(str(self._sockets), safe='/')}"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> str:
        """Make the data on first use, start the server and wait until it answers; returns its address.

        Raises: Unavailable; Conflict: another process runs a database in the folder that was given.
        """
        with self._lock:
            if self.pid is None:
                self._take_folder()
                self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
                binaries = places.binaries_for(self._owner)
                is_new = self._prepare(binaries)
                self._launch(binaries)
                if is_new:
                    self._create_database()
        return self.url

    def _take_folder(self) -> None:
        """Hold the folder until ``stop``: a second server there would end the first one's as a leftover."""
        if self._claim is None:
            return
        try:
            self._claim.acquire()
        except Conflict as error:
            raise Conflict(
                f"the database folder {self._given} is in use by {self._claim.holder()}",
                hint="it belongs to another home: set another HEADWAY_DATABASE_FOLDER",
            ) from error

    def ensure_alive(self) -> bool:
        """Start the server again if it died; returns whether that was needed."""
        with self._lock:
            if self.pid is not None or self._process is None or self._stopping.is_set():
                return False
            self._launch(places.binaries_for(self._owner))
            self.restarts += 1
            return True

    def watch(self, interval_seconds: float = 0.1) -> None:
        """Call ``ensure_alive`` from a thread until ``stop``."""
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, args=(interval_seconds,), daemon=True)
            self._watcher.start()

    def stop(self) -> None:
        """Shut the server down cleanly: open transactions are rolled back, clients are cut off."""
        self._stopping.set()
        with self._lock:
            if self._process is not None:
                process.stop(self._process, [(signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0)])
                self._process = None
            if self._sockets is not None and self._sockets.parent != self.folder:
                shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None
        if self._watcher is not None and self._watcher is not threading.current_thread():
            self._watcher.join()
        self._watcher = None
        if self._claim is not None:
            self._claim.release()
        self._stopping.clear()

    def __enter__(self) -> EmbeddedPostgres:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _watch(self, interval_seconds: float) -> None:
        while not self._stopping.wait(interval_seconds):
            try:
                if self.ensure_alive():
                    logger("postgres").warning("server.restarted", folder=str(self.folder), restarts=self.restarts)
            except (Unavailable, OSError) as error:  # a full disk, for example; the next round tries again
                logger("postgres").error("server.restart_failed", error=str(error))
                self._stopping.wait(1.0)

    def _prepare(self, binaries: Path) -> bool:
        """Make the data folder if there is none; returns whether it was made now."""
        folder = self.folder
        if (folder / "data" / "PG_VERSION").exists():
            found = (folder / "data" / "PG_VERSION").read_text(encoding="ascii").strip()
            if found != MAJOR:
                raise Unavailable(
                    f"the database in {folder} was made by PostgreSQL {found}; this is {MAJOR}",
                    hint="dump it with that version's pg_dump and load it into a new home",
                )
            return False
        pointer = self.home / "pg"
        if self._given is None and pointer.is_file():
            raise Unavailable(
                f"the database of this home is gone: {folder} holds no data",
                hint=f"restore that folder, or remove the file {pointer} to begin with an empty database",
            )
        if self._given is None and self._owner.switch is not None:
            folder = places.new_root_folder()
            self._initialise(binaries, folder)
            places.write_once(pointer, f"{folder}\n")
        else:
            self._initialise(binaries, folder)
        return True

    def _initialise(self, binaries: Path, folder: Path) -> None:
        """Run initdb beside the final place and move the result there, so that a crash leaves nothing half-made."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._owner.switch:
            os.chown(folder, self._owner.uid, self._owner.gid)
            places.require_entry(folder, self._owner)
        draft = folder / f"draft-{secrets.token_hex(4)}"
        argv = [str(binaries / "initdb"), "-D", str(draft), "-U", ROLE, "--auth=peer", "--encoding=UTF8"]
        argv += ["--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions"]
        if self._options.get("fsync") == "off":
            argv.append("--no-sync")
        child = process.spawn(argv, log=self.log, environ=ENVIRON, user=self._owner.switch)
        if child.wait() != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise Unavailable("the embedded database could not be made", hint=f"read {self.log}")
        draft.rename(folder / "data")

    def _launch(self, binaries: Path) -> None:
        data = self.folder / "data"
        leftovers.clear(data)
        self._write_access(data)
        sockets = self._socket_folder()
        argv = [str(binaries / "postgres"), "-D", str(data), "-k", str(sockets)]
        for name, value in self._options.items():
            argv += ["-c", f"{name}={value}"]
        self._process = process.spawn(
            argv, log=self.log, environ=ENVIRON, user=self._owner.switch, death_signal=signal.SIGINT
        )
        self._await_ready(data, self._process)

    def _await_ready(self, data: Path, child: subprocess.Popen[bytes], seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while True:
            status = leftovers.lock_file(data)
            if status and status[0] == str(child.pid) and len(status) > 7 and status[7].strip() == "ready":
                return
            if child.poll() is not None or time.monotonic() > deadline:
                process.stop(child, [(signal.SIGQUIT, 5.0)])
                raise Unavailable("the embedded database did not start", hint=f"read {self.log}")
            time.sleep(0.005)

    def _write_access(self, data: Path) -> None:
        """Let in our own account and the server's, nobody else."""
        names = {self._owner.name, pwd.getpwuid(os.geteuid()).pw_name}
        ident = "".join(f'headway "{name}" {ROLE}\n' for name in sorted(names))
        for name, content in (("pg_hba.conf", HBA), ("pg_ident.conf", ident)):
            place = data / name
            if place.read_text(encoding="utf-8") != content:
                place.write_text(content, encoding="utf-8")

    def _socket_folder(self) -> Path:
        """A folder that only the server's account (and root) can enter, with a path short enough for a socket."""
        if self._sockets is not None:
            return self._sockets
        near = self.folder / "socket"
        if len(os.fsencode(near / SOCKET_NAME)) <= SOCKET_LIMIT - (0 if sys.platform == "linux" else 4):
            near.mkdir(exist_ok=True, mode=0o700)
            made = near
        else:
            made = Path(tempfile.mkdtemp(prefix="headway-"))
        if self._owner.switch:
            os.chown(made, self._owner.uid, self._owner.gid)
        made.chmod(0o700)
        self._sockets = made
        return made

    def _create_database(self) -> None:
        import psycopg

        where = self.url.replace(f"/{ROLE}?", "/postgres?")
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute("create database headway")
