"""The standardisation protocol: each rule on contracts that keep it and that do not."""

from __future__ import annotations

from typing import Any

import pytest
from babel.core import get_global
from babel.numbers import list_currencies
from hypothesis import given
from hypothesis import strategies as st

from headway.catalog import codes
from headway.catalog.dictionary import NO_TERMS, Dictionary, parse_dictionary
from headway.catalog.errors import InvalidContract, InvalidDictionary
from headway.catalog.standards import lint

KEPT = {"description": "what it is", "logicalType": "string"}


def contract(*properties: dict[str, Any], table: str = "orders", **more: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": "t", "version": "1.0.0", "status": "active",
        "description": {"purpose": "orders of the shop"}, "team": {"name": "sales"},
        "schema": [{"name": table, "properties": list(properties)}], **more,
    }  # fmt: skip


def rules(
    *properties: dict[str, Any], dictionary: Dictionary = NO_TERMS, **more: Any
) -> list[tuple[str, str, str | None]]:
    made = contract(*({**KEPT, **one} for one in properties), **more)
    return [(one.rule, one.level, one.column) for one in lint(made, dictionary).findings]


def one(*properties: dict[str, Any]) -> list[tuple[str, str]]:
    """Rules and levels of the first column."""
    return [(rule, level) for rule, level, column in rules(*properties) if column == properties[0]["name"]]


def closed(*values: str) -> list[dict[str, Any]]:
    return [{"metric": "invalidValues", "arguments": {"validValues": list(values)}, "mustBe": 0}]


def unit(code: str) -> list[dict[str, Any]]:
    return [{"property": "unit", "value": code}]


PATTERN = "logicalTypeOptions"
NUMBER = {"logicalType": "number"}
EMAIL = {"name": "email", "classification": "restricted"}
PHONE = {"name": "phone", "classification": "restricted"}


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ({"name": "order_id"}, []),
        ({"name": "Order ID"}, [("name_case", "error")]),
        ({"name": "2nd_order"}, [("name_case", "error")]),
        ({"name": "order__id"}, [("name_case", "error")]),
        ({"name": "größe"}, [("name_case", "error")]),
        ({"name": "x" * 64}, [("name_length", "error")]),
        ({"name": "x" * 63}, []),
        ({"name": "group"}, [("name_reserved", "error")]),
        ({"name": "placed", "logicalType": "date", "customProperties": [{"property": "dateFormats", "value": ["%Y-%m-%d"]}]}, []),
        (
            {"name": "placed", "logicalType": "date", "customProperties": [{"property": "dateFormats", "value": ["%d/%m/%Y"]}]},
            [("date_format", "error")],
        ),
        ({"name": "placed", "logicalType": "date", PATTERN: {"format": "dd.MM.yyyy"}}, [("date_format", "error")]),
        ({"name": "order_date"}, [("date_as_text", "warning")]),
        ({"name": "order_date", "logicalType": "date"}, []),
        ({"name": "net_amount", **NUMBER}, [("currency_missing", "error")]),
        ({"name": "net_amount_eur", **NUMBER}, []),
        ({"name": "net_amount", **NUMBER, "customProperties": unit("EUR")}, []),
        ({"name": "net_amount", **NUMBER, "customProperties": unit("Euro")}, [("currency_code", "error")]),
        ({"name": "net_amount"}, []),
        ({"name": "currency", "quality": closed("EUR", "USD")}, []),
        ({"name": "currency", "quality": closed("EUR", "Dollar")}, [("currency_code", "error")]),
        ({"name": "currency", PATTERN: {"pattern": "^[A-Z]{3}$"}}, []),
        ({"name": "currency", PATTERN: {"pattern": ".*"}}, [("currency_code", "error")]),
        ({"name": "currency_code"}, [("currency_code", "warning")]),
        ({"name": "currency", "logicalType": "integer"}, [("currency_code", "error")]),
        ({"name": "country", "quality": closed("DE", "FRA")}, []),
        ({"name": "country", "quality": closed("Germany")}, [("country_code", "error")]),
        ({"name": "ship_country_code", PATTERN: {"pattern": "[A-Z]{2}"}}, []),
        ({"name": "ship_country_code", PATTERN: {"pattern": "[a-z]{2}"}}, [("country_code", "error")]),
        ({"name": "ship_country"}, [("country_code", "warning")]),
        (PHONE, [("phone_format", "warning")]),
        ({**PHONE, PATTERN: {"pattern": r"^\+[1-9][0-9]{6,14}$"}}, []),
        ({**PHONE, PATTERN: {"pattern": "[0-9 +]+"}}, [("phone_format", "error")]),
        ({**PHONE, "logicalType": "integer"}, [("phone_format", "error")]),
        (EMAIL, [("email_format", "warning")]),
        ({**EMAIL, PATTERN: {"format": "email"}}, []),
        ({**EMAIL, PATTERN: {"pattern": ".+"}}, [("email_format", "error")]),
        ({"name": "weight", **NUMBER}, [("unit_missing", "warning")]),
        ({"name": "weight_kg", **NUMBER}, []),
        ({"name": "weight", **NUMBER, "customProperties": unit("kg")}, []),
        ({"name": "weight", **NUMBER, "customProperties": unit("stone")}, [("unit_unknown", "warning")]),
        ({"name": "weight"}, []),
        ({**EMAIL, "classification": "internal", PATTERN: {"format": "email"}}, [("classification_weak", "error")]),
        ({"name": "gender"}, [("classification_weak", "error")]),
        ({"name": "gender", "classification": "restricted"}, []),
        ({"name": "seats", "criticalDataElement": True}, [("critical_unchecked", "warning")]),
        ({"name": "seats", "criticalDataElement": True, "required": True}, []),
        ({"name": "seats", "description": " "}, [("description_missing", "warning")]),
    ],
)  # fmt: skip
def test_rules_of_a_column(column: dict[str, Any], told: list[tuple[str, str]]) -> None:
    assert one(column) == told


