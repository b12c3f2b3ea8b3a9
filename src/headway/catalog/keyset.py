"""Finding keys that occur twice among many hashes, without a table of all of them: bitmaps first, then the few left.

A hash is an unsigned integer of 64 bits in the order of the rows; 0 stands for a key with a missing part, which is equal to
nothing. What is found is a superset of the truth: equal keys always have equal hashes, unequal keys nearly never, so whoever
asks compares the values of the few places found.
"""

from __future__ import annotations

from collections.abc import Sequence

import numba
import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]


def repeated(new: Hashes, earlier: Sequence[Hashes]) -> tuple[Places, list[Places]]:
    """Places of the hashes that occur in ``new`` and once more, there or in one of ``earlier``.

    Returns: places in ``new``, and places in each of ``earlier``, ascending.
    Cost: three looks at each hash of ``new``, one at each of ``earlier``; a bitmap of 16 to 32 bits for each of ``new`` (at
        most 256 MB) and a small table of those that may be repeated.
    """
    bits = _bitmap(new.size)
    again = _repeats(new, bits)
    seen = [_hits(old, bits) for old in earlier]
    before = [old[places] for old, places in zip(earlier, seen, strict=True)]
    table = _table(again.size + sum(part.size for part in before))
    here, there = np.zeros(table.size, np.uint32), np.zeros(table.size, np.uint32)
    for part in (again, *before):
        _insert(part, table)
    _count(new, table, here)
    for part in before:
        _count(part, table, there)
    return _places(new, table, here + there >= 2), [
        places[_places(part, table, here >= 1)] for part, places in zip(before, seen, strict=True)
    ]


def _table(size: int) -> Hashes:
    return np.zeros(1 << max((2 * size).bit_length(), 10), np.uint64)


def _bitmap(size: int) -> Hashes:
    return np.zeros(1 << (min(max(int(size).bit_length() + 4, 16), 31) - 6), np.uint64)


@numba.njit(cache=True, nogil=True)
def _repeats(hashes: Hashes, bits: Hashes) -> Hashes:
    """Mark all; give those whose bit was there already."""
    mask = np.uint64(bits.size * 64 - 1)
    room = 1024
    found = np.empty(room, np.uint64)
    n = 0
    for i in range(hashes.size):
        if hashes[i] == 0:
            continue
        place = hashes[i] & mask
        word, bit = place >> np.uint64(6), np.uint64(1) << (place & np.uint64(63))
        if bits[word] & bit:
            if n == room:
                grown = np.empty(room * 2, np.uint64)
                grown[:room] = found
                found, room = grown, room * 2
            found[n] = hashes[i]
            n += 1
        else:
            bits[word] |= bit
    return found[:n]


@numba.njit(cache=True, nogil=True, inline="always")
def _slot(value: np.uint64, table: Hashes) -> np.uint64:
    """Where a value stands in the table, or the free slot where it would stand; linear probing by the high bits."""
    mask = np.uint64(table.size - 1)
    slot = (value >> np.uint64(32)) & mask
    while table[slot] != 0 and table[slot] != value:
        slot = (slot + np.uint64(1)) & mask
    return slot


@numba.njit(cache=True, nogil=True)
def _insert(hashes: Hashes, table: Hashes) -> None:
    for i in range(hashes.size):
        table[_slot(hashes[i], table)] = hashes[i]


@numba.njit(cache=True, nogil=True)
def _count(hashes: Hashes, table: Hashes, counts: npt.NDArray[np.uint32]) -> None:
    for i in range(hashes.size):
        slot = _slot(hashes[i], table)
        if table[slot] != 0:
            counts[slot] += np.uint32(1)


@numba.njit(cache=True, nogil=True)
def _places(hashes: Hashes, table: Hashes, wanted: npt.NDArray[np.bool_]) -> Places:
    """Places of the hashes whose slot is wanted."""
    n = 0
    for i in range(hashes.size):
        n += int(wanted[_slot(hashes[i], table)])
    found = np.empty(n, np.int64)
    n = 0
    for i in range(hashes.size):
        if wanted[_slot(hashes[i], table)]:
            found[n] = i
            n += 1
    return found


@numba.njit(cache=True, nogil=True)
def _hits(hashes: Hashes, bits: Hashes) -> Places:
    """Places whose bit is set."""
    mask = np.uint64(bits.size * 64 - 1)
    room = 1024
    found = np.empty(room, np.int64)
    n = 0
    for i in range(hashes.size):
        place = hashes[i] & mask
        if hashes[i] != 0 and bits[place >> np.uint64(6)] & (np.uint64(1) << (place & np.uint64(63))):
            if n == room:
                grown = np.empty(room * 2, np.int64)
                grown[:room] = found
                found, room = grown, room * 2
            found[n] = i
            n += 1
    return found[:n]
