"""Companies as files: names and codes of regions, schema breaks, outages, delay, manifest, and a refusal to overwrite."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from headway import demo
from headway.kernel.canonical import file_digest
from tests.factories.company import company, plain, table

MAY = datetime(2025, 5, 1, tzinfo=UTC)


def test_a_region_writes_its_own_names_and_codes(tmp_path: Path) -> None:
    made = demo.generate(demo.northwind(rows=4000), tmp_path / "c")
    north, south = table(made, "data/sales/north/leads"), table(made, "data/sales/south/leads")
    assert north.columns[:3] == ["lead_id", "created_at", "source"]
    assert south.columns[:3] == ["lead_nr", "eingang", "herkunft"]
    assert set(south["herkunft"]) == {"Webformular", "Messe", "Partner", "Empfehlung", "Kaltliste"}
    assert set(south["bestandskunde"]) == {"ja", "nein"}
    assert north.schema["existing_customer"] == pl.Boolean
    assert set(south["abschluss"].drop_nulls()) == {"ja", "nein"}


def test_a_schema_break_starts_a_new_part_and_ends_with_it(tmp_path: Path) -> None:
    event = {"kind": "schema_break", "start": "2025-05-01", "until": "2025-06-01", "rename": {"source": "origin"}}
    event |= {"drop": ["job_level"], "column": "industry", "code": {"retail": "shops"}}
    made = company(tmp_path / "c", plain(events=[event]))
    before = table(made, "data/sales/north/leads")
    broken = table(made, "data/sales/north/leads.from-2025-05-01")
    after = table(made, "data/sales/north/leads.from-2025-06-01")
    assert before.columns == after.columns
    assert set(before.columns) - set(broken.columns) == {"source", "job_level"}
    assert "origin" in broken.columns
    assert set(broken["industry"]) == set(before["industry"]) - {"retail"} | {"shops"}
    assert set(after["industry"]) == set(before["industry"])
    assert before["created_at"].max() < MAY <= broken["created_at"].min()  # type: ignore[operator]  # times
    assert before.height + broken.height + after.height == 20_000


def test_events_change_nothing_but_what_they_are(tmp_path: Path) -> None:
    drift = {"kind": "drift", "start": "2025-05-01", "column": "pages_viewed", "factor": 3}
    calm = table(company(tmp_path / "calm", plain()), "data/sales/north/leads")
    moved = table(company(tmp_path / "moved", plain(events=[drift])), "data/sales/north/leads")
    same = ["lead_id", "created_at", "source", "industry", "company_size", "days_since_contact"]
    assert calm.select(same).equals(moved.select(same))
    before = pl.col("created_at") < MAY
    assert calm.filter(before).select("pages_viewed").equals(moved.filter(before).select("pages_viewed"))
    assert moved.filter(~before)["pages_viewed"].mean() > 2 * calm.filter(~before)["pages_viewed"].mean()  # type: ignore[operator]


def test_an_outage_loses_its_rows_and_the_truth_keeps_them(tmp_path: Path) -> None:
    outage = {"kind": "outage", "start": "2025-05-01", "until": "2025-05-03"}
    made = company(tmp_path / "c", plain(events=[outage]))
    calm = table(company(tmp_path / "calm", plain()), "data/sales/north/leads")
    leads, truth = table(made, "data/sales/north/leads"), table(made, "truth/sales/north/leads")
    inside = pl.col("created_at").is_between(MAY, datetime(2025, 5, 3, tzinfo=UTC), closed="left")
    lost = calm.filter(inside)["lead_id"]
    assert lost.len() > 50
    assert leads.filter(inside).height == 0
    assert truth.height == 20_000
    assert truth.filter(~pl.col("delivered"))["lead_id"].equals(lost)
    outcomes = table(made, "data/sales/north/outcomes")
    assert outcomes["lead_id"].is_in(lost.implode()).sum() == 0


def test_labels_are_told_when_they_are_known_and_not_before(tmp_path: Path) -> None:
    made = company(tmp_path / "c", plain())
    leads, truth = table(made, "data/sales/north/leads"), table(made, "truth/sales/north/leads")
    outcomes = table(made, "data/sales/north/outcomes")
    end = datetime(2025, 7, 20, tzinfo=UTC)
    known = truth["known_at"] < end
    assert (leads["converted"].is_not_null() == known).all()
    assert outcomes["lead_id"].equals(leads.filter(known)["lead_id"])
    assert outcomes["converted"].equals(leads.filter(known)["converted"])
    sold = pl.Series(pl.select(pl.when(truth["acted"]).then(truth["sold_with"]).otherwise(truth["sold_without"])))
    told = leads["converted"].is_not_null()
    assert (leads["converted"].filter(told) == "yes").equals(sold.filter(told))
    waited = (truth["known_at"] - leads["created_at"]).dt.total_seconds() / 86_400
    assert (waited.filter(~sold) == 30).all()
    assert waited.min() >= 2  # type: ignore[operator]  # days
    assert waited.max() == 30


def test_the_manifest_tells_files_rows_digests_and_events(tmp_path: Path) -> None:
    made = demo.generate(demo.northwind(rows=3000), tmp_path / "c")
    manifest = json.loads((made.folder / "manifest.json").read_text())
    listed = {file["path"]: file for file in manifest["files"]}
    on_disk = {p.relative_to(made.folder).as_posix() for p in made.folder.rglob("*") if p.is_file()}
    assert set(listed) == on_disk - {"manifest.json"}
    for path, file in listed.items():
        assert file["digest"] == file_digest(made.folder / path)
        assert file["rows"] == pl.read_parquet(made.folder / path).height
    south = listed["data/sales/south/leads.from-2025-10-01.parquet"]
    assert south["columns"]["funktion"] == "job_level"
    assert [event["name"] for event in manifest["events"]] == [event.name for event in demo.northwind().events]
    assert sum(one["rows"] for one in manifest["tables"]) == made.rows == 3000
    assert demo.read_spec(manifest["spec"]) == demo.northwind(rows=3000)


def test_csv_holds_the_same_as_parquet(tmp_path: Path) -> None:
    spec = demo.northwind(rows=3000)
    wide, flat = demo.generate(spec, tmp_path / "p"), demo.generate(spec, tmp_path / "c", file_format="csv")
    for path in ("data/sales/north/leads", "data/sales/south/outcomes", "truth/sales/north/leads"):
        left, right = table(wide, path), pl.read_csv(flat.folder / f"{path}.csv", try_parse_dates=True)
        assert right.columns == left.columns
        right = right.with_columns(pl.col(n).cast(t) for n, t in left.schema.items() if isinstance(t, pl.Datetime))
        assert right.cast(dict(left.schema)).equals(left)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("mine")
    with pytest.raises(demo.FolderTaken):
        demo.generate(demo.northwind(rows=1000), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["own.txt"]
    with pytest.raises(demo.FolderUnwritable):
        demo.generate(demo.northwind(rows=1000), tmp_path / "own.txt" / "below")
