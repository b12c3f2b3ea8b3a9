"""A portable pattern means the same to RE2 (DuckDB), to Rust's engine (Polars) and to Python's, in its ASCII reading."""

from __future__ import annotations

import re

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.catalog.dialects import portable
from tests.factories.dose import examples

atoms = st.sampled_from(
    [
        "a",
        "b",
        "-",
        "@",
        r"\.",
        r"\d",
        r"\w",
        r"\s",
        r"\D",
        r"\W",
        r"\S",
        ".",
        "[a-c]",
        "[^a]",
        r"[\w.-]",
        r"[^\d\s]",
        r"\-",
    ]
)
quantified = st.tuples(atoms, st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,2}", "{0,}", "+?"])).map(
    "".join
) | st.sampled_from(["^", "$"])
patterns = st.recursive(
    st.lists(quantified, min_size=1, max_size=4).map("".join),
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda parts: "(" + "|".join(parts) + ")"),
    max_leaves=4,
)
texts = st.lists(st.text(alphabet="abc019 .-@\n\r\t_é\u0661\u2028\x0b\x85", max_size=6), min_size=1, max_size=20)


@settings(max_examples=examples(150), deadline=None)
@given(patterns, texts)
def test_engines_agree_on_what_matches_as_a_whole(pattern: str, values: list[str]) -> None:
    plain = portable(pattern)
    assert plain is not None
    rust = pl.Series(values).str.contains(rf"\A(?:{plain})\z").to_list()
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT regexp_full_match(unnest($1::VARCHAR[]), $2)", [values, f"(?:{pattern})"]
        ).fetchall()
    assert rust == [row[0] for row in found]
    python = re.compile(rf"(?:{plain})".replace(r"\z", r"\Z"))
    assert rust == [python.fullmatch(value) is not None for value in values]


@pytest.mark.parametrize(
    "pattern",
    [
        "(?i)a", "(?=a)b", r"\bword\b", r"\p{L}", "[[:alpha:]]", "[a&&b]", "[a--b]", "a{,3}", "a++", r"[\D]", r"\1(a)",
        r"\x41", "a}", "[]a]", "a{1000,}",
    ],
)  # fmt: skip
def test_what_engines_read_differently_is_not_portable(pattern: str) -> None:
    assert portable(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "plain"),
    [
        (r"\d+\.\w", r"[0-9]+\.[0-9A-Za-z_]"),
        (r"[\d.]{2,3}", "[0-9.]{2,3}"),
        (r"\S", r"[^\t\n\f\r ]"),
        ("a|^b$", r"a|\Ab\z"),
        ("(?:a-b)?", "(?:a-b)?"),
    ],
)
def test_classes_become_their_ascii_members(pattern: str, plain: str) -> None:
    assert portable(pattern) == plain
