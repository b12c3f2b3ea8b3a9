"""Rules of input ports over generated cases: what is new, what joins keep, what addresses may hold."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.catalog.connectors import growing, specs
from headway.catalog.connectors.adapters.adding import new_rows
from headway.catalog.connectors.adapters.landing import Landing
from tests.factories.dose import examples

Row = tuple[Any, ...]
ROWS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["a", "b", None])), max_size=12)
VALUE = st.one_of(
    st.none(),
    st.integers(-(2**40), 2**40),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.booleans(),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
    st.dates(date(1900, 1, 1), date(2200, 1, 1)),
    st.decimals(-1000, 1000, places=3),
    st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)),  # noqa: DTZ001  databases have them without a zone
)


def landed(rows: list[Row], names: list[str], folder: Path, name: str) -> Path:
    landing = Landing(folder)
    landing.write(names, list(zip(*rows, strict=True)) if rows else [[] for _ in names])
    return landing.close(folder / name).path


@settings(max_examples=examples(200), deadline=None)
@given(ROWS, ROWS)
def test_rows_that_were_read_before_are_not_added_again(before: list[Row], fresh: list[Row]) -> None:
    expected, known = list(before), Counter(before)
    for row in fresh:
        if known[row] > 0:
            known[row] -= 1
        else:
            expected.append(row)
    with TemporaryDirectory() as name:
        folder = Path(name)
        made = new_rows(
            landed(before, ["n", "t"], folder, "before.parquet"),
            landed(fresh, ["n", "t"], folder, "fresh.parquet"),
            folder,
        )
        found = pq.read_table(made.path).to_pylist() if made is not None else None
    if len(expected) == len(before):
        assert found is None
    else:
        plain = [tuple(None if one is None else str(one) for one in row) for row in expected]
        assert found is not None
        told = [tuple(None if one is None else str(one) for one in row.values()) for row in found]
        assert told[: len(before)] == plain[: len(before)]
        assert Counter(told) == Counter(plain)


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(st.lists(VALUE, min_size=1, max_size=6), min_size=1, max_size=4))
def test_no_value_is_lost_however_types_meet(batches: list[list[Any]]) -> None:
    values = [one for batch in batches for one in batch]
    with TemporaryDirectory() as name:
        landing = Landing(Path(name))
        for batch in batches:
            landing.write(["v"], [batch])
        table = pq.read_table(landing.close(Path(name) / "out.parquet").path)
    found = table.column("v").to_pylist()
    assert [one is None for one in found] == [one is None for one in values]
    kinds = {type(one) for one in values if one is not None}
    if len(kinds) == 1:
        assert found == values
    else:
        for kept, value in zip(found, values, strict=True):
            assert value is None or same(kept, value)


def same(kept: str, value: object) -> bool:
    """Whether a text still says a value."""
    if isinstance(value, bool | str):
        return kept == (str(value).lower() if isinstance(value, bool) else value)
    if isinstance(value, datetime):
        return datetime.fromisoformat(kept) == value
    if isinstance(value, date):
        return kept == value.isoformat()
    if isinstance(value, float):
        return float(kept) == value
    return Decimal(kept) == Decimal(str(value))


@settings(max_examples=examples(200))
@given(
    st.one_of(
        st.integers(),
        st.decimals(allow_nan=False, allow_infinity=False),
        st.text(max_size=9),
        st.dates(),
        st.datetimes(timezones=st.just(UTC)),
    )
)
def test_a_cursor_comes_back_as_it_was_kept(value: growing.Value) -> None:
    assert growing.value_of(growing.text_of(value)) == value
    assert growing.floor(growing.text_of(value), None) == value


@settings(max_examples=examples(200))
@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=12), st.booleans())
def test_no_address_with_a_password_gets_through(password: str, is_option: bool) -> None:
    safe = "".join(sign for sign in password if sign not in "/?#&=@%[]:\\") or "x"
    url = f"postgresql://me@db/shop?password={safe}" if is_option else f"postgresql://me:{safe}@db/shop"
    faults = specs.url_faults(url)
    assert faults
    assert not any(f":{safe}@" in one.message or f"={safe}" in one.message for one in faults)
