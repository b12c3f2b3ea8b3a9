"""Cleaning suggestions for what is registered: looked for when asked, never applied by themselves."""

from __future__ import annotations

import polars as pl
from sqlalchemy.orm import Session

from headway.catalog import cleaning, reporting
from headway.catalog.adapters.lake import Lake
from headway.catalog.entities import CleaningSuggestion, SuggestionPage
from headway.catalog.service.reading import get_product, get_snapshot, offset_of, read_snapshot
from headway.kernel.errors import Invalid, TooLarge

MOST_CELLS = 10_000_000
"""Larger snapshots are not looked through while somebody waits."""


def suggest(
    session: Session,
    lake: Lake,
    slug: str,
    *,
    column: str | None = None,
    least: float = 0.5,
    limit: int = 100,
    cursor: str | None = None,
) -> SuggestionPage:
    """A page of doubted cells of a product's current snapshot, by column and row, with the repairs proposed.

    Restricted columns are left out, because evidence quotes values; ``left_out`` names them.

    Args: column: only of this one; least: lowest probability that a cell is wrong, 0 to 1.
    Raises: UnknownProduct; Invalid: no such column or cursor; TooLarge: over ``MOST_CELLS`` cells.
    """
    product = get_product(session, slug)
    snapshot = get_snapshot(session, product.snapshot_id or "")
    left_out = reporting.restricted_columns(product.contract)
    names = [name for name in product.columns if name not in left_out]
    if column is not None and column not in names:
        raise Invalid(f"{column!r} is not among the columns that are looked at: {', '.join(names)}")
    if snapshot.rows * len(names) > MOST_CELLS:
        raise TooLarge(f"a snapshot of {snapshot.rows:,} rows is not looked through; {MOST_CELLS:,} cells are the most")
    start = offset_of(cursor)
    found = cleaning.detect(read_snapshot(lake, snapshot).select(names), product.contract).frame
    wanted = pl.col("confidence") >= least
    chosen = found.filter(wanted if column is None else wanted & (pl.col("column") == column))
    page = chosen.slice(start, limit).rename({"value": "old", "proposed": "new"})
    return SuggestionPage(
        product=slug,
        snapshot_id=snapshot.id,
        left_out=tuple(name for name in product.columns if name in left_out),
        items=tuple(CleaningSuggestion(**one) for one in page.iter_rows(named=True)),
        next=str(start + limit) if start + limit < chosen.height else None,
        total=chosen.height,
    )
