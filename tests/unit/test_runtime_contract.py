"""Records against the contract: what is let in, and how completely what is wrong is named."""

from __future__ import annotations

import json
import time
from datetime import date

import msgspec
import pytest

from headway import runtime
from headway.kernel.errors import Fault, Invalid, TooLarge
from headway.runtime import CompiledContract, ContractBroken
from tests.factories.releases import CONTRACT, RECORD

COLUMNS = ["age", "balance", "job", "since", "is_client", "channel"]


def compiled(**options: object) -> CompiledContract:
    options = {"subject_field": "customer"} | options
    return runtime.compile_contract(CONTRACT, COLUMNS, **options)  # type: ignore[arg-type]  # options by name


def faults(body: object, contract: CompiledContract | None = None) -> list[Fault]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(ContractBroken) as caught:
        (contract or compiled()).decode(raw)
    assert caught.value.faults
    return list(caught.value.faults)


def one(field: str, value: object) -> list[tuple[str, str | None]]:
    return [(fault.rule, fault.column) for fault in faults(RECORD | {field: value})]


def test_a_record_is_decoded_to_typed_values() -> None:
    batch = compiled().decode(json.dumps(RECORD).encode())
    assert not batch.many
    assert msgspec.structs.astuple(batch.rows[0]) == (
        41.0, 1200.5, "nurse", date(2015, 6, 30), True, "web", "c-1001",
    )  # fmt: skip
    assert json.loads(batch.input_json(0)) == RECORD


def test_a_list_is_decoded_as_many() -> None:
    batch = compiled().decode(json.dumps([RECORD, RECORD]).encode())
    assert batch.many and len(batch) == 2


def test_absent_and_null_are_the_same() -> None:
    sparse = {"age": 20, "job": "clerk"}
    contract = compiled()
    rows = [
        contract.decode(json.dumps(record).encode()).rows[0]
        for record in (sparse, sparse | dict.fromkeys(["balance", "since", "is_client", "channel", "customer"]))
    ]
    assert rows[0] == rows[1]


def test_three_faults_are_all_named() -> None:
    found = faults({"age": 12, "balance": "much", "since": "2015-06-30", "channel": "web"})
    assert [(f.rule, f.column, f.row, f.value) for f in found] == [
        ("minimum", "age", 1, "12"),
        ("type", "balance", 1, "much"),
        ("required", "job", 1, None),
    ]
    assert found[0].message == "age must be at least 18"
    assert found[1].message == "balance must be a number, this is the text 'much'"


def test_faults_of_every_record_are_named_with_its_row() -> None:
    found = faults([RECORD, RECORD | {"age": None}, RECORD, RECORD | {"age": 1, "job": "X"}])
    assert [(f.row, f.column, f.rule) for f in found] == [
        (2, "age", "required"),
        (4, "age", "minimum"),
        (4, "job", "pattern"),
    ]


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("age", 17, "minimum"),
        ("age", 41.5, "type"),
        ("age", True, "type"),
        ("age", "41", "type"),
        ("age", [41], "type"),
        ("age", {"a": 1}, "type"),
        ("age", 2**53, "maximum"),
        ("age", 10**400, "finite"),
        ("age", None, "required"),
        ("balance", float("nan"), "finite"),
        ("balance", float("-inf"), "finite"),
        ("balance", False, "type"),
        ("job", "", "pattern"),
        ("job", "x" * 21, "max_length"),
        ("job", "clerk\n", "pattern"),
        ("job", 3, "type"),
        ("job", "\ud800", "type"),
        ("since", "1999-12-31", "minimum"),
        ("since", "2020-02-30", "type"),
        ("since", "20200101", "type"),
        ("since", "2020-01-01T00:00:00", "type"),
        ("since", 20200101, "type"),
        ("is_client", 1, "type"),
        ("is_client", "true", "type"),
        ("channel", "fax", "enum"),
        ("channel", 1, "type"),
        ("customer", 5, "type"),
    ],
)
def test_each_rule_is_named(field: str, value: object, rule: str) -> None:
    assert one(field, value) == [(rule, field)]


@pytest.mark.parametrize(("field", "value"), [("age", 41.0), ("balance", -5), ("balance", 10**30), ("age", 18)])
def test_numbers_are_taken_as_json_means_them(field: str, value: object) -> None:
    assert len(compiled().decode(json.dumps(RECORD | {field: value}).encode())) == 1


def test_unknown_fields_are_refused_by_name_with_the_nearest_known_one() -> None:
    found = faults(RECORD | {"balanse": 1, "zzz": 2})
    assert [(f.rule, f.column) for f in found] == [("unknown_field", "balanse"), ("unknown_field", "zzz")]
    assert "did you mean balance?" in found[0].message


def test_the_label_is_refused_though_the_contract_has_it() -> None:
    assert one("bought", True) == [("unused_field", "bought")]


