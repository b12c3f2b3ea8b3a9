"""Minima: a contract that bears more than it may is found, one that asks for more never is."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from headway.catalog.checks import compile_contract
from headway.catalog.minima.entities import Criticality, Minimum
from headway.catalog.minima.rules import contract_shortfalls, minima_faults

NOW = datetime(2026, 11, 1, tzinfo=UTC)
shares = st.floats(0, 1)
percents = st.floats(0, 100).map(lambda value: round(value, 3))


def contract(missing: float, invalid: float, double: float, hours: int | None) -> dict[str, object]:
    def bears(metric: str, percent: float, **arguments: object) -> dict[str, object]:
        rule: dict[str, object] = {
            "type": "library",
            "metric": metric,
            "mustBeLessOrEqualTo": percent,
            "unit": "percent",
        }
        return rule | ({"arguments": arguments} if arguments else {})

    levels = [] if hours is None else [{"property": "latency", "value": hours, "unit": "h", "element": "at"}]
    quality = [
        bears("nullValues", missing),
        bears("invalidValues", invalid, validValues=["a"]),
        bears("duplicateValues", double),
    ]
    return {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": "x", "version": "1.0.0", "status": "active",
        "slaProperties": levels,
        "schema": [{"name": "x", "properties": [
            {"name": "v", "logicalType": "string", "quality": quality},
            {"name": "at", "logicalType": "timestamp"},
        ]}],
    }  # fmt: skip


@given(
    bears=st.tuples(percents, percents, percents),
    hours=st.none() | st.integers(1, 100),
    least=st.tuples(shares, shares, shares),
    oldest=st.integers(1, 100),
)
def test_exactly_what_bears_too_much_is_found(
    bears: tuple[float, float, float], hours: int | None, least: tuple[float, float, float], oldest: int
) -> None:
    missing, invalid, double = bears
    minimum = Minimum(completeness=least[0], validity=least[1], uniqueness=least[2], freshness_hours=oldest)
    plan = compile_contract(contract(missing, invalid, double, hours), now=NOW)
    found = {one.dimension for one in contract_shortfalls(plan, minimum)}
    borne = {"completeness": missing, "validity": invalid, "uniqueness": double}
    wanted = dict(zip(borne, least, strict=True))
    expected = {name for name, percent in borne.items() if percent / 100 > 1 - wanted[name] + 1e-9}
    unsure = {name for name, percent in borne.items() if abs(percent / 100 - (1 - wanted[name])) < 1e-9}
    assert found - unsure - {"freshness"} == expected - unsure
    assert ("freshness" in found) == (hours is None or hours > oldest)
    tighter = compile_contract(contract(missing / 2, invalid / 2, double / 2, hours), now=NOW)
    assert {one.dimension for one in contract_shortfalls(tighter, minimum)} <= found


@given(st.lists(shares, min_size=4, max_size=4))
def test_a_more_critical_product_is_never_asked_for_less(asked: list[float]) -> None:
    minima = {level: Minimum(completeness=share) for level, share in zip(Criticality, asked, strict=True)}
    assert (minima_faults(minima) == []) == (asked == sorted(asked))


def test_all_faults_of_minima_are_told() -> None:
    faults = minima_faults(
        {Criticality.low: Minimum(completeness=1.5, freshness_hours=0), Criticality.high: Minimum(validity=-1)}
    )
    assert {fault.column for fault in faults} == {
        "low.completeness", "low.freshness_hours", "high.validity", "high.completeness", "high.freshness_hours",
    }  # fmt: skip
