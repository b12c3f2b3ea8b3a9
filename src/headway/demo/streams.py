"""Random numbers that depend on what they are for and on nothing else."""

from __future__ import annotations

import hashlib

import numpy as np

BLOCK_ROWS = 65_536
"""Rows that share one stream. Part of what a seed means: another size would make another company."""


def stream(seed: int, *purpose: str | int) -> np.random.Generator:
    """Make the stream for a purpose, such as table, region and block.

    Two purposes have independent streams (Philox, keyed by a SeedSequence), so tables can be made in any order, alone or at
    the same time, and an event that is planted changes no draw but its own.
    """
    words = [part if isinstance(part, int) else _number(part) for part in purpose]
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, *words])))


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
