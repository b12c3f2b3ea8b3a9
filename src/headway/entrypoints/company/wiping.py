"""Taking a simulated company away: everything in its home, and the database beside it. Nothing else is ever taken away."""

from __future__ import annotations

import shutil
from pathlib import Path

from headway.entrypoints import home
from headway.entrypoints.company import marker
from headway.entrypoints.company.marker import NotSimulated
from headway.kernel.errors import Invalid
from headway.kernel.homelock import HomeLock
from headway.kernel.postgres import EmbeddedPostgres
from headway.kernel.settings import Settings

PATIENCE_SECONDS = 30.0
STAYS = frozenset({"run", "numba"})
"""Of a wiped home: where its lock lies, and compiled code, which knows nothing of anybody."""


class NameDiffers(Invalid):
    """What was typed to confirm the wiping is not the company's name."""

    code = "company.name_differs"


def check_name(settings: Settings, typed: str) -> None:
    """Raise NotSimulated, or NameDiffers when what a person typed is not the company's name."""
    name = home.company_of(settings.home)
    if name is None:
        raise NotSimulated(f"{settings.home} was not filled with a simulated company, so it is not wiped")
    if typed.strip() != name:
        raise NameDiffers(f"type {name!r} to take it away", hint="nothing was changed")


def wipe(settings: Settings, typed: str) -> None:
    """Take the company away and leave an empty home; the platform must not run on it.

    Raises: NotSimulated, NameDiffers; marker.NotAtHome; Conflict: a process holds the home.
    """
    check_name(settings, typed)
    marker.check_place(settings)
    lock = HomeLock(settings.home)
    lock.acquire(timeout=PATIENCE_SECONDS)  # a platform that was told to stop needs a moment
    with lock:
        clear(settings)


def clear(settings: Settings) -> None:
    """Empty a home that holds a company, whole or half built; the caller holds its lock. Any other home stays as it is."""
    if home.company_of(settings.home) is None:
        return
    database = EmbeddedPostgres(settings.home, settings.service_user, folder=settings.database_folder)
    shutil.rmtree(database.folder, ignore_errors=True)
    mark = settings.home / home.COMPANY
    for path in sorted(settings.home.iterdir()):
        if path.name not in STAYS and path != mark.parent:
            _remove(path)
    for path in sorted(mark.parent.iterdir()):
        if path != mark:
            _remove(path)
    _remove(mark.parent)  # last, so that a wiping that was cut off is taken up again


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
