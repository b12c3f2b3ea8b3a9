"""The history of a product's snapshots: failures by rule and part, what each rule costs, and what was unusual."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from sqlalchemy.orm import Session

from headway import catalog, ledger
from headway.catalog import bands, trends
from headway.kernel.auth import Actor
from headway.kernel.database import Database
from headway.kernel.ids import Ref
from headway.kernel.storage import Storage

ANN = Actor(ref="person:ann", name="Ann")
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: sales
version: 1.0.0
status: active
schema:
- name: sales
  properties:
  - {name: region, logicalType: string, partitioned: true, partitionKeyPosition: 1}
  - {name: amount, logicalType: integer, required: true, logicalTypeOptions: {minimum: 0, maximum: 90}}
"""


def test_history_tells_rules_parts_and_what_was_unusual(
    database: Database, session: Session, storage: Storage, tmp_path: Path
) -> None:
    lake = catalog.Lake(database, storage.url)

    def bring(name: str, amounts: list[int | None]) -> catalog.Registration:
        path = tmp_path / name
        regions = [("north", "south")[n % 2] for n in range(len(amounts))]
        pl.DataFrame({"region": regions, "amount": amounts}).write_csv(path)
        return catalog.register_product(
            session, ANN, storage, lake, source=path, filename=name, department="sales", name="sums",
            contract_text=CONTRACT,
        )  # fmt: skip

    for turn in range(bands.FEWEST):
        bring(f"{turn}.csv", [(n * 7 + turn) % 80 for n in range(50 + turn % 3)])
    first, *_ = trends.history(session, "sales.sums").items
    assert (first.deviations, first.score) == ((), 1.0)
    made = bring("odd.csv", [None, -5, 95, *range(80), *range(80)])
    point = trends.history(session, "sales.sums").items[0]
    assert point.snapshot_id == made.snapshot.id
    assert {rule: failed for rule, failed in point.rules.items() if failed} == {
        "amount.required": 1, "amount.minimum": 1, "amount.maximum": 1,
    }  # fmt: skip
    assert [(one.part, one.rows, one.failed_rows, dict(one.rules)) for one in point.parts] == [
        ("north", 82, 2, {"amount.required": 1, "amount.maximum": 1}),
        ("south", 81, 1, {"amount.minimum": 1}),
    ]
    assert sum(one.rows for one in point.parts) == point.rows
    assert [(one.figure, one.column, one.reports) for one in point.deviations] == [("rows", None, bands.FEWEST)]
    assert sum(rule.cost for rule in made.quality.rules) == pytest.approx(1 - made.quality.score)
    (event,) = ledger.find(session, subject=Ref("product", "sales.sums"), type="product.unusual").items
    assert event.actor == "person:ann"
    page = trends.history(session, "sales.sums", limit=2)
    rest = trends.history(session, "sales.sums", limit=50, cursor=page.next)
    assert len(page.items) + len(rest.items) == bands.FEWEST + 1
