"""What a registration is about, and what it works with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl
from sqlalchemy.orm import Session

from headway.catalog import roles
from headway.catalog.adapters import files
from headway.catalog.adapters.lake import Lake
from headway.catalog.entities import DataProduct, FileMode, Kind, ProductSnapshot
from headway.catalog.service.renewing import Merged
from headway.kernel.auth import Actor
from headway.kernel.canonical import digest
from headway.kernel.storage import Storage

_READER: Final = 1  # raise when the same file would be read into other rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One registration: who, which file, as which product."""

    session: Session
    actor: Actor
    source: Path
    filename: str
    digest: str
    slug: str
    name: str
    department: str
    known: DataProduct | None
    following: dict[str, object] | None  # the contract that waited for this file
    asked: roles.AskedRoles
    port: str
    check: Callable[[pl.DataFrame], None] | None
    mode: FileMode
    base: ProductSnapshot | None
    """The snapshot that the file is put to; None where it is the whole table."""

    @property
    def file_key(self) -> str:
        return "uploads/" + self.digest.removeprefix("sha256-")

    @property
    def table(self) -> str:
        """Name in the lake; slugs hold no underscore, so that no two products meet."""
        department, _, name = self.slug.partition(".")
        return f"products.{department.replace('-', '_')}.{name.replace('-', '_')}"

    @property
    def looked_at(self) -> list[str]:
        """The columns that a check sees."""
        return [name for name in (self.asked.label, self.asked.time) if name is not None]

    def content(self, kinds: Mapping[str, Kind]) -> str:
        """Digest of the rows: of the file's bytes and how its columns are read."""
        columns = [[name, kind] for name, kind in sorted(kinds.items())]
        content = digest({"file": self.digest, "columns": columns, "reader": _READER})
        return content if self.base is None else digest({"mode": self.mode, "base": self.base.digest, "file": content})


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What a registration works with once the file is read."""

    storage: Storage
    lake: Lake
    staged: files.Staged
    contract: dict[str, object]
    work: Path
    merged: Merged | None
    """The file joined with rows before; None where it is the whole table."""
