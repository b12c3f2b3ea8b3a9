"""Contracts that we write pass the lint of datacontract-cli, and what it refuses is seen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from headway import catalog
from headway.catalog import contract as odcs
from headway.catalog import inference, profile
from headway.catalog.entities import Roles
from headway.catalog.service import infer_contract
from tests.factories.papers import exported_by_datacontract, linted_by_datacontract

ROWS = 240
WHOLE = """
apiVersion: v3.1.0
kind: DataContract
id: orders
version: 2.0.0
status: active
team: {name: sales, members: [{username: ann, role: owner}]}
slaProperties: [{property: latency, value: 24, unit: h, element: orders.placed}]
schema:
  - name: orders
    logicalType: object
    relationships: [{type: foreignKey, from: [orders.shop], to: [shops.id]}]
    quality: [{metric: rowCount, mustBeGreaterThan: 0}]
    properties:
      - {name: order_id, logicalType: string, primaryKey: true, logicalTypeOptions: {pattern: "^O[0-9]+$"}}
      - {name: shop, logicalType: integer, required: true}
      - name: placed
        logicalType: date
        customProperties: [{property: dateFormats, value: ["%Y-%m-%d"]}]
      - name: amount
        logicalType: number
        logicalTypeOptions: {minimum: 0, exclusiveMaximum: 10000}
        customProperties: [{property: unit, value: EUR}]
        quality: [{metric: nullValues, mustBeLessThan: 5, unit: percent}]
"""


def table() -> pl.DataFrame:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return pl.DataFrame(
        {
            "customer_id": [f"C{number:05d}" for number in range(ROWS)],
            "channel": [("web", "fair", "phone")[number % 3] for number in range(ROWS)],
            "email": [f"ann{number}@example.org" for number in range(ROWS)],
            "age": [20 + number % 50 for number in range(ROWS)],
            "amount": [number / 7 if number % 9 else None for number in range(ROWS)],
            "born": [date(1980, 1, 1) + timedelta(days=number) for number in range(ROWS)],
            "seen_at": [start + timedelta(hours=number) for number in range(ROWS)],
            "is_member": [number % 2 == 0 for number in range(ROWS)],
            "won": [("yes", "no")[number % 2] for number in range(ROWS)],
        }
    )


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_an_inferred_contract_passes(tmp_path: Path, kind: str) -> None:
    source = tmp_path / f"customers.{kind}"
    table().write_csv(source) if kind == "csv" else table().write_parquet(source)
    made = infer_contract(source, source.name, department="sales")
    assert {one.kind for one in catalog.columns_of(made.contract)} >= {"string", "integer", "number", "boolean", "date"}
    assert linted_by_datacontract(tmp_path, made.yaml) == ""


def test_the_contract_of_a_product_passes(tmp_path: Path) -> None:
    """As registering makes it: with a server, a label, a time and columns left out."""
    frame = table()
    kinds = catalog.columns_of(infer_contract_of(frame, tmp_path))
    profiles = profile.profile(frame.lazy(), {one.name: one.kind for one in kinds}, ROWS)
    roles = Roles(label="won", positive="yes", time="seen_at", subject="customer_id", exclude=("born",))
    origin = inference.Origin(
        slug="sales.customers",
        name="customers",
        department="sales",
        filename="c.csv",
        location="products.sales.customers",
    )
    assert linted_by_datacontract(tmp_path, catalog.to_yaml(inference.infer(profiles, roles, origin))) == ""


def infer_contract_of(frame: pl.DataFrame, folder: Path) -> odcs.Contract:
    frame.write_parquet(folder / "c.parquet")
    return infer_contract(folder / "c.parquet", "c.parquet").contract


def test_a_contract_that_people_wrote_passes_as_we_give_it_back(tmp_path: Path) -> None:
    assert linted_by_datacontract(tmp_path, catalog.to_yaml(odcs.parse(WHOLE))) == ""


def test_what_the_standard_refuses_is_seen(tmp_path: Path) -> None:
    assert "uint" in linted_by_datacontract(tmp_path, WHOLE.replace("logicalType: integer", "logicalType: uint"))


def test_what_datacontract_cli_exports_is_read_as_what_it_was(tmp_path: Path) -> None:
    source = tmp_path / "customers.parquet"
    table().write_parquet(source)
    for yaml_text in (infer_contract(source, source.name, department="sales").yaml, catalog.to_yaml(odcs.parse(WHOLE))):
        back = odcs.parse(exported_by_datacontract(tmp_path, yaml_text))
        assert back == odcs.parse(yaml_text)
        assert catalog.contract_digest(back) == catalog.contract_digest(odcs.parse(yaml_text))
