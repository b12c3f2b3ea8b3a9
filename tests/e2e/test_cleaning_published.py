"""Three published dirty tables, found without labels and with twenty. They lie beside the project, not in it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from headway.catalog import cleaning

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
FLOORS = {"hospital": (0.60, 0.75), "flights": (0.65, 0.81), "beers": (0.80, 0.99)}


def f1(found: cleaning.Detection, wrong: pl.DataFrame) -> float:
    right = sum(int(wrong[one["column"]][one["row"] - 1]) for one in found.frame.iter_rows(named=True))
    return 2 * right / (found.frame.height + sum(int(wrong[name].sum()) for name in wrong.columns))


@pytest.mark.parametrize("name", FLOORS)
def test_errors_are_found_at_least_as_well_as_published(name: str) -> None:
    folder = DATA / f"dirty-data-{name}"
    if not folder.exists():
        pytest.skip(f"shared/data/{folder.name} is not beside the project")
    dirty, clean = (
        pl.read_parquet(folder / f"{which}.parquet").with_columns(pl.all().replace("", None))
        for which in ("dirty", "clean")
    )
    wrong = pl.DataFrame({column: dirty[column].ne_missing(clean[column]) for column in dirty.columns})
    study = cleaning.study(dirty)
    alone, taught = FLOORS[name]
    assert f1(cleaning.detect_in(study), wrong) >= alone
    rows = cleaning.rows_to_label(study, seed=0)
    assert len(rows) == 20
    answers = {row: frozenset(column for column in wrong.columns if wrong[column][row - 1]) for row in rows}
    assert f1(cleaning.detect_with(study, answers, seed=0), wrong) >= taught
    assert cleaning.detect(clean).frame.height <= 0.005 * clean.height * clean.width
