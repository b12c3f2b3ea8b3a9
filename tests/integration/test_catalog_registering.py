"""Registering files on a real database and a real lake."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from sqlalchemy.orm import Session

from headway import catalog
from headway.kernel.auth import Actor
from headway.kernel.database import Database
from headway.kernel.storage import Storage

ANN = Actor(ref="person:ann", name="Ann")


@pytest.fixture
def lake(database: Database, storage: Storage) -> catalog.Lake:
    return catalog.Lake(database.url, storage.url)


def leads(path: Path, rows: int = 300, **changed: list[object]) -> Path:
    columns: dict[str, list[object]] = {
        "lead_id": [f"L-{n:05d}" for n in range(rows)],
        "email": [f"person{n}@example.org" for n in range(rows)],
        "channel": [("web", "fair", "phone")[n % 3] for n in range(rows)],
        "visits": [n % 17 for n in range(rows)],
        "won": [("yes", "no")[n % 4 != 0] for n in range(rows)],
    }
    pl.DataFrame(columns | changed, strict=False).write_csv(path)
    return path


def register(session: Session, storage: Storage, lake: catalog.Lake, source: Path, **more: object) -> catalog.Registration:
    options: dict[str, object] = {"department": "Sales", "name": "leads", "label": "won"} | more
    return catalog.register_product(session, ANN, storage, lake, source=source, filename=source.name, **options)  # type: ignore[arg-type]


def test_a_file_becomes_a_product(session: Session, storage: Storage, lake: catalog.Lake, tmp_path: Path) -> None:
    made = register(session, storage, lake, leads(tmp_path / "leads.csv"))
    assert made.product.slug == "sales.leads"
    assert made.quality.score == 1.0
    frame = catalog.read_snapshot(lake, made.snapshot)
    assert frame.height == 300
    assert frame["lead_id"].to_list() == [f"L-{n:05d}" for n in range(300)]
