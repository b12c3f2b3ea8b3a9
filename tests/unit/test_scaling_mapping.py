"""Which column is which: names, meanings, values, distributions; what is uncertain is asked and never guessed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest

from headway.kernel.errors import Invalid
from headway.scaling import applying, coding, naming, saying
from headway.scaling.entities import ColumnSaid, ValueSaid
from headway.scaling.mapping import Given, Pair, Wanted, distance, match
from headway.scaling.sketch import sketch
from tests.factories.regions import FEATURES, Regions, regions

ROLES: Mapping[str, str] = {"converted": "label", "created_at": "time", "lead_id": "subject"}


@pytest.fixture(scope="module")
def company() -> Regions:
    return regions(3, rows=6_000)


def wanted(frame: pl.DataFrame) -> list[Wanted]:
    return [
        Wanted(sketch=sketch(frame[name]), role=ROLES.get(name, "feature"), is_required=name in FEATURES)  # type: ignore[arg-type]
        for name in (*FEATURES, *ROLES)
    ]


def mapped(frame: pl.DataFrame, theirs: pl.DataFrame, **said: Given) -> dict[str, Pair]:
    return {pair.ours: pair for pair in match(wanted(frame), [sketch(theirs[name]) for name in theirs.columns], said)}


@pytest.mark.parametrize(
    ("ours", "theirs", "least"),
    [
        ("days_since_contact", "daysSinceContact", 1.0),
        ("days_since_contact", "TAGE_SEIT_KONTAKT", 0.9),
        ("customer_number", "Kunden-Nr.", 0.9),
        ("quantity", "qty", 0.6),
        ("existing_customer", "is_existing_customer", 0.8),
        ("Germany", "DE", 0.9),
    ],
)
def test_names_that_mean_the_same_are_alike(ours: str, theirs: str, least: float) -> None:
    assert naming.alike(ours, theirs)[0] >= least


@pytest.mark.parametrize(("ours", "theirs"), [("source", "postcode"), ("age", "page"), ("pages_viewed", "street")])
def test_names_that_mean_something_else_are_not(ours: str, theirs: str) -> None:
    assert naming.alike(ours, theirs)[0] < 0.4


def test_every_column_of_the_second_region_is_found_with_its_values(company: Regions) -> None:
    found = mapped(company.north, company.south)
    assert {name: pair.theirs for name, pair in found.items()} == {name: company.columns[name] for name in found}
    source = found["source"].coding
    assert source is not None and source.known_share == 1.0
    assert source.values["Messe"] == "event" and source.values["Kaltliste"] == "cold list"
    assert all(pair.confidence > 0.8 for pair in found.values())


def test_without_names_nothing_is_mapped_wrongly_and_what_is_left_is_asked(company: Regions) -> None:
    strange = {name: f"f{at}" for at, name in enumerate(company.south.columns)}
    found = mapped(company.north, company.south.rename(strange))
    truth = {ours: strange[theirs] for ours, theirs in company.columns.items()}
    taken = {name: pair.theirs for name, pair in found.items() if pair.theirs is not None}
    assert taken == {name: truth[name] for name in taken}
    assert {"source", "industry", "job_level"} <= set(taken)
    assert any(pair.theirs is None and pair.by == "none" for pair in found.values())


def test_names_that_were_swapped_are_not_believed_against_the_values(company: Regions) -> None:
    swap = {company.columns["source"]: "branche", company.columns["industry"]: "herkunft"}
    found = mapped(company.north, company.south.rename(swap))
    assert found["source"].theirs in (None, "branche")
    assert found["industry"].theirs in (None, "herkunft")


def test_another_unit_is_asked_and_never_taken_silently(company: Regions) -> None:
    name = company.columns["company_size"]
    found = mapped(company.north, company.south.with_columns(pl.col(name) * 1000))
    assert found["company_size"].theirs is None and found["company_size"].candidate == name
    assert "another unit" in found["company_size"].reason
    said = mapped(
        company.north, company.south.with_columns(pl.col(name) * 1000), company_size=Given(theirs=name, factor=0.001)
    )
    assert said["company_size"].by == "person" and said["company_size"].difference < 0.3


def test_a_person_may_say_that_there_is_none(company: Regions) -> None:
    found = mapped(company.north, company.south, industry=Given(theirs=None))
    assert (found["industry"].theirs, found["industry"].by, found["industry"].confidence) == (None, "person", 1.0)


def test_mapped_rows_are_ours(company: Regions) -> None:
    pairs = tuple(mapped(company.north, company.south).values())
    rows = applying.apply(company.south, pairs, company.north)
    assert rows.schema == company.north.select(rows.columns).schema
    for name in ("source", "industry", "existing_customer"):
        assert set(rows[name].drop_nulls()) <= set(company.north[name].drop_nulls())
    y = applying.outcomes(rows["converted"], "yes", "no")
    assert y.mean() == pytest.approx((company.south[company.columns["converted"]] == "ja").mean())


def test_values_written_as_numbers_or_flags_are_read() -> None:
    flags = coding.code({"true": 0.3, "false": 0.7}, {"1": 0.4, "0": 0.6})
    assert flags.values == {"1": "true", "0": "false"} and flags.unknown == ()
    odd = coding.code({"red": 0.5, "blue": 0.5}, {"rot": 0.5, "blau": 0.5}, {"rot": "red"})
    assert odd.values == {"rot": "red"} and odd.unknown == ("blau",)


def test_distances_are_nothing_for_equal_columns_and_one_for_apart_ones() -> None:
    numbers = np.random.default_rng(0).normal(size=2_000)
    one, same, far = (sketch(pl.Series("x", values)) for values in (numbers, numbers, numbers + 100))
    assert distance(one, same) == 0.0
    assert distance(one, far) == 1.0
    assert distance(one, sketch(pl.Series("x", numbers + 1))) == pytest.approx(0.38, abs=0.05)


def test_what_people_say_is_read_and_every_fault_told() -> None:
    assert saying.said_columns(["umsatz=revenue*1000", "-=age", "a=b"]) == (
        ColumnSaid(ours="revenue", theirs="umsatz", factor=1000.0),
        ColumnSaid(ours="age", theirs=None, factor=1.0),
        ColumnSaid(ours="b", theirs="a", factor=1.0),
    )
    assert saying.said_values(["source:Messe=event"]) == (ValueSaid(ours="source", theirs="Messe", value="event"),)
    with pytest.raises(Invalid) as told:
        saying.said_columns(["nonsense", "=x", "a=b*zero", "a=b*0"])
    assert len(told.value.faults) == 4
    with pytest.raises(Invalid):
        saying.said_values(["source=x", "source:a"])
