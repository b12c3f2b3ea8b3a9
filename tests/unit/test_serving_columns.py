"""Log records become rows of four tables; only one of them names a person."""

from __future__ import annotations

import json

import msgspec

from headway import runtime
from headway.serving.columns import DECISIONS, INPUTS, OUTCOMES, REFUSALS, SCHEMAS, rows_of, table_of


def record(kind: str, **changes: object) -> runtime.DecisionRecord:
    values: dict[str, object] = {
        "v": 1, "node": "n", "segment": "seg_1", "seq": 1, "prev": "0", "kind": kind, "id": f"{kind}_1",
        "at": "2026-03-02T12:00:00.000000Z", "epoch": 4, "deployment": "leads", "principal": "service:crm",
        "payload_commitment": "aa", **changes,
    }  # fmt: skip
    return runtime.DecisionRecord(**values)  # type: ignore[arg-type]


def side(name: str, body: object, subject: str | None = None) -> runtime.Sidecar:
    return runtime.Sidecar(
        id=name,
        salt="00" * 16,
        subject=subject,
        input=msgspec.Raw(json.dumps(body).encode()),
        reasons=msgspec.Raw(b"[]"),
    )


def test_each_kind_goes_to_its_table_and_payloads_apart() -> None:
    records = [
        record("decision", score=0.4, arm="champion", flags=("no_subject",)),
        record("outcome"),
        record("refusal", why="unknown token", payload_commitment=None),
    ]
    sides = {
        "decision_1": side("decision_1", {"age": 41}, "c-1"),
        "outcome_1": side(
            "outcome_1", {"decision": "decision_1", "outcome": True, "at": "2026-03-03T00:00:00", "name": "sale"}
        ),
    }
    rows = rows_of("sandbox", records, sides)
    assert {name: len(found) for name, found in rows.items()} == {DECISIONS: 1, INPUTS: 2, OUTCOMES: 1, REFUSALS: 1}
    [outcome] = rows[OUTCOMES]
    assert (outcome["decision"], outcome["name"], outcome["outcome"], outcome["value"]) == (
        "decision_1",
        "sale",
        "true",
        1.0,
    )
    assert outcome["at"].isoformat() == "2026-03-03T00:00:00+00:00"
    for name, found in rows.items():
        table = table_of(name, found)
        assert table.schema == SCHEMAS[name]
        if name != INPUTS:
            assert "c-1" not in str(table.to_pylist())


def test_a_value_told_beside_an_outcome_is_its_number() -> None:
    told = {"decision": "decision_1", "outcome": "won", "value": 120.5, "at": None, "name": "sale"}
    [outcome] = rows_of("sandbox", [record("outcome")], {"outcome_1": side("outcome_1", told)})[OUTCOMES]
    assert (outcome["outcome"], outcome["value"]) == ("won", 120.5)


def test_an_erased_outcome_keeps_only_that_it_was_told() -> None:
    rows = rows_of("sandbox", [record("outcome")], {})
    [outcome] = rows[OUTCOMES]
    assert (outcome["decision"], outcome["outcome"], outcome["value"]) == (None, None, None)
    assert table_of(OUTCOMES, rows[OUTCOMES]).num_rows == 1
