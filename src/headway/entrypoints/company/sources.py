"""Data that is read where it lies: Finance keeps its payments in a database of its own, and lets the catalog read what is new."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from headway.entrypoints.company.inventory import Act
from headway.entrypoints.company.plan import LIVE, Plan
from headway.entrypoints.company.scene import Scene

KEEPER: Final = "paul"
PRODUCT: Final = "finance.payments"
PORT: Final = "bookkeeping"
MISTYPED: Final = "see receipt"
"""What somebody wrote where an amount belongs; the catalog puts the row into quarantine."""
FIRST, SECOND = LIVE - 12, LIVE - 3


def acts(plan: Plan, data: Path) -> Iterator[Act]:
    """Read once whole, and nine days later what is new."""
    yield Act(FIRST, 9, lambda scene: _first(scene, plan, data))
    yield Act(SECOND, 9, lambda scene: _again(scene, plan, data))


def entered(data: Path, before: datetime) -> pl.DataFrame:
    """The payments that were entered before a time, numbered as they came."""
    found = pl.read_parquet(data / "data" / "finance" / "north" / "payments.parquet")
    time = next(name for name, kind in found.schema.items() if isinstance(kind, pl.Datetime))
    return found.filter(pl.col(time) < before).sort(time).with_row_index("entry", offset=1)


def _first(scene: Scene, plan: Plan, data: Path) -> None:
    _keep(scene, entered(data, plan.at(FIRST)))
    settings = {"url": "sqlite:///books.db", "table": "payments", "cursor": "entry"}
    body = {"name": PORT, "kind": "sql", "settings": settings}
    scene.as_(KEEPER).post(f"/products/{PRODUCT}/ports", body)
    _read(scene)


def _again(scene: Scene, plan: Plan, data: Path) -> None:
    known = entered(data, plan.at(FIRST)).height
    _keep(scene, entered(data, plan.at(SECOND)).filter(pl.col("entry") > known))
    with closing(_books(scene)) as books, books:
        books.execute("update payments set amount = ? where entry = ?", (MISTYPED, known + 1))
    _read(scene)


def _read(scene: Scene) -> None:
    paul = scene.as_(KEEPER)
    paul.wait(paul.post(f"/products/{PRODUCT}/ports/{PORT}/run")["job"])


def _books(scene: Scene) -> sqlite3.Connection:
    folder = scene.parts.settings.home / "sources" / "finance"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return sqlite3.connect(folder / "books.db")


def _keep(scene: Scene, rows: pl.DataFrame) -> None:
    """What bookkeeping does: enter rows."""
    dated = [name for name, kind in rows.schema.items() if kind.is_temporal()]
    plain = rows.with_columns(pl.col(name).dt.to_string("iso:strict") for name in dated)
    columns = ", ".join(f'"{name}"' for name in plain.columns)
    with closing(_books(scene)) as books, books:
        books.execute(f"create table if not exists payments ({columns})")
        marks = ", ".join("?" for _ in plain.columns)
        books.executemany(f"insert into payments values ({marks})", plain.rows())  # noqa: S608  no value in it
