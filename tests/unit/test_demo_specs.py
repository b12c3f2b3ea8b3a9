"""Specs of companies: all faults are told with their places, and what is read can be written and read again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headway import demo
from tests.factories.company import plain


def faults(data: object) -> dict[str, str]:
    """What is wrong with a spec: place, then message."""
    with pytest.raises(demo.SpecInvalid) as refused:
        demo.read_spec(data)
    return {fault.column or "": fault.message for fault in refused.value.faults}


def test_all_faults_of_a_spec_are_told_at_once() -> None:
    data = plain(
        events=[
            {"kind": "drift", "start": "2025-02-01", "column": "sorce", "mix": {"event": 1}},
            {"kind": "outage", "start": "2031-01-01"},
            {"kind": "quality_fault", "start": "2025-03-01", "column": "source", "share": 0.1, "how": "scaled"},
            {"kind": "concept_change", "start": "2025-03-01", "weights": {"luck": 2}},
            {"kind": "schema_break", "start": "2025-03-01", "rename": {"source": "industry"}},
        ],
        region={"share": 0.7, "season": 2, "factor": {"leads.source": 2}, "weather": "fine"},
        rows=12,
    )
    told = faults(data)
    assert set(told) == {
        "rows",
        "departments[0].regions",
        "departments[0].regions[0].season",
        "departments[0].regions[0].weather",
        "departments[0].regions[0].factor.leads.source",
        "events[0].column",
        "events[1].start",
        "events[2].how",
        "events[3].weights.luck",
        "events[4].rename",
    }
    assert told["departments[0].regions"] == "the shares of the regions must sum to 1"
    assert "'industry' is there 2 times" in told["events[4].rename"]
    assert "missing, unknown" in told["events[2].how"]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"name": ""}, "name"),
        ({"start": "yesterday"}, "start"),
        ({"days": 0}, "days"),
        ({"days": True}, "days"),
        ({"departments": []}, "departments"),
        ({"departments": "sales"}, "departments"),
        ({"seed": -1}, "seed"),
        ({"rows": 100_000_001}, "rows"),
        ({"weights": {"leads": {"intercept": 1}}}, "weights.leads"),
        ({"weights": {"demand": {"luck": 1}}}, "weights.demand.luck"),
        ({"leads": {"weights": {"pages_viewed": 1}}}, "leads.weights"),
        ({"leads": {"weights": {"intercept": float("nan")}}}, "leads.weights.intercept"),
        ({"leads": {"weights": {"intercept": 0}, "delay_least_days": 9, "window_days": 1}}, "leads.window_days"),
    ],
)
def test_a_field_out_of_bounds_is_told_with_its_place(changes: dict[str, Any], place: str) -> None:
    assert place in faults(plain(**changes))


@pytest.mark.parametrize(
    ("region", "place"),
    [
        ({"name": "../up"}, "name"),
        ({"language": "fr"}, "language"),
        ({"columns": {"leads": {"source": "industry"}}}, "columns.leads"),
        ({"columns": {"leads": {"colour": "farbe"}}}, "columns.leads.colour"),
        ({"columns": {"deals": {"source": "s"}}}, "columns.deals"),
        ({"columns": {"leads": {"source": "a\nb"}}}, "columns.leads.source"),
        ({"codes": {"leads.source": {"event": "x", "partner": "x"}}}, "codes.leads.source"),
        ({"codes": {"leads.pages_viewed": {"1": "one"}}}, "codes.leads.pages_viewed"),
        ({"mix": {"leads.source": {"event": 0.5}}}, "mix.leads.source"),
        ({"mix": {"leads.source": {"rumour": 1}}}, "mix.leads.source.rumour"),
        ({"weights": {"effect:source=rumour": 1}}, "weights.effect:source=rumour"),
        ({"trend": {"deals.size": 1.1}}, "trend.deals.size"),
    ],
)
def test_a_region_that_does_not_fit_is_told_with_its_place(region: dict[str, Any], place: str) -> None:
    assert f"departments[0].regions[0].{place}" in faults(plain(region=region))


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({"kind": "storm"}, "kind"),
        ({"kind": "outage", "until": "2025-02-01"}, "until"),
        ({"kind": "outage", "share": 0.5}, "share"),
        ({"kind": "bias", "weights": {"source=event": 1}}, "kind"),
        ({"kind": "fraud_ring", "share": 0.1}, "kind"),
        ({"kind": "fraud_ring", "table": "payments", "members": 3}, "share"),
        ({"kind": "fraud_ring", "table": "payments", "share": 0.1, "members": 1}, "members"),
        ({"kind": "bias", "table": "applicants"}, "weights"),
        ({"kind": "bias", "table": "applicants", "weights": {"intercept": 1}}, "weights.intercept"),
        ({"kind": "drift", "table": "customers", "column": "city", "factor": 2}, "kind"),
        ({"kind": "outage", "region": "west"}, "region"),
        ({"kind": "outage", "table": "deals"}, "table"),
        ({"kind": "outage", "department": "hr"}, "department"),
        ({"kind": "drift", "column": "pages_viewed"}, "factor"),
        ({"kind": "drift", "column": "source", "factor": 2}, "factor"),
        ({"kind": "concept_change"}, "weights"),
        ({"kind": "quality_fault", "column": "company_size", "how": "scaled"}, "share"),
        ({"kind": "schema_break", "drop": ["colour"]}, "drop"),
        ({"kind": "schema_break", "code": {"event": "x"}}, "column"),
        ({"kind": "schema_break", "column": "source", "code": {"event": "partner"}}, "code"),
    ],
)
def test_an_event_that_cannot_be_planted_is_told_with_its_place(event: dict[str, Any], field: str) -> None:
    data = plain(events=[{"start": "2025-02-01", **event}])
    data["departments"][0]["tables"] |= {"customers": 0.1, "payments": 0.1, "applicants": 0.1}
    assert f"events[0].{field}" in faults(data)


@pytest.mark.parametrize("data", [None, [], "company", 3])
def test_what_is_no_mapping_is_refused(data: object) -> None:
    assert "must be a mapping" in faults(data)["spec"]


def test_a_spec_written_plain_is_read_as_the_same() -> None:
    spec = demo.northwind()
    assert demo.read_spec(json.loads(json.dumps(spec.plain()))) == spec


def test_rows_and_seed_of_the_caller_count() -> None:
    spec = demo.northwind(rows=5000, seed=11)
    assert (spec.rows, spec.seed) == (5000, 11)
    with pytest.raises(demo.SpecInvalid):
        demo.northwind(rows=10)


def test_yes_and_no_stay_words_and_broken_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    text = demo.northwind_text()
    assert "{yes: ja, no: nein}" in text
    south = demo.spec_of(text).departments[0].regions[1]
    assert south.codes["leads.converted"] == {"yes": "ja", "no": "nein"}
    assert south.codes["leads.existing_customer"] == {"true": "ja", "false": "nein"}
    with pytest.raises(demo.SpecInvalid) as refused:
        demo.spec_of("name: x\ndays: [1, 2\nrows: 3\n")
    assert refused.value.faults[0].message.startswith("line 3: ")
    with pytest.raises(demo.SpecInvalid, match="cannot be read"):
        demo.read_file(tmp_path / "none.yaml")
