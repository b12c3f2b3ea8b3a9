"""Random numbers by number of a thing: the same entity looks the same wherever it turns up, without being remembered.

Records of one customer may lie millions of rows apart. A stream would have to be kept or wound back; here the chance of a
thing is a hash of its number (SplitMix64: Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195).
"""

from __future__ import annotations

import hashlib
import math

import numpy as np
import numpy.typing as npt

from headway.demo.frames import Floats

Numbers = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]


def key(seed: int, *purpose: str) -> int:
    """Make a key of 64 bits for a purpose."""
    return int.from_bytes(hashlib.sha256("\0".join([str(seed), *purpose]).encode()).digest()[:8], "big")


def chances(made_key: int, numbers: Numbers) -> Floats:
    """Give each number its chance under a key, uniform on 0 to 1, 1 excluded."""
    word: Words = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(made_key)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    word ^= word >> np.uint64(31)
    return np.asarray((word >> np.uint64(11)).astype(np.float64) * 2.0**-53)


def scattered(made_key: int, positions: Numbers, total: int) -> Numbers:
    """Put positions 0 to ``total`` - 1 into another order: each result comes once (an affine map modulo ``total``)."""
    factor, shift = _map(made_key, total)
    return np.asarray((positions * factor + shift) % total, dtype=np.int64)


def gathered(made_key: int, places: Numbers, total: int) -> Numbers:
    """Tell which position ``scattered`` put into each of these places."""
    factor, shift = _map(made_key, total)
    back = pow(factor, -1, total) if total > 1 else 0
    return np.asarray(((places - shift) % total * back) % total, dtype=np.int64)


def _map(made_key: int, total: int) -> tuple[int, int]:
    factor = made_key % total
    while math.gcd(factor, total) != 1:
        factor += 1
    return factor, (made_key >> 20) % total
