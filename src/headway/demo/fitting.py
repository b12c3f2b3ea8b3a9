"""Names in a spec and what they stand for: files, columns, values, weights; and what is told when they stand for nothing."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from headway.demo.columns import Category, Number
from headway.demo.kinds import KINDS
from headway.demo.spec import Department, Shares
from headway.kernel.errors import Fault


def files_of(department: Department) -> dict[str, tuple[str, ...]]:
    """The files of a department's tables and their columns."""
    return {file: names for table in department.tables if table in KINDS for file, names in KINDS[table].files.items()}


def column_of(department: Department, key: str) -> Category | Number | None:
    """The drawn column behind ``table.column``."""
    table, _, name = key.partition(".")
    if table not in department.tables or table not in KINDS:
        return None
    return next((column for column in KINDS[table].drawn if column.name == name), None)


def mix(where: str, department: Department, key: str, shares: Shares) -> Iterator[Fault]:
    """Tell what is wrong with the shares of a category's values."""
    column = column_of(department, key)
    if not isinstance(column, Category):
        yield fault(where, "is no category of a table of this department (TABLE.COLUMN)")
        return
    for level in shares:
        if level not in column.levels:
            yield fault(f"{where}.{level}", "is no value; the values are " + ", ".join(column.levels))
    if not math.isclose(sum(shares.values()), 1, abs_tol=1e-6):
        yield fault(where, "the shares must sum to 1")


def coded(where: str, department: Department, key: str, codes: Mapping[str, str]) -> Iterator[Fault]:
    """Tell what is wrong with the ways in which values are written."""
    levels = levels_of(department, key)
    if not levels:
        yield fault(where, "is no category or flag of a table of this department (FILE.COLUMN)")
        return
    for level in codes:
        if level not in levels:
            yield fault(f"{where}.{level}", "is no value; the values are " + ", ".join(levels))
    yield from repeated(where, (codes.get(level, level) for level in levels))


def levels_of(department: Department, key: str) -> tuple[str, ...]:
    """The values that ``file.column`` may have, for categories and flags; else none."""
    file, _, name = key.partition(".")
    if name not in files_of(department).get(file, ()):
        return ()
    column = column_of(department, key)
    if isinstance(column, Category):
        return column.levels
    known = (KINDS[table].levels for table in department.tables if table in KINDS)
    return next((levels[key] for levels in known if key in levels), ())


def weights(where: str, names: Iterable[str], known: frozenset[str]) -> Iterator[Fault]:
    """Tell which weights name nothing that the table's model knows."""
    for name in names:
        if name not in known:
            yield fault(f"{where}.{name}", "is no weight of this table; the weights are " + ", ".join(sorted(known)))


def repeated(where: str, names: Iterable[str]) -> Iterator[Fault]:
    """Tell which names occur more than once."""
    for name, times in Counter(names).items():
        if times > 1 and name:
            yield fault(where, f"{name!r} is there {times} times")


def fault(where: str, message: str) -> Fault:
    """A fault at a place of the spec."""
    return Fault(rule="spec", column=where, message=message)
