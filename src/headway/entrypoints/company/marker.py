"""What tells a home of a simulated company from every other: a file in it, written before anything else."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from headway.entrypoints import home
from headway.kernel.errors import Conflict, Unavailable
from headway.kernel.settings import Settings

INSIDE = frozenset({"run", "logs", "numba"})
"""What a home may hold before a company is built in it."""


class NotEmpty(Conflict):
    """The home holds something that is no simulated company, and a company is built in an empty home alone."""

    code = "company.home_not_empty"


class NotSimulated(Conflict):
    """The home was not filled with a simulated company; only such a one can be wiped."""

    code = "company.not_simulated"


class NotAtHome(Unavailable):
    """A simulated company keeps to its own home: it uses no database, no storage and no platform from elsewhere."""

    code = "company.not_at_home"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """Which company a home holds, and whether it is whole."""

    name: str
    seed: int
    until: str
    scale: float
    usecases: int
    every: int
    state: Literal["building", "ready"]
    digest: str = ""
    """Of the simulator's files."""
    planted_effect: float | None = None
    """The true effect of lead scoring on the champion's settled leads, to hold against what the hold-out measured."""

    @property
    def day(self) -> date:
        """The first day that was not simulated."""
        return date.fromisoformat(self.until)


def read(folder: Path) -> Marker | None:
    """The marker of a home; None when it holds no company."""
    if home.company_of(folder) is None:
        return None
    known = json.loads((folder / home.COMPANY).read_text(encoding="utf-8"))
    return Marker(**{name: known[name] for name in Marker.__dataclass_fields__ if name in known})


def write(folder: Path, marker: Marker) -> None:
    """Keep a marker, whole or not at all."""
    path = folder / home.COMPANY
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(marker), indent=1), encoding="utf-8")
    draft.chmod(0o600)
    draft.replace(path)


def refuse_half_built(folder: Path) -> None:
    """Refuse to run on a home whose company is half built; raises Conflict."""
    found = read(folder)
    if found is not None and found.state != "ready":
        raise Conflict(f"{found.name} is only half built in {folder}", hint="run 'headway demo': it builds it anew")


def check_place(settings: Settings) -> None:
    """Refuse to simulate anywhere but in a home of its own on this machine; raises NotAtHome, NotEmpty."""
    given = {
        "HEADWAY_URL": settings.url,
        "HEADWAY_DATABASE_URL": settings.database_url,
        "HEADWAY_STORAGE_URL": settings.storage_url,
        "HEADWAY_PUBLIC_URL": settings.public_url,
    }
    if names := [name for name, value in given.items() if value]:
        raise NotAtHome(
            f"a simulated company is never built where {', '.join(names)} is set", hint="unset it for 'headway demo'"
        )
    if read(settings.home) is None and settings.home.is_dir():
        found = sorted(path.name for path in settings.home.iterdir() if path.name not in INSIDE)
        if found:
            raise NotEmpty(
                f"{settings.home} is the home of something else: it holds {', '.join(found[:5])}",
                hint="set HEADWAY_HOME to a new folder for the demo",
            )
