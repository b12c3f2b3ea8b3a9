"""Northwind's customers with planted mistakes: set aside, mended with the truth, replayed, and held against that truth."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from sqlalchemy.orm import Session

from headway import catalog, demo
from headway.catalog import quarantine
from headway.catalog.quarantine import Edit, Mode
from headway.kernel.auth import Actor
from headway.kernel.database import Database
from headway.kernel.storage import Storage

ANN = Actor(ref="person:ann", name="Ann")
KEY = "customer_id"
WRITTEN = {
    "email": r"[a-z0-9.-]+@[a-z0-9.-]+\.[a-z]+",
    "postcode": r"[0-9]{5}",
    "phone": r"\+?[0-9 ()/-]{6,}",
}


def contract(columns: list[str]) -> str:
    rules = []
    for name in columns:
        pattern = f", logicalTypeOptions: {{pattern: '{WRITTEN[name]}'}}" if name in WRITTEN else ""
        kind = "timestamp" if name == "created_at" else "string"
        rules.append(f"  - {{name: {name}, logicalType: {kind}, required: true{pattern}}}")
    head = ("apiVersion: v3.1.0", "kind: DataContract", "id: customers", "version: 1.0.0", "status: active", "schema:")
    lines = (*head, "- name: customers", "  properties:", *rules)
    return "\n".join(lines)


def test_planted_mistakes_are_set_aside_and_mended_to_the_truth(
    database: Database, session: Session, storage: Storage, tmp_path: Path
) -> None:
    demo.generate(demo.northwind(rows=3000), tmp_path / "company")
    arriving = pl.read_parquet(tmp_path / "company/data/sales/north/customers.parquet")
    planted = pl.read_parquet(tmp_path / "company/truth/sales/north/customers-faults.parquet")
    kept = [name for name in arriving.columns if name == KEY or arriving[name].null_count() < arriving.height // 2]
    arriving = arriving.select(kept)
    spoilt = {(key, column): truth for key, column, truth in planted.select(KEY, "column", "true_value").iter_rows()}
    lake, text = catalog.Lake(database, storage.url), contract(kept)

    def bring(frame: pl.DataFrame, name: str) -> catalog.Registration:
        frame.write_parquet(tmp_path / name)
        return catalog.register_product(
            session, ANN, storage, lake, source=tmp_path / name, filename=name, department="sales", name="customers",
            contract_text=text,
        )  # fmt: skip

    faulty = {key for key, _ in spoilt}
    bring(arriving.filter(~pl.col(KEY).is_in(sorted(faulty))), "clean.parquet")
    quarantine.set_enforcement(session, ANN, "sales.customers", port="upload", mode=Mode.quarantine, reason="try")
    made = bring(arriving, "all.parquet")
    waiting = quarantine.list_rows(session, "sales.customers", limit=1000, unmasked=kept).items
    assert waiting
    told = {(row.values[KEY], reason.column) for row in waiting for reason in row.reasons}
    assert told <= set(spoilt)  # nothing is held back that was not planted
    missing = {(key, column) for key, column in spoilt if arriving.filter(pl.col(KEY) == key)[column][0] in (None, "")}
    assert missing <= told  # and everything that was left out is found
    edits = []
    for row in waiting:
        truth = {column: value for (key, column), value in spoilt.items() if key == row.values[KEY] and column in kept}
        edits.append(Edit(batch=row.batch, row=row.row, values=truth))
    places = quarantine.Places(storage=storage, lake=lake)
    fixed = quarantine.fix(session, ANN, places, "sales.customers", edits=edits, reason="asked the customers")
    assert (fixed.fixed, fixed.open) == (len(waiting), 0)
    assert quarantine.replay(session, ANN, places, "sales.customers").replayed == len(waiting)
    mended = {(row.values[KEY] or "") for row in waiting}
    product = catalog.get_product(session, "sales.customers")
    table = catalog.read_snapshot(lake, catalog.get_snapshot(session, product.snapshot_id or ""))
    expected = arriving.to_dicts()
    for row in expected:
        row.update({name: truth for (key, name), truth in spoilt.items() if key == row[KEY] and key in mended})
    assert table.height == arriving.height == made.snapshot.rows + len(waiting)
    assert table.select(kept).drop("created_at").to_dicts() == [
        {name: value for name, value in row.items() if name != "created_at"} for row in expected
    ]