def test_spare_fields_are_let_in_unread() -> None:
    contract = compiled(spare=["other"])
    batch = contract.decode(json.dumps(RECORD | {"other": {"deep": [1]}}).encode())
    assert json.loads(batch.input_json(0))["other"] == {"deep": [1]}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"{", "line 1, column"),
        (b'{"age": 41,\n "job": nurse}', "line 2, column 9"),
        (b'{"age": "\xff"}', "not UTF-8: byte 10"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"age": 41} x', "not JSON"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(body: bytes, words: str) -> None:
    (fault,) = faults(body)
    assert fault.rule == "json" and words in fault.message


@pytest.mark.parametrize("body", [3, "text", None, [1], [RECORD, None], [[RECORD]]])
def test_what_is_no_record_is_told(body: object) -> None:
    assert [fault.rule for fault in faults(body)] == ["shape"]


def test_an_empty_list_is_told() -> None:
    assert [fault.rule for fault in faults([])] == ["shape"]


def test_too_many_records_are_refused_whether_right_or_wrong() -> None:
    contract = compiled(records=2)
    for record in (RECORD, {}):
        with pytest.raises(TooLarge, match="3 records"):
            contract.decode(json.dumps([record] * 3).encode())


def test_a_flood_of_faults_is_counted_not_listed() -> None:
    found = faults([{}] * 600)
    assert len(found) == 1001
    assert found[-1].message == "and 200 more faults that are not listed"


def test_a_flood_of_unknown_names_is_answered_without_searching_for_each() -> None:
    contract = runtime.compile_contract(
        {"schema": [{"properties": [{"name": f"column number {i}", "logicalType": "string"} for i in range(60)]}]},
        [f"column number {i}" for i in range(60)],
    )
    started = time.process_time()
    found = faults({f"columns numbered {i}": 1 for i in range(30_000)}, contract)
    assert time.process_time() - started < 2.0
    assert len([fault for fault in found if "did you mean" in fault.message]) == 20


def test_long_values_are_shortened_in_faults() -> None:
    (fault,) = faults(RECORD | {"balance": "x" * 5000})
    assert fault.value is not None and len(fault.value) <= 103


def test_a_subject_the_contract_does_not_know_may_be_text_or_a_whole_number() -> None:
    contract = compiled(subject_field="ticket")
    for value in ("t-1", 17):
        batch = contract.decode(json.dumps({"age": 20, "job": "clerk", "ticket": value}).encode())
        assert contract.subject_at is not None
        assert msgspec.structs.astuple(batch.rows[0])[contract.subject_at] == value
    for wrong in (True, 1.5, ["x"], "x" * 501):
        assert [f.column for f in faults({"age": 20, "job": "clerk", "ticket": wrong}, contract)] == ["ticket"]


def contract_with(**rules: object) -> dict[str, object]:
    return {"schema": [{"name": "t", "properties": [{"name": "a", **rules}]}]}


