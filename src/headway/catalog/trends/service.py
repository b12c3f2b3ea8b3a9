"""Count each new snapshot, hold it to what earlier ones let expect, and tell its history."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl
from sqlalchemy.orm import Session

from headway import ledger
from headway.catalog import contract as odcs
from headway.catalog import reporting
from headway.catalog.entities import Registration
from headway.catalog.errors import UnknownProduct
from headway.catalog.store import product as product_of
from headway.catalog.trends import store
from headway.catalog.trends.entities import Deviation, TrendPoint
from headway.catalog.trends.figures import figures_of, judge
from headway.catalog.trends.parts import parts_of
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.paging import Page

REMEMBERED: Final = 30
"""Earlier snapshots that bands rest on at most."""


def take(session: Session, actor: Actor, made: Registration, rows: Path, faults: Path | None) -> tuple[Deviation, ...]:
    """Count a snapshot that was just registered; what leaves its band is kept and told to the product's people.

    Args: rows: its rows with their numbers. faults: row, rule's place, value.
    """
    if store.has_figures(session, made.snapshot.id):
        return ()
    contract = made.product.contract
    kinds = odcs.kinds_of(contract)
    hidden = reporting.restricted_columns(contract)
    past = store.earlier(session, made.snapshot, REMEMBERED)
    now = figures_of(pl.scan_parquet(rows), kinds, hidden, past[-1] if past else None)
    found = judge(past, now)
    parts = parts_of(rows, contract, made.quality, faults)
    store.add(session, made.snapshot, now, parts, (found, clock.now()))
    if found:
        payload = {
            "snapshot": made.snapshot.id,
            "deviations": len(found),
            "what": ", ".join(in_words(one) for one in found[:3]),
        }
        ledger.record(session, actor=actor, type="product.unusual", subject=made.product.ref, payload=payload)
    return found


def history(session: Session, slug: str, *, limit: int = 30, cursor: str | None = None) -> Page[TrendPoint]:
    """A product's snapshots with failures by rule and part and with deviations, newest first; raises UnknownProduct."""
    if product_of(session, slug) is None:
        raise UnknownProduct(f"there is no data product {slug!r}", hint="'headway product list' names them")
    return store.points(session, slug, limit, cursor)


def in_words(one: Deviation) -> str:
    """A deviation for people: ``missing values of email 0.4, expected 0.01 to 0.05``."""
    names = {"rows": "rows", "missing": f"missing values of {one.column}", "spread": f"spread of {one.column}"}
    return f"{names[one.figure]} {one.value:.6g}, expected {one.low:.4g} to {one.high:.4g}"
