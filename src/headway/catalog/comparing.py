"""Does a file have the columns of a contract? Missing optional columns are fine, others are not."""

from __future__ import annotations

from collections.abc import Iterable

from headway.catalog import contract as odcs
from headway.catalog.errors import ColumnsDiffer
from headway.kernel.errors import Fault


def compare_columns(contract: odcs.Contract, found: Iterable[str]) -> None:
    """Compare the columns found in a file with the contract's; the order is free, optional ones may be missing.

    Raises: ColumnsDiffer: with a fault for each column that is new, or required and missing.
    """
    there = set(found)
    known = {column.name: column for column in odcs.columns_of(contract)}
    lost = [column.name for column in known.values() if column.required and column.name not in there]
    new = sorted(there - set(known))
    if not lost and not new:
        return
    faults = [
        Fault(rule="missing_column", column=name, message=f"column {name!r} is required and not in the file")
        for name in lost
    ] + [Fault(rule="new_column", column=name, message=f"column {name!r} is not in the contract") for name in new]
    parts = ([f"lacks {', '.join(lost)}"] if lost else []) + ([f"also has {', '.join(new)}"] if new else [])
    raise ColumnsDiffer(
        f"the file does not have the columns of the contract: it {' and '.join(parts)}",
        hint="rename or leave out the columns, take another name for the product, or bring a new version of the contract",
        faults=faults,
    )