@pytest.mark.parametrize(
    ("rules", "good", "bad"),
    [
        ({"logicalType": "number", "logicalTypeOptions": {"exclusiveMinimum": 0}}, [0.1], [0, -1]),
        ({"logicalType": "number", "logicalTypeOptions": {"minimum": 0, "exclusiveMinimum": True}}, [0.1], [0]),
        ({"logicalType": "number", "logicalTypeOptions": {"minimum": 0, "exclusiveMinimum": False}}, [0], [-1]),
        ({"logicalType": "number", "logicalTypeOptions": {"minimum": 1, "exclusiveMinimum": 0}}, [1], [0.5]),
        ({"logicalType": "number", "logicalTypeOptions": {"exclusiveMaximum": 5, "maximum": 9}}, [4], [5, 10]),
        ({"logicalType": "integer", "logicalTypeOptions": {"multipleOf": 5}}, [10, 15.0], [3, 2.5]),
        ({"logicalType": "string", "logicalTypeOptions": {"minLength": 2}}, ["ab"], ["a", ""]),
        ({"logicalType": "string", "logicalTypeOptions": {"pattern": "a|b"}}, ["a", "b"], ["ab", "ac", "b\n"]),
        ({"logicalType": "string", "logicalTypeOptions": {"pattern": "^a|b$"}}, ["a", "b"], ["ab", "b\n"]),
        ({"logicalType": "string", "logicalTypeOptions": {"pattern": "c\\$"}}, ["c$"], ["c", "c$d"]),
        ({"logicalType": "string", "logicalTypeOptions": {"pattern": "\\d+"}}, ["12"], ["١٢"]),
        ({"logicalType": "string", "logicalTypeOptions": {"format": "email"}}, ["a@b.co"], ["a@b", "a b@c.de"]),
        ({"logicalType": "string", "logicalTypeOptions": {"format": "unheard of"}}, ["x"], [1]),
        ({"logicalType": "time"}, ["12:00"], [12]),
        ({}, ["x"], [1]),
        ({"primaryKey": True}, ["x"], [None]),
        ({"quality": [{"metric": "nullValues", "mustBe": 0}]}, ["x"], [None]),
        (
            {"quality": [{"metric": "missingValues", "arguments": {"missingValues": [None, "", "n/a"]}}]},
            ["x", "N/A"],
            [None, "", "n/a"],
        ),
        (
            {"logicalType": "integer", "quality": [{"metric": "missingValues", "arguments": {"missingValues": [-1]}}]},
            [1],
            [-1, -1.0],
        ),
        ({"quality": [{"metric": "invalidValues", "arguments": {"pattern": "x+"}}]}, ["xx"], ["y"]),
        ({"enum": [{"value": "x"}, {"value": "y"}]}, ["x"], ["z"]),
        ({"logicalType": "number", "logicalTypeOptions": {"multipleOf": 0.01}}, [0.29, 1e6 + 0.07], [0.295]),
        ({"logicalType": "timestamp"}, ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00"], ["2020-01-01", "x"]),
        (
            {"logicalType": "timestamp", "logicalTypeOptions": {"maximum": "2020-01-01T00:00:00Z"}},
            ["2020-01-01T00:30:00+01:00", "2019-12-31T23:59:59"],
            ["2020-01-01T00:00:01", "2020-01-01T01:00:01+01:00"],
        ),
        (
            {"logicalType": "number", "quality": [{"metric": "invalidValues", "arguments": {"validValues": [1, 2.5]}}]},
            [1.0, 2.5],
            [3],
        ),
        (
            {"logicalType": "boolean", "quality": [{"rule": "invalidValues", "arguments": {"validValues": [True]}}]},
            [True],
            [False],
        ),
        (
            {
                "logicalType": "date",
                "quality": [{"metric": "invalidValues", "arguments": {"validValues": ["2020-01-01"]}}],
            },
            ["2020-01-01"],
            ["2020-01-02"],
        ),
        (
            {
                "logicalType": "string",
                "quality": [{"metric": "invalidValues", "arguments": {"validValues": ["x"]}, "mustBeLessThan": 5}],
            },
            ["x", "y"],
            [1],
        ),
    ],
)
def test_rules_of_odcs_mean_what_they_say(rules: dict[str, object], good: list[object], bad: list[object]) -> None:
    contract = runtime.compile_contract(contract_with(**rules), ["a"])
    for value in good:
        assert len(contract.decode(json.dumps({"a": value}).encode())) == 1
    for value in bad:
        assert {fault.column for fault in faults({"a": value}, contract)} == {"a"}


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"logicalType": "object"}, "logicalType"),
        ({"logicalType": "array"}, "logicalType"),
        ({"logicalType": "string", "logicalTypeOptions": {"pattern": "("}}, "missing"),
        ({"logicalType": "string", "logicalTypeOptions": {"minLength": -1}}, "no count"),
        ({"logicalType": "string", "logicalTypeOptions": {"minimum": 3}}, "bound"),
        ({"logicalType": "number", "logicalTypeOptions": {"multipleOf": 0}}, "multipleOf"),
        ({"logicalType": "integer", "logicalTypeOptions": {"multipleOf": 0.5}}, "multipleOf"),
        ({"logicalType": "number", "logicalTypeOptions": {"minimum": "a"}}, "could not convert"),
        (
            {"logicalType": "integer", "quality": [{"metric": "invalidValues", "arguments": {"validValues": ["x"]}}]},
            "could",
        ),
        ({"quality": [{"metric": "invalidValues", "arguments": {"validValues": [["x"]]}}]}, "validValues"),
        ({"logicalType": "timestamp", "enum": ["2020-01-01T00:00:00"]}, "timestamp"),
        ({"logicalType": "string", "logicalTypeOptions": []}, "no object"),
    ],
)
def test_contracts_that_cannot_be_checked_are_refused(rules: dict[str, object], words: str) -> None:
    if rules.get("logicalTypeOptions") == []:
        rules = rules | {"logicalTypeOptions": ["x"]}
    with pytest.raises(Invalid, match=words):
        runtime.compile_contract(contract_with(**rules), ["a"])


def test_all_columns_a_contract_lacks_are_named() -> None:
    with pytest.raises(Invalid, match=r"x: is not in the contract; y: is not in the contract"):
        runtime.compile_contract(CONTRACT, ["x", "age", "y"])


def test_column_names_may_be_anything_printable() -> None:
    contract = {"schema": [{"properties": [{"name": "emp.var rate é", "logicalType": "number"}]}]}
    made = runtime.compile_contract(contract, ["emp.var rate é"])
    assert len(made.decode('{"emp.var rate é": 1}'.encode())) == 1
    with pytest.raises(Invalid, match="quote"):
        runtime.compile_contract({"schema": [{"properties": [{"name": 'a"b', "logicalType": "number"}]}]}, ['a"b'])
