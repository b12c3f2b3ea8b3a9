"""Personal data in columns."""

from __future__ import annotations

import pytest

from headway.catalog.personal import by_name, by_values, detect, mask, words_of


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("email", "email"),
        ("customerEMail", "email"),
        ("E-Mail Address", "email"),
        ("PhoneNumber", "phone"),
        ("mobile", "phone"),
        ("first_name", "person-name"),
        ("Customer Name", "person-name"),
        ("date_of_birth", "birth-date"),
        ("zip_code", "post-code"),
        ("personal_status_and_sex", "gender"),
        ("MaritalStatus", "marital-status"),
        ("foreign_worker", "nationality"),
        ("iban", "iban"),
        ("IP", "ip-address"),
        ("religion", "religion"),
    ],
)
def test_plain_names_are_told(name: str, kind: str) -> None:
    found = by_name(name, is_text=True)
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize(
    "name",
    [
        "contact",
        "product_name",
        "brewery_name",
        "message",
        "percentage",
        "language",
        "telephone_calls",
        "campaign",
        "shipping",
        "trip",
    ],
)
def test_other_names_are_not(name: str) -> None:
    assert by_name(name, is_text=True) is None


def test_special_categories_are_marked() -> None:
    found = by_name("ethnicity", is_text=True)
    assert found is not None
    assert (found.special, found.classification) == (True, "restricted")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a@example.org", "b.c@example.co.uk", "d+e@sub.example.de"], "email"),
        (["DE89 3704 0044 0532 0130 00", "FR76 3000 6000 0112 3456 7890 189", "GB82WEST12345698765432"], "iban"),
        (["+49 30 901820", "+44 20 7946 0958", "+1 650 253 0000"], "phone"),
        (["10.2.3.4", "192.168.0.1", "2001:db8::1"], "ip-address"),
        (["536-90-4399", "219-09-9998", "123-45-6789"], "national-id"),
        (["943 476 5919", "987 654 4321", "943 476 5919"], "national-id"),
        (["4111 1111 1111 1111", "5555555555554444", "378282246310005"], "payment-card"),
        (["DE136695976", "ATU13585627", "NL820646660B01"], "tax-id"),
    ],
)
def test_values_are_told_by_their_check_digits(values: list[str], kind: str) -> None:
    found = by_values(values)
    assert found is not None
    assert (found.kind, found.told_by) == (kind, "values")


@pytest.mark.parametrize(
    "values",
    [
        ["4111 1111 1111 1112", "5555555555554445", "1234567890123456"],
        ["DE00 3704 0044 0532 0130 00", "FR00 3000 6000 0112 3456 7890 189", "XX82WEST12345698765432"],
        ["INV-2024-000123", "INV-2024-000124", "INV-2024-000125"],
        ["3.12.4", "1.0.0", "2.1.3"],
        ["a@example.org", "none", "unknown", "web", "fair"],
        ["a@example.org", "b@example.org"],
    ],
)
def test_what_only_looks_like_it_is_not(values: list[str]) -> None:
    assert by_values(values) is None


def test_numbers_are_told_by_name_for_few_kinds_only() -> None:
    age = detect("age", range(40), is_text=False)
    assert age is not None
    assert age.kind == "age"
    assert detect("email", range(40), is_text=False) is None


def test_words_are_split_at_signs_and_capitals() -> None:
    assert words_of("customerEMail_addr-2") == "customer e mail addr 2"


def test_a_mask_keeps_the_shape_and_hides_the_rest() -> None:
    assert mask("Ann-Kathrin.Lee42@example.org") == "Aaa-Aaaaaaa.Aaa99@aaaaaaa.aaa"
