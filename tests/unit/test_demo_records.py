"""Master records: the truth covers exactly the planted doubles and mistakes, and their shares are the planted ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from headway import demo
from headway.demo.kinds import KINDS
from tests.factories.company import company, plain, table

MASTERS = ("customers", "vendors", "employees", "products")


def made(folder: Path, name: str, rows: int = 12_000, **changes: Any) -> demo.Company:
    """A company that keeps one table of master records."""
    regions = [{"name": "north", "share": 1, "language": changes.pop("language", "en")}]
    return company(
        folder, plain(rows=rows, departments=[{"name": "d", "tables": {name: 1}, "regions": regions}], **changes)
    )


@pytest.mark.parametrize("name", MASTERS)
def test_each_entity_has_one_first_record_and_the_planted_share_are_doubles(name: str, tmp_path: Path) -> None:
    truth = table(made(tmp_path / "c", name, records={"duplicate_share": 0.15}), f"truth/d/north/{name}")
    assert truth["is_duplicate"].sum() == round(12_000 * 0.15)
    first = truth.filter(~pl.col("is_duplicate"))
    assert first["entity"].n_unique() == first.height
    assert set(truth["entity"]) == set(first["entity"])
    assert truth[truth.columns[0]].n_unique() == 12_000


@pytest.mark.parametrize("name", MASTERS)
def test_without_mistakes_doubles_are_alike_and_different_entities_differ(name: str, tmp_path: Path) -> None:
    clean = {"duplicate_share": 0.3, "duplicate_error_share": 0, "error_share": 0}
    c = made(tmp_path / "c", name, records=clean)
    rows = table(c, f"data/d/north/{name}").with_columns(table(c, f"truth/d/north/{name}")["entity"])
    own = [column for column in rows.columns[2:] if column != "entity"]
    assert rows.group_by("entity").agg(pl.col(own).n_unique()).select(pl.col(own).max()).row(0) == (1,) * len(own)
    assert rows.select(own).unique().height == rows["entity"].n_unique()
    assert not any(path.stem.endswith("-faults") for path in c.folder.rglob("*"))


@pytest.mark.parametrize(
    ("name", "language"), [("customers", "de"), ("vendors", "en"), ("employees", "de"), ("products", "en")]
)
def test_the_truth_lists_exactly_the_cells_that_are_wrong(name: str, language: str, tmp_path: Path) -> None:
    wrong, right = {"duplicate_error_share": 0.4, "error_share": 0.05}, {"duplicate_error_share": 0, "error_share": 0}
    calm = table(made(tmp_path / "right", name, language=language, records=right), f"data/d/north/{name}")
    c = made(tmp_path / "wrong", name, language=language, records=wrong)
    hit, faults = table(c, f"data/d/north/{name}"), table(c, f"truth/d/north/{name}-faults")
    key = hit.columns[0]
    found = []
    for column in hit.columns[1:]:
        rows = pl.DataFrame({key: hit[key], "true": calm[column], "came": hit[column]}).filter(
            ~pl.col("true").eq_missing(pl.col("came"))
        )
        texts = (rows[key], rows["true"].cast(pl.String), rows["came"].cast(pl.String).fill_null(""))
        found += [(record, column, true, came) for record, true, came in zip(*texts, strict=True)]
    assert sorted(found) == sorted(faults.iter_rows())
    assert len(found) > 300


def test_mistakes_are_as_frequent_as_planted(tmp_path: Path) -> None:
    planted = {"duplicate_share": 0.4, "duplicate_error_share": 0.3, "error_share": 0.04}
    c = made(tmp_path / "c", "employees", rows=30_000, records=planted)
    missing = table(c, "data/d/north/employees")["born"].is_null()  # whose only mistake always shows
    again = table(c, "truth/d/north/employees")["is_duplicate"]
    for share, rows in ((0.3, missing.filter(again)), (0.04, missing.filter(~again))):
        assert abs(float(rows.mean()) - share) < 4 * np.sqrt(share * (1 - share) / rows.len())  # type: ignore[arg-type]


def test_doubles_lie_far_apart_and_over_blocks(tmp_path: Path) -> None:
    c = made(tmp_path / "c", "customers", rows=140_000)  # three blocks
    truth = table(c, "truth/d/north/customers").with_row_index("at")
    assert truth["is_duplicate"].sum() == round(140_000 * 0.08)
    pairs = truth.filter(pl.col("is_duplicate")).join(truth.filter(~pl.col("is_duplicate")), on="entity")
    apart = (pairs["at"].cast(pl.Int64) - pairs["at_right"].cast(pl.Int64)).abs()
    assert pairs.height == round(140_000 * 0.08)
    assert 30_000 < apart.median() < 60_000  # type: ignore[operator]  # of two random places: about 41,000


def test_an_outage_loses_records_and_their_mistakes(tmp_path: Path) -> None:
    outage = {"kind": "outage", "department": "d", "table": "vendors", "start": "2025-03-03", "until": "2025-03-10"}
    c = made(tmp_path / "c", "vendors", records={"error_share": 0.3}, events=())
    data = plain(rows=12_000, events=[outage], records={"error_share": 0.3})
    data["departments"] = [{"name": "d", "tables": {"vendors": 1}, "regions": [{"name": "north", "share": 1}]}]
    hit = company(tmp_path / "hit", data)
    all_of_them, rest = table(c, "data/d/north/vendors"), table(hit, "data/d/north/vendors")
    at = pl.col("created_at")
    gone = at.is_between(datetime(2025, 3, 3, tzinfo=UTC), datetime(2025, 3, 10, tzinfo=UTC), closed="left")
    assert all_of_them.filter(~gone).equals(rest)
    assert rest.height < all_of_them.height
    assert set(table(hit, "truth/d/north/vendors-faults")["vendor_id"]) <= set(rest["vendor_id"])


def test_names_and_places_are_in_the_language_of_the_region(tmp_path: Path) -> None:
    german = table(made(tmp_path / "de", "customers", language="de"), "data/d/north/customers")
    english = table(made(tmp_path / "en", "customers"), "data/d/north/customers")
    assert german["street"].str.contains("straße").mean() > 0.8  # type: ignore[operator]
    assert set(german["country"]) == {"DE"}
    assert english["company"].str.ends_with("Ltd").mean() > 0.2  # type: ignore[operator]
    assert german["email"].drop_nulls().str.contains("[äöüß]").sum() == 0


def test_every_table_says_its_files_and_times() -> None:
    for name, kind in KINDS.items():
        assert next(iter(kind.files)) == name
        assert all(kind.times[file] in columns for file, columns in kind.files.items())
