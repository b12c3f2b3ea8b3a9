"""Relationships and service levels as ODCS 3.1 writes them ("References", "Service-Level Agreement")."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from open_data_contract_standard.model import Relationship, ServiceLevelAgreementProperty

from headway.catalog.errors import InvalidContract
from headway.catalog.links import Reference, levels_of, reference_of

COLUMNS = ["id", "account_id", "at"]


def read(column: str | None = None, **link: Any) -> Reference:
    return reference_of(Relationship.model_validate(link), column, "users", COLUMNS)


@pytest.mark.parametrize(
    "to",
    [
        "accounts.owner_id",
        "schema/accounts/properties/owner_id",
        "https://example.com/contract.yaml#accounts.owner_id",
        "https://example.com/contract.yaml#/schema/accounts/properties/owner_id",
    ],
)
def test_a_reference_is_read_in_every_notation(to: str) -> None:
    assert read("id", to=to) == Reference(of=("id",), table="accounts", columns=("owner_id",))


def test_a_key_of_several_columns_is_read_in_its_order() -> None:
    made = read(**{"from": ["users.account_id", "users.id"]}, to=["accounts.id", "accounts.user"])
    assert made == Reference(of=("account_id", "id"), table="accounts", columns=("id", "user"))


@pytest.mark.parametrize(
    ("column", "link", "words"),
    [
        ("id", {"from": "users.id", "to": "accounts.id"}, "must not say 'from'"),
        (None, {"to": "accounts.id"}, "needs 'from' and 'to'"),
        ("id", {}, "needs 'from' and 'to'"),
        (None, {"from": "users.id", "to": ["accounts.a", "accounts.b"]}, "both be lists"),
        (None, {"from": ["users.id", "users.at"], "to": ["a.b", "a.c", "a.d"]}, "as many columns"),
        (None, {"from": ["users.id", "users.at"], "to": ["a.b", "other.c"]}, "of one table"),
        (None, {"from": "users.shoe", "to": "accounts.id"}, "shoe is not in the table"),
        ("id", {"to": "accounts"}, "names no column"),
        ("id", {"to": "accounts.id", "type": "friendship"}, "not known"),
    ],
)
def test_what_the_standard_calls_invalid_is_refused(column: str | None, link: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidContract, match=words):
        read(column, **link)


@pytest.mark.parametrize(
    ("level", "oldest"),
    [
        ({"value": 4, "unit": "d"}, timedelta(days=4)),
        ({"value": 24, "unit": "h"}, timedelta(hours=24)),
        ({"value": "90", "unit": "minutes"}, timedelta(minutes=90)),
        ({"value": 1.5, "unit": "hours"}, timedelta(minutes=90)),
        ({"value": 2, "unit": "yr"}, timedelta(days=730)),
        ({"value": 3}, timedelta(days=3)),
        ({"value": "P1DT12H"}, timedelta(hours=36)),
    ],
)
@pytest.mark.parametrize("name", ["latency", "Freshness", "ly"])
def test_the_greatest_age_is_read_in_every_unit(name: str, level: dict[str, Any], oldest: timedelta) -> None:
    one = ServiceLevelAgreementProperty(property=name, element="users.at", **level)
    assert levels_of([one], "users", COLUMNS, None, is_asked=True) == ([("at", oldest)], [])


def test_without_an_element_a_level_speaks_of_the_column_of_times() -> None:
    one = ServiceLevelAgreementProperty(property="latency", value=1, unit="d")
    assert levels_of([one], "users", COLUMNS, "at", is_asked=True)[0] == [("at", timedelta(days=1))]
    assert levels_of([one], "users", COLUMNS, None, is_asked=True)[1] == [
        "service level latency: needs more than the rows of one file"
    ]


@pytest.mark.parametrize(
    ("level", "words"),
    [
        ({"element": "users.shoe", "value": 1}, "not in the table"),
        ({"element": "accounts.at", "value": 1}, "not in the table"),
        ({"element": "at", "value": "soon"}, "no duration"),
        ({"element": "at", "value": 1, "unit": "moons"}, "no duration"),
    ],
)
def test_a_freshness_without_sense_is_refused(level: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidContract, match=words):
        levels_of([ServiceLevelAgreementProperty(property="latency", **level)], "users", COLUMNS, None, is_asked=True)
