"""Which tables a company has, how many rows each, and in which blocks they are made."""

from __future__ import annotations

from collections.abc import Iterator

from headway.demo.place import Place
from headway.demo.spec import Spec
from headway.demo.streams import BLOCK_ROWS


def places(spec: Spec) -> tuple[Place, ...]:
    """All tables in all regions; their rows sum to ``spec.rows`` exactly (largest remainders)."""
    wanted = [
        (department, region, table, part * region.share)
        for department in spec.departments
        for table, part in department.tables.items()
        for region in department.regions
    ]
    whole = sum(weight for *_, weight in wanted)
    exact = [spec.rows * weight / whole for *_, weight in wanted]
    counts = [int(rows) for rows in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: (counts[index] - exact[index], index))
    for index in by_remainder[: spec.rows - sum(counts)]:
        counts[index] += 1
    return tuple(
        Place(spec=spec, department=department, region=region, table=table, rows=rows)
        for (department, region, table, _), rows in zip(wanted, counts, strict=True)
    )


def blocks(place: Place) -> Iterator[tuple[int, int, int]]:
    """Number, first row and count of rows of each block."""
    for block, first in enumerate(range(0, place.rows, BLOCK_ROWS)):
        yield block, first, min(BLOCK_ROWS, place.rows - first)
