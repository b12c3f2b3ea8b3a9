"""Contracts in the words of ODCS."""

from __future__ import annotations

from typing import Any

import pytest

from headway.catalog.contract import (
    checked,
    columns_of,
    contract_digest,
    parse,
    raised,
    roles_of,
    text_types_of,
    to_yaml,
)
from headway.catalog.errors import InvalidContract

TEXT = """
apiVersion: v3.1.0
kind: DataContract
id: orders
version: 2.0.0
status: active
schema:
  - name: orders
    logicalType: object
    properties:
      - {name: order_id, logicalType: string, primaryKey: true}
      - name: placed
        logicalType: date
        customProperties: [{property: role, value: time}, {property: dateFormats, value: ["%d/%m/%Y", "%evil"]}]
      - {name: amount, logicalType: number, logicalTypeOptions: {minimum: 0}, customProperties: [{property: decimalComma, value: true}]}
      - name: paid
        logicalType: boolean
        customProperties: [{property: role, value: label}, {property: positive, value: true}]
      - {name: email, classification: restricted, tags: [personal-data]}
"""


def test_a_contract_is_read_and_asked() -> None:
    contract = parse(TEXT)
    columns = {column.name: column for column in columns_of(contract)}
    assert {name: column.kind for name, column in columns.items()} == {
        "order_id": "string", "placed": "date", "amount": "number", "paid": "boolean", "email": "string",
    }  # fmt: skip
    assert columns["order_id"].required
    assert columns["email"].is_restricted
    roles = roles_of(contract)
    assert (roles.label, roles.positive, roles.time, roles.subject, roles.exclude) == (
        "paid",
        "true",
        "placed",
        None,
        (),
    )


def test_how_text_is_read_comes_from_the_contract() -> None:
    types = text_types_of(parse(TEXT))
    assert types["placed"].formats == ("%d/%m/%Y",)
    assert types["amount"].decimal_comma


def test_yaml_and_json_give_the_same_contract_and_digest() -> None:
    contract = parse(TEXT)
    again = parse(to_yaml(contract))
    assert again == contract
    assert contract_digest(again) == contract_digest(contract)
    assert contract_digest(contract | {"version": "2.0.1"}) != contract_digest(contract)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"kind": "Table"}, "kind"),
        ({"apiVersion": "v2.2.2"}, "apiVersion"),
        ({"schema": []}, "schema"),
        ({"schema": [{"name": "a", "properties": [{"name": "x"}]}] * 2}, "schema"),
        ({"schema": [{"name": "a", "properties": []}]}, "schema"),
        ({"schema": [{"name": "a", "properties": [{"name": "x"}, {"name": "X"}]}]}, "schema.a.X"),
        ({"schema": [{"name": "a", "properties": [{"logicalType": "string"}]}]}, "schema.a.1"),
        ({"schema": [{"name": "a", "properties": [{"name": "x", "logicalType": "array"}]}]}, "schema.a.x"),
        ({"schema": [{"name": "a", "properties": "x"}]}, "schema.0.properties"),
        ({"colour": "green"}, "colour"),
    ],
)
def test_what_does_not_follow_the_standard_is_refused_with_its_place(change: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidContract) as caught:
        checked(parse(TEXT) | change)
    assert caught.value.faults[0].column == where


@pytest.mark.parametrize(
    "text",
    ["", "[1, 2]", "a: [", "just text", "a: &a [*a]", "d: 2024-99-99", "? {x: 1}\n: 2", "!!python/object:os.system {}"],
)
def test_what_is_no_contract_is_refused(text: str) -> None:
    with pytest.raises(InvalidContract):
        parse(text)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InvalidContract) as caught:
        checked(
            {
                "kind": "Table",
                "apiVersion": "v1",
                "schema": [{"name": "a", "properties": [{"name": "x", "logicalType": "map"}]}],
            }
        )
    assert [fault.column for fault in caught.value.faults] == ["kind", "apiVersion", "schema.a.x"]


@pytest.mark.parametrize(
    ("version", "following"), [("1.0.0", "1.1.0"), ("2.9.3", "2.10.0"), ("draft", "1.0.0"), (None, "1.0.0")]
)
def test_versions_rise(version: str | None, following: str) -> None:
    assert raised(version) == following
