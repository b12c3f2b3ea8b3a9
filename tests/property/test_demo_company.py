"""What holds for any company: a seed is one company byte for byte, and the truth covers exactly what was spoiled."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from headway import demo
from headway.demo import planning, streams
from tests.factories.company import company, plain, table

FAULTS = st.lists(
    st.sampled_from(
        [
            ("source", "unknown"),
            ("source", "missing"),
            ("company_size", "scaled"),
            ("pages_viewed", "negative"),
            ("days_since_contact", "negative"),
            ("days_since_contact", "missing"),
            ("existing_customer", "missing"),
        ]
    ),
    max_size=4,
)


def digests(made: demo.Company) -> dict[str, str]:
    """Each file's digest."""
    return {file.path: file.digest for file in made.files}


@settings(max_examples=5, deadline=None, phases=[Phase.explicit, Phase.generate])  # a whole company is slow to shrink
@given(seed=st.integers(0, 2**53 - 1), rows=st.integers(1000, 3000), file_format=st.sampled_from(["parquet", "csv"]))
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(seed: int, rows: int, file_format: Any) -> None:
    with tempfile.TemporaryDirectory() as name:
        spec = demo.northwind(rows=rows, seed=seed)
        one = demo.generate(spec, Path(name) / "1", file_format=file_format)
        again = demo.generate(spec, Path(name) / "2", file_format=file_format, ahead=1)
        other = demo.generate(demo.northwind(rows=rows, seed=seed ^ 1), Path(name) / "3", file_format=file_format)
        assert digests(one) == digests(again)
        assert one.digest == again.digest
        assert one.digest != other.digest
        for path in ("data/sales/north/leads", "data/finance/south/expenses", "truth/people/north/applicants"):
            name_of = f"{path}.{file_format}"
            assert digests(one)[name_of] != digests(other)[name_of]


def test_blocks_held_in_memory_do_not_matter(tmp_path: Path) -> None:
    spec = demo.northwind(rows=700_000)  # several blocks a region
    assert max(place.rows for place in planning.places(spec)) > streams.BLOCK_ROWS
    one = demo.generate(spec, tmp_path / "1", ahead=1)
    assert one.digest == demo.generate(spec, tmp_path / "2", ahead=5).digest


def test_the_order_of_departments_and_regions_does_not_matter(tmp_path: Path) -> None:
    regions = [{"name": "north", "share": 0.25}, {"name": "south", "share": 0.75}]
    made = []
    for index, order in enumerate((regions, regions[::-1])):
        data = plain(departments=[{"name": "sales", "tables": {"leads": 1}, "regions": order}])
        made.append(digests(company(tmp_path / str(index), data)))
    assert made[0] == made[1]


@settings(max_examples=25, deadline=None)
@given(
    rows=st.integers(1000, 100_000_000),
    shares=st.lists(st.integers(1, 1000), min_size=1, max_size=9),
)
def test_rows_are_given_out_to_the_last_one(rows: int, shares: list[int]) -> None:
    regions = [{"name": f"r{index}", "share": share / sum(shares)} for index, share in enumerate(shares)]
    spec = demo.read_spec(plain(rows=rows, departments=[{"name": "d", "tables": {"leads": 2}, "regions": regions}]))
    places = planning.places(spec)
    assert sum(place.rows for place in places) == rows
    for place, share in zip(places, shares, strict=True):
        assert abs(place.rows - rows * share / sum(shares)) < 1
        assert sum(count for _, _, count in planning.blocks(place)) == place.rows


@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(faults=FAULTS, share=st.floats(0.01, 1), seed=st.integers(0, 1000))
def test_the_truth_covers_exactly_the_spoiled_cells(faults: list[tuple[str, str]], share: float, seed: int) -> None:
    events = [
        {"kind": "quality_fault", "start": "2025-03-01", "until": "2025-06-01", "share": share, "column": c, "how": h}
        for c, h in faults
    ]
    with tempfile.TemporaryDirectory() as name:
        calm = table(company(Path(name) / "calm", plain(seed=seed, rows=2000)), "data/sales/north/leads")
        made = company(Path(name) / "hit", plain(events=events, seed=seed, rows=2000))
        hit = table(made, "data/sales/north/leads")
        path = "truth/sales/north/leads-faults"
        truth = table(made, path) if (made.folder / f"{path}.parquet").exists() else pl.DataFrame()
    changed = set()
    for column in calm.columns:
        differs = ~calm[column].eq_missing(hit[column])
        changed |= {(lead, column) for lead in calm["lead_id"].filter(differs)}
    told: dict[tuple[str, str], tuple[str, str]] = {}
    for lead, column, _, true, arriving in truth.iter_rows():
        told[lead, column] = (true, arriving)  # of several faults in one cell, the last one stands
    undone = {cell for cell, (true, arriving) in told.items() if true == arriving}  # negative twice
    assert set(told) - undone == changed
    cells = {(row["lead_id"], c): row[c] for row in hit.iter_rows(named=True) for c in {column for column, _ in faults}}
    for cell, (_, arriving) in told.items():
        value = cells[cell]
        text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        assert text == arriving
