"""Reading a source into a file of rows: nothing of the product is touched here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from headway.catalog import store as catalog_store
from headway.catalog.comparing import compare_columns
from headway.catalog.connectors import specs, store
from headway.catalog.connectors.adapters.database import Read, read_database
from headway.catalog.connectors.adapters.landing import Landed
from headway.catalog.connectors.adapters.objects import read_files
from headway.catalog.connectors.adapters.places import Reach
from headway.catalog.connectors.adapters.rest import read_rest
from headway.catalog.connectors.entities import Peek, PortKind, RefusedFile
from headway.catalog.connectors.errors import PortUnknown, SourceFailed
from headway.catalog.connectors.service.keeping import naming_of
from headway.catalog.contract import Contract
from headway.catalog.errors import ColumnsDiffer
from headway.catalog.service import preview_file
from headway.kernel.canonical import file_digest
from headway.kernel.settings import Settings
from headway.kernel.web import Parts

_LOOK_ROWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRead:
    """What a step of a job keeps of a reading; the rows wait in object storage under ``key``, None: nothing new."""

    key: str | None
    rows: int
    cursor: str | None
    seen: dict[str, str]
    refused: tuple[RefusedFile, ...]
    notes: tuple[str, ...]


def read_source(parts: Parts, port_id: str, run_id: str) -> SourceRead:
    """Read what is new at a port's source, and let the rows wait; safe to do twice.

    Raises: PortUnknown, SourceRefused, SourceFailed, UnreadableFile, ColumnsDiffer.
    """
    with parts.database.session() as session:
        port = store.port_of_id(session, port_id)
        if port is None:
            raise PortUnknown("the input port was removed")
        seen, cursor = store.seen(session, port_id), store.cursor(session, port_id)
        contract = _contract(session, port.product)
    with TemporaryDirectory(prefix="headway-") as folder:
        work, reach = Path(folder), Reach(settings=parts.settings, department=port.department)
        landed: Landed | None
        refused: tuple[RefusedFile, ...] = ()
        if port.kind in ("files", "folder"):
            files = read_files(reach, port.settings, work, seen=seen, fits=_fitting(contract))
            landed, seen, refused, notes = files.landed, files.seen, tuple(files.refused), tuple(files.notes)
        else:
            read = _read(reach, port.kind, port.settings, work, cursor=cursor)
            landed, cursor, notes = read.landed, read.cursor, read.notes
        is_empty = landed is None or (not landed.rows and specs.is_incremental(port.kind, port.settings))
        key = None if landed is None or is_empty else f"ports/{port_id}/{run_id}-{file_digest(landed.path)[7:23]}"
        if key is not None and landed is not None:
            if not landed.rows:
                raise SourceFailed("the source holds no rows", hint="nothing was changed; look at the source")
            parts.storage.ensure(key, landed.path)
    rows = landed.rows if landed is not None else 0
    return SourceRead(key=key, rows=rows, cursor=cursor, seen=seen, refused=refused, notes=notes)


def peek(settings: Settings, department: str, kind: PortKind, given: Mapping[str, str]) -> Peek:
    """Look at the first rows of a source without keeping anything; values of personal data are masked.

    Raises: PortInvalid, SourceRefused, SourceFailed, UnreadableFile; Unavailable: a secret is not there.
    """
    checked = specs.checked(kind, given, naming_of(department))
    reach = Reach(settings=settings, department=department)
    notes: tuple[str, ...] = ()
    with TemporaryDirectory(prefix="headway-") as folder:
        work = Path(folder)
        if kind in ("files", "folder"):
            unwaited = {"settle": "0"} if kind == "folder" else {}
            files = read_files(reach, checked | unwaited, work, seen={}, fits=_fitting(None), most=1)
            landed, notes = files.landed, (*files.notes, *(f"{one.name}: {one.reason}" for one in files.refused))
        else:
            landed = _read(reach, kind, checked, work, cursor=None, most=_LOOK_ROWS).landed
        if landed is None or not landed.rows:
            return Peek(rows=0, columns=(), notes=(*notes, "the source holds no rows now"))
        shown = preview_file(landed.path, "rows.parquet")
    return Peek(rows=shown.rows, columns=shown.columns, notes=(*notes, *shown.notes))


def _read(
    reach: Reach,
    kind: PortKind,
    settings: Mapping[str, str],
    work: Path,
    *,
    cursor: str | None,
    most: int | None = None,
) -> Read:
    read = read_database if kind == "sql" else read_rest
    return read(reach, settings, work, cursor=cursor, most=most)


def _contract(session: Session, product: str) -> Contract | None:
    known = catalog_store.product(session, product)
    return known.contract if known is not None else None


def _fitting(contract: Contract | None) -> Callable[[Iterable[str]], None]:
    """What holds the columns of each file to the contract, or to those of the first file."""
    first: list[frozenset[str]] = []

    def fits(columns: Iterable[str]) -> None:
        names = frozenset(columns)
        if contract is not None:
            compare_columns(contract, names)
        elif first and names != first[0]:
            differing = ", ".join(sorted(names ^ first[0])[:5])
            raise ColumnsDiffer(f"the columns are not those of the first file: {differing}")
        first.append(names)

    return fits
