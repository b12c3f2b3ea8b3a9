"""Clearances take away exactly the named columns, never more, and only on top of a job's report."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from headway.governance import Evidence, clearances
from headway.governance import facts as known
from headway.kernel.canonical import digest
from headway.kernel.errors import Scalar

AT = datetime(2026, 11, 23, tzinfo=UTC)
COLUMNS = st.text(min_size=1, max_size=8).filter(lambda text: text.strip() and "\0" not in text)
REASON = "it is known before the call is made"
junk = st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.text(max_size=12)


def clearance(column: Scalar, reason: Scalar = REASON, producer: str = "person:ana", type: str = "") -> Evidence:
    return Evidence(
        id="evd_1",
        type=type or clearances.CLEARANCE,
        subject="model:m@1",
        subject_digest=digest("m"),
        facts={"column": column, "reason": reason},
        producer=producer,
        made_at=AT,
        payload_digest=None,
    )


def report(columns: set[str], counted: int | None = None) -> dict[str, Scalar]:
    return {
        "suspects": 9,
        "suspects_open": len(columns) if counted is None else counted,
        "open_columns": clearances.columns_text(columns),
    }


@given(suspects=st.sets(COLUMNS, max_size=6), cleared=st.lists(COLUMNS, max_size=6), data=st.data())
def test_open_is_what_was_named_less_what_was_cleared(
    suspects: set[str], cleared: list[str], data: st.DataObject
) -> None:
    if suspects:
        cleared += data.draw(st.lists(st.sampled_from(sorted(suspects))))
    found = clearances.after_clearances(report(suspects), [clearance(column) for column in cleared])
    assert found["suspects_open"] == len(suspects - set(cleared))
    assert clearances.open_columns(report(suspects)) == tuple(sorted(suspects, key=lambda c: c))


@given(suspects=st.sets(COLUMNS, max_size=4), more=st.integers(1, 5))
def test_columns_that_are_counted_but_not_named_stay_open(suspects: set[str], more: int) -> None:
    rows = [clearance(column) for column in suspects]
    assert clearances.after_clearances(report(suspects, len(suspects) + more), rows)["suspects_open"] == more


@given(facts=st.fixed_dictionaries({"suspects_open": junk, "open_columns": junk}), column=junk, reason=junk)
def test_junk_never_lowers_the_count_below_what_is_cleared(
    facts: dict[str, Scalar], column: Scalar, reason: Scalar
) -> None:
    found = clearances.after_clearances(facts, [clearance(column, reason)])["suspects_open"]
    if not known.fits(facts["suspects_open"], "number"):
        assert found is facts["suspects_open"], "an unknown count stays unknown"
    elif found != facts["suspects_open"]:
        named = clearances.open_columns(facts)
        assert (column in named and clearances.is_reason(reason)) or facts["suspects_open"] < 0  # type: ignore[operator]


@given(st.sampled_from(["service:registry", "service:headway"]))
def test_only_people_clear_and_only_by_this_type_and_with_a_reason(service: str) -> None:
    told = report({"duration"})
    for row in (
        clearance("duration", producer=service),
        clearance("duration", "short"),
        clearance("duration", " " * 40),
        clearance("duration", None),
        clearance("duration", type="model_card"),
        clearance("length"),
    ):
        assert clearances.after_clearances(told, [row])["suspects_open"] == 1
    assert clearances.after_clearances(told, [clearance("duration")])["suspects_open"] == 0


def test_names_too_long_to_keep_cannot_be_cleared() -> None:
    assert clearances.columns_text(f"column {number}" for number in range(1000)) is None
    assert clearances.open_columns({"open_columns": None}) == ()
