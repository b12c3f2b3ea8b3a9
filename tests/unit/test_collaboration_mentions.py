"""Names are found where people mean them, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.collaboration.mentions import excerpt, named_in


def named(text: str) -> list[str | None]:
    return [one.person_id or one.email for one in named_in(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@bo@example.org please look", ["bo@example.org"]),
        ("Thanks, @Bo@Example.org.", ["bo@example.org"]),
        ("(@bo@example.org)", ["bo@example.org"]),
        ("@[Bo Berg](person:per_1) and @[Ada](person:local)", ["per_1", "local"]),
        ("@bo@example.org @bo@example.org", ["bo@example.org"]),
        ("bo@example.org is an address, not a call", []),
        ("\\@bo@example.org", []),
        ("@everybody", []),
        ("`@bo@example.org`", []),
        ("``a ` @bo@example.org``", []),
        ("```\n@bo@example.org\n```\n@ada@example.org", ["ada@example.org"]),
        ("~~~\n@bo@example.org", []),
        ("@[Bo](https://evil.example)", []),
        ("[Bo](person:per_1)", []),
        ("@ada@example.org then @[Bo](person:per_1)", ["ada@example.org", "per_1"]),
    ],
)
def test_who_is_named(text: str, found: list[str]) -> None:
    assert named(text) == found


@given(st.text(alphabet=st.sampled_from("@[]()`~\n abz.:person1"), max_size=80))
def test_reading_names_never_fails_and_names_each_once(text: str) -> None:
    found = named_in(text)
    assert len(set(found)) == len(found)


def test_a_text_against_backtracking_is_read_at_once() -> None:
    for text in ("@a@" + "a." * 10_000, "`" * 20_000, "@[" * 10_000, "@[x](person:" + "a" * 20_000, "```\n" * 5_000):
        assert len(named_in(text)) <= 1


def test_an_excerpt_is_one_line_with_names() -> None:
    assert excerpt("Hello @[Bo Berg](person:per_1),\n\n  look") == "Hello @Bo Berg, look"
    assert excerpt("x" * 300) == "x" * 159 + "…"