def test_a_currency_beside_money_is_enough() -> None:
    assert one({"name": "net_amount", **NUMBER}, {"name": "currency"}) == []


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, []),
        ({"description": None}, [("description_missing", "warning", None)]),
        ({"team": None}, [("owner_missing", "error", None)]),
        ({"team": {"members": [{"username": "ann", "role": "Data Owner"}]}}, []),
        ({"team": [{"username": "ann", "role": "owner"}]}, []),
        ({"team": {"members": [{"username": "ann", "role": "engineer"}]}}, [("owner_missing", "error", None)]),
        ({"team": None, "customProperties": [{"property": "owner", "value": "ann"}]}, []),
        ({"table": "Orders"}, [("name_case", "error", None)]),
        (
            {"customProperties": [{"property": "criticality", "value": "High"}]},
            [("service_level_missing", "error", None), ("service_level_missing", "error", None)],
        ),
        ({"customProperties": [{"property": "criticality", "value": "low"}]}, []),
        (
            {
                "customProperties": [{"property": "criticality", "value": "critical"}],
                "slaProperties": [{"property": "latency", "value": 1, "unit": "d"}, {"property": "availability", "value": "99 %"}],
            },
            [],
        ),
    ],
)  # fmt: skip
def test_rules_of_the_whole_contract(more: dict[str, Any], told: list[tuple[str, str, str | None]]) -> None:
    assert rules({"name": "seats"}, **more) == told


TERMS = """
customer number: {logicalType: string, pattern: "^C[0-9]{6}$", synonyms: [cust_no, ClientID]}
parcel weight: {name: parcel_mass, logicalType: number, unit: kg}
"""


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ({"name": "customer_number", PATTERN: {"pattern": "C[0-9]{6}"}}, []),
        ({"name": "cust_no", PATTERN: {"pattern": "C[0-9]{6}"}}, ["dictionary_name"]),
        ({"name": "client_id"}, ["dictionary_name", "dictionary_pattern"]),
        ({"name": "number", "businessName": "Customer number", PATTERN: {"pattern": "C[0-9]{6}"}}, ["dictionary_name"]),
        ({"name": "customer_number", "logicalType": "integer"}, ["dictionary_type", "dictionary_pattern"]),
        ({"name": "parcel_mass", "customProperties": unit("kg")}, ["dictionary_type"]),
        ({"name": "parcel_mass", **NUMBER, "customProperties": unit("g")}, ["dictionary_unit"]),
        ({"name": "other"}, []),
    ],
)  # fmt: skip
def test_the_dictionary_is_kept(column: dict[str, Any], told: list[str]) -> None:
    found = rules(column, dictionary=parse_dictionary(TERMS))
    assert [rule for rule, _, _ in found] == told
    assert all(level == "error" for _, level, _ in found)


def test_all_faults_of_a_dictionary_are_told_at_once() -> None:
    text = """
    a: {name: Not Snake, logicalType: text, pattern: "(", colour: red}
    b: {synonyms: cust}
    c: [x]
    d: {synonyms: [a]}
    """
    with pytest.raises(InvalidDictionary) as caught:
        parse_dictionary(text)
    told = sorted(str(fault.column) for fault in caught.value.faults)
    assert told == ["a", "a", "a", "a", "b", "c", "d"]


@pytest.mark.parametrize("text", ["- a", "a: [", "x"])
def test_what_is_no_dictionary_is_refused(text: str) -> None:
    with pytest.raises(InvalidDictionary):
        parse_dictionary(text)


def test_all_findings_come_at_once_with_how_to_mend_them() -> None:
    made = contract({"name": "Phone", "logicalType": "integer"}, {"name": "Net Amount", **NUMBER}, team=None)
    found = lint(made)
    assert [(one.rule, one.column) for one in found.findings] == [
        ("owner_missing", None),
        ("name_case", "Phone"), ("description_missing", "Phone"), ("phone_format", "Phone"), ("classification_weak", "Phone"),
        ("name_case", "Net Amount"), ("description_missing", "Net Amount"), ("currency_missing", "Net Amount"),
    ]  # fmt: skip
    assert (found.errors, found.warnings, found.passed) == (6, 2, False)
    assert found.findings[5].mend == "call it net_amount"


def test_warnings_alone_pass() -> None:
    found = lint(contract({"name": "seats"}))
    assert (found.errors, found.warnings, found.passed) == (0, 1, True)


def test_a_contract_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(InvalidContract):
        lint(contract({"name": "x", PATTERN: {"pattern": "("}}))


@given(st.text(max_size=20))
def test_a_name_that_is_proposed_keeps_the_rule(name: str) -> None:
    made = [one for one in lint(contract({"name": name or "x"})).findings if one.rule == "name_case"]
    for finding in made:
        better = finding.mend.removeprefix("call it ")
        if " " not in better:
            again = lint(contract({"name": better})).findings
            assert "name_case" not in [one.rule for one in again]


def test_the_codes_are_those_that_unicode_lists() -> None:
    aliases = {
        three: two[0] for three, two in get_global("territory_aliases").items() if len(three) == 3 and three.isalpha()
    }
    assert list_currencies() >= codes.CURRENCIES
    assert len(codes.CURRENCIES) > 150
    assert {aliases[three] for three in codes.COUNTRIES_OF_THREE} == codes.COUNTRIES
    assert len(codes.COUNTRIES) == len(codes.COUNTRIES_OF_THREE) == 249
