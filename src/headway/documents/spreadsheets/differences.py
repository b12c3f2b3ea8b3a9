"""What a table that came back would change: row by row, field by field, before anything is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, Protocol

from headway.documents.spreadsheets.sheet import CellFault
from headway.kernel.canonical import digest
from headway.kernel.errors import Fault

Told = str | int | float | bool | list[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One row as the file wants it: only the fields that the file tells; None makes one empty."""

    table: str
    key: str
    title: str
    row: int
    fields: Mapping[str, Told]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field before and after."""

    field: str
    before: Told
    after: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """What a row of the file would do."""

    change: Literal["added", "changed"]
    table: str
    key: str
    title: str
    row: int
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What applying a file did."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPreview:
    """What a file that somebody sent would change. It is told anew each time; ``digest`` names exactly this.

    With ``faults`` it cannot be applied. Once it was, ``applied`` says what that did, and nothing else is told.
    """

    id: str
    kind: str
    filename: str
    digest: str
    changes: tuple[RowChange, ...]
    unchanged: int
    faults: tuple[CellFault, ...]
    unknown_columns: tuple[str, ...]
    notes: tuple[str, ...]
    made_by: str
    made_at: datetime
    expires_at: datetime
    applied_at: datetime | None
    applied: Summary | None


class Waiting(Protocol):
    """A file that waits, or waited, to be applied (``kernel.staging``)."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def filename(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def expires_at(self) -> datetime: ...
    @property
    def applied_at(self) -> datetime | None: ...
    @property
    def summary(self) -> dict[str, Any] | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What reading a file told beside its rows."""

    faults: tuple[CellFault, ...]
    unknown: tuple[str, ...]
    notes: tuple[str, ...]


def preview(waiting: Waiting, changes: tuple[RowChange, ...], unchanged: int, reading: Reading) -> ImportPreview:
    """Tell what a file that waits would change; the digest names file, differences and faults."""
    told = {"file": waiting.digest, **plain(changes, unchanged), "faults": [one.cell for one in reading.faults]}
    return ImportPreview(
        id=waiting.id,
        kind=waiting.kind,
        filename=waiting.filename,
        digest=digest(told),
        changes=changes,
        unchanged=unchanged,
        faults=reading.faults,
        unknown_columns=reading.unknown,
        notes=reading.notes,
        made_by=waiting.owner,
        made_at=waiting.created_at,
        expires_at=waiting.expires_at,
        applied_at=None,
        applied=None,
    )


def outcome(waiting: Waiting) -> ImportPreview:
    """Tell what applying a file did."""
    empty = preview(waiting, (), 0, Reading(faults=(), unknown=(), notes=()))
    return replace(empty, applied_at=waiting.applied_at, applied=Summary(**(waiting.summary or {})))


def fixable(looked_at: ImportPreview) -> list[Fault]:
    """The faults of a file as an error tells them."""
    return [Fault(rule="import.cell", column=f.cell, value=f.value, message=f.message) for f in looked_at.faults]


def compare(
    before: Mapping[tuple[str, str], Mapping[str, Told]], wanted: Iterable[Wanted]
) -> tuple[tuple[RowChange, ...], int]:
    """Tell what rows would change, and how many say what is there already.

    Args: before: what there is, by table and key, with every field.
    """
    changes, unchanged = [], 0
    for one in wanted:
        there = before.get((one.table, one.key))
        known: Mapping[str, Told] = there if there is not None else {}
        fields = tuple(
            FieldChange(field=name, before=known.get(name), after=value)
            for name, value in one.fields.items()
            if not _same(value, known.get(name))
        )
        if there is not None and not fields:
            unchanged += 1
            continue
        changes.append(
            RowChange(
                change="added" if there is None else "changed",
                table=one.table,
                key=one.key,
                title=one.title,
                row=one.row,
                fields=fields,
            )
        )
    return tuple(changes), unchanged


def _same(one: Told, other: Told) -> bool:
    """Whether two values say the same; yes is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def plain(changes: Sequence[RowChange], unchanged: int) -> dict[str, Any]:
    """Write differences as plain values, for the digest that names them."""
    return {
        "unchanged": unchanged,
        "changes": [
            [one.change, one.table, one.key, [[field.field, field.before, field.after] for field in one.fields]]
            for one in changes
        ],
    }


def summary(changes: Sequence[RowChange], unchanged: int) -> Summary:
    """Count differences."""
    added = sum(one.change == "added" for one in changes)
    return Summary(added=added, changed=len(changes) - added, unchanged=unchanged)


def twice(wanted: Iterable[tuple[str, str, str]]) -> list[CellFault]:
    """Find keys that a table tells more than once.

    Args: wanted: table, key and address of each row's key.
    """
    seen: dict[tuple[str, str], str] = {}
    faults = []
    for table, key, cell in wanted:
        if first := seen.get((table, key)):
            told = f"{cell} says the same as {first}; keep one of the two rows"
            faults.append(CellFault(cell=cell, column=None, value=key, message=told))
        seen.setdefault((table, key), cell)
    return faults
