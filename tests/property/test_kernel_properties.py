"""Invariants of the kernel's values."""

from __future__ import annotations

import json
import math
import random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from headway.kernel.canonical import SAFE_INTEGER, canonical_json, digest
from headway.kernel.crypto import Signer, dsse_open, dsse_sign, seal, unseal
from headway.kernel.ids import Ref
from headway.kernel.money import Money

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-SAFE_INTEGER, SAFE_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4))


def same(one: object, other: object) -> bool:
    """Equal as JSON values: numbers are doubles there, 1.0 and 1 the same one."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return float(one) == float(other)
    return one == other


@given(VALUES)
def test_canonical_json_is_json_of_the_same_value_and_stays_as_it_is(value: object) -> None:
    text = canonical_json(value)
    read = json.loads(text)
    assert same(read, value)
    assert canonical_json(read) == text


@given(st.dictionaries(TEXT, SCALARS, min_size=2), st.randoms(use_true_random=False))
def test_order_of_members_does_not_matter(value: dict[str, object], order: random.Random) -> None:
    members = list(value.items())
    order.shuffle(members)
    assert digest(dict(members)) == digest(value)


@given(st.dictionaries(TEXT, SCALARS))
def test_signed_payload_comes_back(value: dict[str, object]) -> None:
    opened = dsse_open({SIGNER.key_id: SIGNER.public}, "t", dsse_sign(SIGNER, "t", value))
    assert opened == canonical_json(value)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.binary(max_size=20))
def test_sealed_bytes_come_back(key: bytes, plain: bytes, context: bytes) -> None:
    assert unseal(key, seal(key, plain, context), context) == plain


@given(
    st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,19}", fullmatch=True),
    st.none() | st.integers(0, 10**6).map(str) | st.from_regex(r"sha256-[0-9a-f]{64}", fullmatch=True),
)
def test_reference_reads_what_it_writes(kind: str, name: str, mark: str | None) -> None:
    ref = Ref(kind, name, mark)
    assert Ref.parse(str(ref)) == ref


@given(st.integers(-(10**12), 10**12), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_money_reads_what_it_writes(minor: int, currency: str) -> None:
    assert Money.parse(str(Money(minor, currency))) == Money(minor, currency)


@given(st.integers(-(10**9), 10**9), st.floats(-100, 100))
def test_multiplied_money_is_within_half_a_minor_unit(minor: int, factor: float) -> None:
    exact = minor * factor
    assert math.isclose(Money(minor, "EUR").times(factor).minor, exact, rel_tol=1e-9, abs_tol=0.5001)
