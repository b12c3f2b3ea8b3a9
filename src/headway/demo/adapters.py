"""Files: the built-in spec, specs of users, and the streaming writer of companies."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self

import headway
from headway.demo import arrow, layout, planning, yamltext
from headway.demo.errors import FolderTaken, FolderUnwritable, SpecInvalid
from headway.demo.frames import Frame, height
from headway.demo.kinds import KINDS
from headway.demo.place import Made, Place
from headway.demo.reading import read_spec
from headway.demo.spec import Event, Spec
from headway.kernel.canonical import digest, file_digest

Format = Literal["parquet", "csv"]
MANIFEST: Final = "manifest.json"
LARGEST_SPEC: Final = 1_000_000


def northwind_text() -> str:
    """The built-in spec as YAML, with its comments."""
    return resources.files("headway.demo").joinpath("northwind.yaml").read_text(encoding="utf-8")


def northwind(*, rows: int | None = None, seed: int | None = None) -> Spec:
    """The built-in company: Northwind Group."""
    return spec_of(northwind_text(), rows=rows, seed=seed)


def read_file(path: Path, *, rows: int | None = None, seed: int | None = None) -> Spec:
    """Read a spec from a YAML file; raises SpecInvalid with all faults."""
    try:
        if path.stat().st_size > LARGEST_SPEC:
            raise SpecInvalid(f"{path} is larger than a spec can be ({LARGEST_SPEC} bytes)")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecInvalid(f"{path} cannot be read: {error}", hint="give a YAML file in UTF-8") from error
    return spec_of(text, rows=rows, seed=seed)


def spec_of(text: str, *, rows: int | None = None, seed: int | None = None) -> Spec:
    """Read a spec from YAML text; raises SpecInvalid with all faults."""
    return read_spec(yamltext.load(text), rows=rows, seed=seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file of a company."""

    path: str
    rows: int
    bytes: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company that was written, and its manifest's digest: equal digests mean equal companies."""

    folder: Path
    rows: int
    files: tuple[Written, ...]
    digest: str


def generate(
    spec: Spec,
    folder: Path,
    *,
    file_format: Format = "parquet",
    ahead: int = 2,
    told: Callable[[int], None] = lambda rows: None,
) -> Company:
    """Write a company into an empty or new folder, block by block.

    Args: ahead: blocks that are made at the same time and held in memory; changes no byte. told: called with the rows of
    the tables that have been written so far.
    Raises: FolderTaken: there are files already. FolderUnwritable: the files cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise FolderTaken(f"{folder} is not empty", hint="choose a new folder, or empty this one yourself")
        with _Files(folder, file_format) as files:
            done = 0
            for place, count, made in _blocks(spec, max(1, ahead)):
                files.add(place, made)
                done += count
                told(done)
        return _finish(spec, folder, files, file_format)
    except OSError as error:
        raise FolderUnwritable(
            f"the company cannot be written to {folder}: {error}", hint="check permissions and free space"
        ) from error


def _blocks(spec: Spec, ahead: int) -> Iterator[tuple[Place, int, Made]]:
    """Make blocks in the order of the spec, some of them at once; threads change nothing but the time it takes."""
    waiting: deque[tuple[Place, int, Future[Made]]] = deque()
    with ThreadPoolExecutor(max_workers=ahead) as pool:
        for place in planning.places(spec):
            for block, first, count in planning.blocks(place):
                waiting.append((place, count, pool.submit(KINDS[place.table].make, place, block, first, count)))
                while len(waiting) >= ahead:
                    where, rows, future = waiting.popleft()
                    yield where, rows, future.result()
        while waiting:
            where, rows, future = waiting.popleft()
            yield where, rows, future.result()


@dataclass(slots=True)
class _Open:
    """A file that is being written, or was: then it has no writer any more."""

    path: Path
    writer: Any
    rows: int = 0


@dataclass(slots=True)
class _Files:
    """The files of a company while it is written."""

    folder: Path
    file_format: Format
    place: Place | None = None
    open: dict[str, _Open] = field(default_factory=dict)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()

    def _close(self) -> None:
        for one in self.open.values():
            if one.writer is not None:
                one.writer.close()
                one.writer = None

    def add(self, place: Place, made: Made) -> None:
        """Write one block of a place: what the company has, as its region writes it, and the truth."""
        kind = KINDS[place.table]
        if place != self.place:  # places come one after the other: what is done need not be kept in memory
            self._close()
            self.place = place
        for file, frame in made.data.items():
            known = layout.parts(place, file, kind.files[file])
            for part in known:
                self.columns[self._path("data", place, part.file)] = {v: k for k, v in part.columns.items()}
            for stem, rows in layout.written(place, frame, kind.times[file], known):
                self._write(self._path("data", place, stem), rows)
        for file, frame in made.truth.items():
            self._write(self._path("truth", place, file), frame)

    def _path(self, area: str, place: Place, stem: str) -> str:
        return f"{area}/{place.folder}/{stem}.{self.file_format}"

    def _write(self, name: str, frame: Frame) -> None:
        if not height(frame):
            return
        if name not in self.open:
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            self.open[name] = _Open(path, _writer(path, frame, self.file_format))
        one = self.open[name]
        one.writer.write(arrow.table(frame, self.file_format))
        one.rows += height(frame)


def _writer(path: Path, frame: Frame, file_format: Format) -> Any:  # noqa: ANN401  pyarrow's two writers share no class
    """Open a file for blocks like this one; one block becomes one row group."""
    import pyarrow.csv
    import pyarrow.parquet

    schema = arrow.schema(frame, file_format)
    if file_format == "csv":
        return pyarrow.csv.CSVWriter(path, schema)
    return pyarrow.parquet.ParquetWriter(path, schema, compression="zstd", compression_level=1)


def _finish(spec: Spec, folder: Path, files: _Files, file_format: Format) -> Company:
    """Write the manifest last: a folder without one is not finished."""
    written = tuple(
        Written(path=name, rows=one.rows, bytes=one.path.stat().st_size, digest=file_digest(one.path))
        for name, one in sorted(files.open.items())
    )
    manifest = {
        "format": 1,
        "made_by": f"headway {headway.__version__}",
        "file_format": file_format,
        "name": spec.name,
        "seed": spec.seed,
        "spec": spec.plain(),
        "spec_digest": digest(spec.plain()),
        "tables": [_table(place) for place in planning.places(spec)],
        "events": [_event(event) for event in spec.events],
        "files": [_file(one, files.columns.get(one.path)) for one in written],
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")
    rows = sum(place.rows for place in planning.places(spec))
    return Company(folder=folder, rows=rows, files=written, digest=digest(manifest))


def _table(place: Place) -> dict[str, object]:
    return {
        "department": place.department.name,
        "region": place.region.name,
        "table": place.table,
        "rows": place.rows,
    }


def _event(event: Event) -> dict[str, object]:
    """What is planted, without the fields that this kind does not have."""
    until = event.until.isoformat() if event.until else None
    said = {name: getattr(event, name) for name in ("name", "kind", "department", "region", "table", "column")}
    return {**said, "start": event.start.isoformat(), "until": until}


def _file(one: Written, columns: dict[str, str] | None) -> dict[str, object]:
    """A file; for those of regions, ``columns`` tells for each name which column it is."""
    said: dict[str, object] = {"path": one.path, "rows": one.rows, "bytes": one.bytes, "digest": one.digest}
    return said if columns is None else {**said, "columns": columns}
