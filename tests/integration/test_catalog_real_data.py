"""Real files: a bank's campaign, and tables known to be dirty. They lie beside the project, not in it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy.orm import Session

from headway import catalog
from headway.kernel.auth import Actor
from headway.kernel.database import Database
from headway.kernel.storage import Storage

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
BANK = DATA / "lead-scoring-bank-marketing" / "bank_additional_full.parquet"
ANN = Actor(ref="person:ann", name="Ann")


def needs(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not (DATA / name).exists(), reason=f"shared/data/{name} is not beside the project")


@pytest.fixture
def lake(database: Database, storage: Storage) -> catalog.Lake:
    made = catalog.Lake(database, storage.url)
    made.append("warm.up", pl.DataFrame({"n": [1]}).to_arrow(), {})
    return made


@needs("lead-scoring-bank-marketing")
@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_the_bank_file_becomes_a_product_in_seconds(
    session: Session, storage: Storage, lake: catalog.Lake, tmp_path: Path, form: str
) -> None:
    source = BANK
    if form == "csv":
        source = tmp_path / "bank.csv"
        pl.read_parquet(BANK).write_csv(source, separator=";")
    start = time.monotonic()
    made = catalog.register_product(
        session, ANN, storage, lake, source=source, filename=source.name, department="sales", name="leads", label="y"
    )
    assert time.monotonic() - start < 10
    assert made.snapshot.rows == made.quality.rows == 41_188
    assert made.quality.score == 1.0
    table: Any = made.product.contract["schema"]
    columns = {one["name"]: one for one in table[0]["properties"]}
    kinds = {name: one["logicalType"] for name, one in columns.items()}
    assert kinds["duration"] == kinds["age"] == kinds["pdays"] == "integer"
    assert kinds["emp.var.rate"] == kinds["cons.price.idx"] == kinds["euribor3m"] == "number"
    closed = {n: one["quality"][0]["arguments"]["validValues"] for n, one in columns.items() if "quality" in one}
    assert closed["contact"] == ["cellular", "telephone"]
    assert len(closed["job"]) == 12
    assert "unknown" in closed["job"]
    assert len(closed["month"]) == 12, "the file has ten months, a year has twelve"
    assert closed["y"] == ["no", "yes"]
    assert "logicalTypeOptions" not in columns["euribor3m"], "rates fell below zero years later"
    assert columns["age"]["logicalTypeOptions"] == {"minimum": 0, "maximum": 130}
    roles = catalog.roles_of(made.product.contract)
    assert (roles.label, roles.positive) == ("y", "yes")
    assert not any(column.is_restricted for column in catalog.columns_of(made.product.contract))
    frame = catalog.read_snapshot(lake, made.snapshot)
    assert frame.equals(pl.read_parquet(BANK))


@needs("lead-scoring-bank-marketing")
def test_a_contract_of_two_thirds_lets_the_rest_pass(tmp_path: Path) -> None:
    """The bank's rows are in order of time; what was inferred in 2009 must not refuse what came in 2010."""
    whole = pl.read_parquet(BANK)
    cut = 2 * whole.height // 3
    old, new = tmp_path / "old.parquet", tmp_path / "new.parquet"
    whole.head(cut).write_parquet(old)
    whole.tail(whole.height - cut).write_parquet(new)
    report = catalog.check_file(new, new.name, inferred(old, tmp_path))
    assert report.score >= 0.99


def inferred(source: Path, work: Path) -> str:
    from headway.catalog import contract, inference, profile
    from headway.catalog.adapters import files

    staged = files.stage(source, source.name, work)
    profiles = profile.profile(pl.scan_parquet(staged.path), staged.kinds, staged.rows)
    roles = catalog.Roles(label=None, positive=None, time=None, subject=None, exclude=())
    origin = inference.Origin(slug="a.b", name="b", department="a", filename=source.name, location="x")
    return contract.to_yaml(inference.infer(profiles, roles, origin, staged.read_as))


RULES: dict[str, dict[str, dict[str, Any]]] = {
    "beers": {
        "state": {"required": True},
        "abv": {"logicalTypeOptions": {"pattern": r"[0-9.]+"}},
        "ounces": {"logicalTypeOptions": {"pattern": r"[0-9]+(\.[0-9]+)?"}},
    },
    "flights": {
        "act_arr_time": {"required": True},
        "sched_dep_time": {"logicalTypeOptions": {"pattern": r"[0-9]{1,2}:[0-9]{2} [ap]\.m\."}},
    },
}


def contract_of(name: str, clean: pl.DataFrame) -> str:
    """Rules that the clean table holds: closed sets from it, and those written above."""
    import json

    properties: list[dict[str, Any]] = []
    for column in clean.columns:
        one: dict[str, Any] = {"name": column, **RULES.get(name, {}).get(column, {})}
        if name == "hospital" and clean[column].n_unique() <= 60:
            closed = sorted(clean[column].drop_nulls().unique().to_list())
            one["quality"] = [{"metric": "invalidValues", "arguments": {"validValues": closed}, "mustBe": 0}]
        properties.append(one)
    contract = {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": name, "version": "1.0.0", "status": "active",
        "schema": [{"name": name, "properties": properties}],
    }  # fmt: skip
    return json.dumps(contract)


def failing_cells(name: str, dirty: pl.DataFrame, clean: pl.DataFrame) -> set[tuple[int, str]]:
    """What breaks those rules, found without the platform."""
    import re

    found: set[tuple[int, str]] = set()
    for column in dirty.columns:
        values = [value or None for value in dirty[column].to_list()]
        rules = RULES.get(name, {}).get(column, {})
        options: Any = rules.get("logicalTypeOptions", {})
        closed = set(clean[column].to_list()) if name == "hospital" and clean[column].n_unique() <= 60 else None
        for row, value in enumerate(values, start=1):
            fails = rules.get("required") and value is None
            fails = fails or (
                value is not None and "pattern" in options and not re.fullmatch(options["pattern"], value)
            )
            if fails or (closed is not None and value is not None and value not in closed):
                found.add((row, column))
    return found


@pytest.mark.parametrize("folder", ["dirty-data-beers", "dirty-data-flights", "dirty-data-hospital"])
def test_every_cell_that_breaks_a_rule_is_found_in_dirty_tables(folder: str, tmp_path: Path) -> None:
    if not (DATA / folder).exists():
        pytest.skip(f"shared/data/{folder} is not beside the project")
    name = folder.removeprefix("dirty-data-")
    dirty, clean = (pl.read_parquet(DATA / folder / f"{kind}.parquet") for kind in ("dirty", "clean"))
    contract = contract_of(name, clean)
    wanted = failing_cells(name, dirty, clean)
    assert wanted, "the table is dirty"
    report = catalog.check_file(DATA / folder / "dirty.parquet", "dirty.parquet", contract)
    assert report.fault_count == len(wanted)
    assert report.failed_rows == len({row for row, _ in wanted})
    assert {(fault.row, fault.column) for fault in report.faults} <= wanted
    wrong = {
        (row, column)
        for column in dirty.columns
        for row, (one, other) in enumerate(zip(dirty[column], clean[column], strict=True), start=1)
        if (one or "") != (other or "")
    }
    precision = len(wanted & wrong) / len(wanted)
    assert precision > 0.9, "what breaks a rule of the clean table is an error that was planted"
