"""The lake: Apache Iceberg tables under the storage's ``lake/``, their catalog in schema ``lake`` of the same PostgreSQL.

A commit here is not part of a PostgreSQL transaction. Writers therefore put a key of theirs into the snapshot's
properties and look for it (``find``) before they write: a writer that died between the two commits finds its rows.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from headway.catalog.adapters.newest import Newest, Term, newest
from headway.catalog.errors import LakeBusy, UnknownTable
from headway.kernel.database import Database
from headway.kernel.errors import Invalid
from headway.kernel.web import Parts

if TYPE_CHECKING:
    from pyiceberg.catalog.sql import SqlCatalog
    from pyiceberg.table import Table
    from pyiceberg.table.snapshots import Snapshot

_SCHEMES: Final = ("file", "s3", "gs", "abfs", "abfss")
_TRIES: Final = 6
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeSnapshot:
    """A state of a table."""

    id: int
    at: datetime
    operation: str
    properties: Mapping[str, str]
    tags: tuple[str, ...]
    data_files: int
    size_bytes: int  # of its data files; those of several snapshots are shared


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeFiles:
    """The data files of one snapshot."""

    paths: tuple[str, ...]  # addresses, as file:///... or s3://...
    rows: int  # before deletes
    size_bytes: int
    has_deletes: bool  # whether files of deletes take rows away again; Headway writes none


class Lake:
    """Iceberg tables by name, ``namespace.table``. Safe to use from several threads and processes."""

    def __init__(self, database: Database, storage_url: str) -> None:
        if (scheme := urlsplit(storage_url).scheme) not in _SCHEMES:
            raise Invalid(
                f"the lake cannot lie on {scheme}://",
                hint=f"set HEADWAY_STORAGE_URL to one of {', '.join(name + '://' for name in _SCHEMES)}",
            )
        self._database = database
        self._warehouse = storage_url.rstrip("/") + "/lake"
        self._lock = threading.Lock()
        self._opened: SqlCatalog | None = None

    @property
    def _catalog(self) -> SqlCatalog:
        with self._lock:
            if self._opened is None:
                from pyiceberg.catalog.sql import SqlCatalog

                address = self._database.url
                opened = SqlCatalog("headway", uri=address, warehouse=self._warehouse, init_catalog_tables="false")
                opened.engine.dispose()
                opened.engine = self._database.aside.execution_options(schema_translate_map={None: "lake"})
                self._opened = opened
            return self._opened

    def append(self, table: str, rows: pa.Table | pa.RecordBatchReader, properties: Mapping[str, str]) -> int:
        """Add rows to a table, which is made at first; returns the snapshot's id.

        New columns at the end of ``rows`` that may be missing are added to the table; other differences raise Invalid.
        A reader is streamed and cannot be tried again, so that LakeBusy is raised at the first collision.
        """
        return self._write(table, rows, properties, replace=False)

    def replace(self, table: str, rows: pa.Table | pa.RecordBatchReader, properties: Mapping[str, str]) -> int:
        """Make ``rows`` the whole table, older snapshots stay; returns the snapshot's id."""
        return self._write(table, rows, properties, replace=True)

    def scan(
        self,
        table: str,
        snapshot_id: int | str | None = None,
        filter: str | None = None,
        columns: Sequence[str] | None = None,
        limit: int | None = None,
    ) -> pa.Table:
        """Read rows of a table as they were at a snapshot (default: now), with the columns it had then.

        Args: filter: an Iceberg row filter such as ``deployment == 'dep_1' and at >= '2026-01-01T00:00:00'``.
        Raises: UnknownTable: no such table or snapshot.  Invalid: the filter or a column is wrong.
        """
        found = self._load(table)
        at = None if snapshot_id is None else int(snapshot_id)
        if at is not None and found.snapshot_by_id(at) is None:
            raise UnknownTable(f"table {table} has no snapshot {at}")
        try:
            scan = found.scan(
                row_filter=filter or "true",
                selected_fields=tuple(columns) if columns else ("*",),
                snapshot_id=at,
                limit=limit,
            )
            return scan.to_arrow()
        except (ValueError, TypeError) as error:  # pyiceberg's words for a wrong filter or column
            raise Invalid(f"table {table} cannot be read so: {error}") from error

    def stream(self, table: str, *, filter: str, columns: Sequence[str]) -> pa.RecordBatchReader:
        """Read rows of a table as they are now, a batch at a time, so that there may be more of them than memory holds.

        Raises: UnknownTable: no such table.  Invalid: the filter or a column is wrong.
        """
        found = self._load(table)
        try:
            return found.scan(row_filter=filter, selected_fields=tuple(columns)).to_arrow_batch_reader()
        except (ValueError, TypeError) as error:  # pyiceberg's words for a wrong filter or column
            raise Invalid(f"table {table} cannot be read so: {error}") from error

    def newest(
        self, table: str, *, by: tuple[str, str], groups: Sequence[Sequence[Term]], last: int, counted: int
    ) -> Newest:
        """Read the newest rows that fulfil one term of every group; see ``newest``. Raises UnknownTable."""
        return newest(self._load(table), by=by, groups=groups, last=last, counted=counted)

    def put(
        self,
        table: str,
        base: int | str,
        rows: pa.Table,
        *,
        by: str,
        replaced: Sequence[int],
        properties: Mapping[str, str],
    ) -> int:
        """Make a snapshot of the rows of another one, those whose number is in ``replaced`` left out, and new ones; returns its id.

        Data files without replaced rows are shared with the base, others are written anew without them (copy on write).

        Args: by: the column that numbers rows.
        Raises: UnknownTable; Invalid: the new rows do not fit; LakeBusy.
        """
        from pyiceberg.exceptions import ValidationError
        from pyiceberg.expressions import AlwaysFalse, BooleanExpression, In, Reference

        self.make_current(table, base)
        without: BooleanExpression = AlwaysFalse()
        if replaced:
            without = In(term=Reference(by), values=set(replaced))  # type: ignore[arg-type]  # integers are literals

        def attempt() -> int:
            found = self._load(table)
            with found.transaction() as change:
                with change.update_schema() as evolve:
                    evolve.union_by_name(rows.schema)
                change.overwrite(rows, overwrite_filter=without, snapshot_properties=dict(properties))
            made = found.current_snapshot()
            if made is None:
                raise UnknownTable(f"table {table} has no snapshot after a write")
            return int(made.snapshot_id)

        try:
            return self._again(table, attempt)
        except (ValidationError, ValueError, TypeError) as error:  # pyiceberg's words for columns that do not fit
            raise Invalid(f"the rows do not fit table {table}: {error}") from error

    def make_current(self, table: str, snapshot: int | str) -> None:
        """Let readers of the table see a snapshot that it has already; raises UnknownTable."""

        def attempt() -> None:
            found = self._load(table)
            if found.snapshot_by_id(int(snapshot)) is None:
                raise UnknownTable(f"table {table} has no snapshot {snapshot}")
            now = found.current_snapshot()
            if now is None or now.snapshot_id != int(snapshot):
                found.manage_snapshots().set_current_snapshot(int(snapshot)).commit()

        self._again(table, attempt)

    def columns(self, table: str, snapshot: int | str) -> tuple[str, ...]:
        """Name the columns that a snapshot has; raises UnknownTable."""
        found = self._load(table)
        held = found.snapshot_by_id(int(snapshot))
        if held is None:
            raise UnknownTable(f"table {table} has no snapshot {snapshot}")
        schema = found.schema() if held.schema_id is None else found.schemas()[held.schema_id]
        return tuple(field.name for field in schema.fields)

    def files(self, table: str, snapshot: int | str) -> LakeFiles:
        """Name the data files of a snapshot, for engines that read them by themselves; raises UnknownTable."""
        found = self._load(table)
        if found.snapshot_by_id(int(snapshot)) is None:
            raise UnknownTable(f"table {table} has no snapshot {snapshot}")
        tasks = list(found.scan(snapshot_id=int(snapshot)).plan_files())
        return LakeFiles(
            paths=tuple(task.file.file_path for task in tasks),
            rows=sum(task.file.record_count for task in tasks),
            size_bytes=sum(task.file.file_size_in_bytes for task in tasks),
            has_deletes=any(task.delete_files for task in tasks),
        )

    def expire(
        self,
        table: str,
        snapshots: Mapping[int, Collection[str]],
        *,
        untagged_before: datetime,
        spared: Collection[int] = (),
    ) -> frozenset[int]:
        """Forget snapshots, in one commit; their files stay until ``orphans`` names them.

        A snapshot that is current, or that bears a tag other than those given with it, is left. Snapshots without any tag, such
        as those between two steps of a write, are forgotten too when they are older than a time and not spared.

        Args: snapshots: ids, each with the tags that go with it.
        Returns: of the ids, those that the table does not have any more.
        """
        from pyiceberg.table.update.snapshot import ExpireSnapshots, ManageSnapshots

        def attempt() -> frozenset[int]:
            found = self._load(table)
            metadata = found.metadata
            known = {one.snapshot_id for one in metadata.snapshots}
            heads = {ref.snapshot_id for ref in metadata.refs.values() if ref.snapshot_ref_type == "branch"}
            tags: dict[int, set[str]] = {}
            for name, ref in metadata.refs.items():
                if ref.snapshot_ref_type == "tag":
                    tags.setdefault(ref.snapshot_id, set()).add(name)
            going = {
                one: tags.get(one, set())
                for one in known & set(snapshots)
                if one not in heads and tags.get(one, set()) <= set(snapshots[one])
            }
            limit = untagged_before.timestamp() * 1000
            for one in metadata.snapshots:
                is_free = one.snapshot_id not in heads and one.snapshot_id not in tags and one.snapshot_id not in spared
                if is_free and one.timestamp_ms < limit:
                    going.setdefault(one.snapshot_id, set())
            if going:
                with found.transaction() as change:
                    with ManageSnapshots(change) as refs:
                        for name in sorted({name for names in going.values() for name in names}):
                            refs.remove_tag(name)
                    with ExpireSnapshots(change) as expiry:
                        expiry.by_ids(sorted(going))
            return frozenset(snapshots) - (known - set(going))

        return self._again(table, attempt)

    def referenced(self, table: str) -> frozenset[str]:
        """Name every file that the table needs, below its own place: metadata, lists, manifests and data of all its snapshots."""
        found = self._load(table)
        metadata, home = found.metadata, found.location().rstrip("/") + "/"
        needed = {found.metadata_location, *(one.metadata_file for one in metadata.metadata_log)}
        needed |= {one.statistics_path for one in metadata.statistics}
        seen: set[str] = set()
        for snapshot in metadata.snapshots:
            needed.add(snapshot.manifest_list)
            for manifest in snapshot.manifests(found.io):
                if manifest.manifest_path not in seen:
                    seen.add(manifest.manifest_path)
                    entries = manifest.fetch_manifest_entry(found.io, discard_deleted=False)
                    needed.update(entry.data_file.file_path for entry in entries)
        return frozenset(path.removeprefix(home) for path in needed | seen)

    def place(self, table: str) -> str:
        """Where a table lies below the storage's address, with a slash at the end: ``lake/products/sales/leads/``."""
        root = self._warehouse.removesuffix("lake")
        return self._load(table).location().removeprefix(root).strip("/") + "/"

    def tag(self, table: str, name: str, snapshot: int | str) -> None:
        """Name a snapshot, which is then kept; the same name for the same snapshot again does nothing.

        Raises: Invalid: the name stands for another snapshot.  UnknownTable: no such table or snapshot.
        """

        def attempt() -> None:
            found = self._load(table)
            known = found.metadata.refs.get(name)
            if known is not None:
                if known.snapshot_id != int(snapshot):
                    raise Invalid(f"tag {name} of table {table} names another snapshot")
                return
            if found.snapshot_by_id(int(snapshot)) is None:
                raise UnknownTable(f"table {table} has no snapshot {snapshot}")
            found.manage_snapshots().create_tag(int(snapshot), name).commit()

        self._again(table, attempt)

    def move_tags(self, table: str, old: int | str, new: int | str) -> None:
        """Let all tags of a snapshot name another one of the same rows, in one commit; raises UnknownTable."""

        def attempt() -> None:
            found = self._load(table)
            if found.snapshot_by_id(int(new)) is None:
                raise UnknownTable(f"table {table} has no snapshot {new}")
            refs = found.metadata.refs.items()
            names = [name for name, ref in refs if ref.snapshot_ref_type == "tag" and ref.snapshot_id == int(old)]
            if names:
                with found.manage_snapshots() as change:
                    for name in sorted(names):
                        change.create_tag(int(new), name)

        self._again(table, attempt)

    def snapshots(self, table: str) -> tuple[LakeSnapshot, ...]:
        """All snapshots of a table, the oldest first; none when there is no such table."""
        if not self.exists(table):
            return ()
        metadata = self._load(table).metadata
        tags: dict[int, list[str]] = {}
        for name, ref in metadata.refs.items():
            if ref.snapshot_ref_type == "tag":
                tags.setdefault(ref.snapshot_id, []).append(name)
        return tuple(
            LakeSnapshot(
                id=one.snapshot_id,
                at=datetime.fromtimestamp(one.timestamp_ms / 1000, UTC),
                operation=one.summary.operation.value if one.summary else "",
                properties=dict(one.summary.additional_properties) if one.summary else {},
                tags=tuple(sorted(tags.get(one.snapshot_id, []))),
                data_files=_total(one, "total-data-files"),
                size_bytes=_total(one, "total-files-size"),
            )
            for one in metadata.snapshots
        )

    def find(self, table: str, key: str, value: str) -> int | None:
        """Id of the latest snapshot whose property ``key`` is ``value``, or None."""
        found = [one.id for one in self.snapshots(table) if one.properties.get(key) == value]
        return found[-1] if found else None

    def exists(self, table: str) -> bool:
        """Whether there is a table of this name."""
        return bool(self._catalog.table_exists(table))

    def version(self, table: str) -> str:
        """What names a table's present state, which every write changes; empty when there is no such table.

        It is read from the catalog alone, so that asking costs less than opening the table.
        """
        from pyiceberg.catalog.sql import IcebergTables

        namespace, _, name = table.rpartition(".")
        wanted = select(IcebergTables.metadata_location).filter_by(
            catalog_name=self._catalog.name, table_namespace=namespace, table_name=name
        )
        with self._catalog.engine.connect() as connection:
            return connection.execute(wanted).scalar() or ""

    def _write(
        self, table: str, rows: pa.Table | pa.RecordBatchReader, properties: Mapping[str, str], *, replace: bool
    ) -> int:
        def attempt() -> int:
            found = self._ensure(table, rows.schema)
            with found.transaction() as change:
                with change.update_schema() as evolve:
                    evolve.union_by_name(rows.schema)
                if replace and found.current_snapshot() is not None:
                    change.overwrite(rows, snapshot_properties=dict(properties))
                else:
                    change.append(rows, snapshot_properties=dict(properties))
            made = found.current_snapshot()
            if made is None:
                raise UnknownTable(f"table {table} has no snapshot after a write")
            return int(made.snapshot_id)

        from pyiceberg.exceptions import ValidationError

        try:
            return self._again(table, attempt, tries=_TRIES if isinstance(rows, pa.Table) else 1)
        except (ValidationError, ValueError, TypeError) as error:  # pyiceberg's words for columns that do not fit
            raise Invalid(f"the rows do not fit table {table}: {error}") from error

    def _ensure(self, table: str, schema: pa.Schema) -> Table:
        from pyiceberg.exceptions import NamespaceAlreadyExistsError, NoSuchTableError, TableAlreadyExistsError

        with contextlib.suppress(NoSuchTableError):
            return self._catalog.load_table(table)
        namespace = table.rpartition(".")[0]
        if not self._catalog.namespace_exists(namespace):
            with contextlib.suppress(NamespaceAlreadyExistsError, IntegrityError):  # another writer was faster
                self._catalog.create_namespace(namespace)
        try:
            return self._catalog.create_table(table, schema=schema)
        except TableAlreadyExistsError:
            return self._catalog.load_table(table)

    def _load(self, table: str) -> Table:
        from pyiceberg.exceptions import NoSuchTableError

        try:
            return self._catalog.load_table(table)
        except NoSuchTableError as error:
            raise UnknownTable(f"the lake has no table {table}") from error

    def _again(self, table: str, attempt: Callable[[], T], tries: int = _TRIES) -> T:
        """Try again when another writer committed in between, from the state it left."""
        from pyiceberg.exceptions import CommitFailedException

        for _ in range(tries - 1):
            try:
                return attempt()
            except CommitFailedException:
                continue
        try:
            return attempt()
        except CommitFailedException as error:
            raise LakeBusy(f"table {table} kept changing while it was written", hint="try again") from error


def _total(one: Snapshot, name: str) -> int:
    """A figure of a snapshot's summary."""
    return int(one.summary[name] or 0) if one.summary is not None else 0


@lru_cache(maxsize=8)
def _lake(database: Database, storage_url: str) -> Lake:
    return Lake(database, storage_url)


def lake_of(parts: Parts) -> Lake:
    """The lake of a running control plane; one for each database and storage."""
    return _lake(parts.database, parts.storage.url)
