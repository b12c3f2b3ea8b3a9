"""Canonical JSON against the vectors of RFC 8785."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from headway.kernel.canonical import SAFE_INTEGER, canonical_json, digest, file_digest, finite, sha256
from headway.kernel.errors import Invalid

# RFC 8785, appendix B: IEEE 754 bits and their JSON form.
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


@pytest.mark.parametrize(("bits", "text"), NUMBERS.items())
def test_numbers_of_appendix_b(bits: str, text: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical_json(number).decode() == text


@pytest.mark.parametrize("bits", ["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"])
def test_numbers_json_cannot_hold_are_refused(bits: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    with pytest.raises(Invalid, match="canonical JSON"):
        canonical_json({"x": [number]})


def test_sample_of_section_3_2_2() -> None:
    given = r"""{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }"""
    wanted = (
        r'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        r'"string":"€$\u000f\nA'
        "'"
        r'B\"\\\\\"/"}'
    )
    assert canonical_json(json.loads(given)) == wanted.encode()


def test_members_are_sorted_by_utf16_units_as_in_section_3_2_3() -> None:
    given = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    assert list(json.loads(canonical_json(given)).values()) == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


@pytest.mark.parametrize("value", [SAFE_INTEGER + 2, 10**400, {1: "x"}, {"x": {1, 2}}, object(), "\ud800"])
def test_values_without_one_text_are_refused(value: object) -> None:
    with pytest.raises(Invalid):
        canonical_json(value)


def test_large_double_survives_being_read_as_an_integer() -> None:
    text = canonical_json({"revenue": 6.593980281883617e16})
    assert text == b'{"revenue":65939802818836170}'
    assert canonical_json(json.loads(text)) == text


def test_digests_name_their_algorithm_and_match_a_known_value(tmp_path: Path) -> None:
    # FIPS 180-4 example: SHA-256 of "abc".
    wanted = "sha256-ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256(b"abc") == wanted == file_digest(tmp_path / "abc")
    assert digest({"b": 1, "a": [1.0]}) == sha256(b'{"a":[1],"b":1}')


def test_finite_leaves_numbers_and_drops_the_rest() -> None:
    assert [finite(x) for x in (1.5, float("nan"), float("inf"), float("-inf"))] == [1.5, None, None, None]
