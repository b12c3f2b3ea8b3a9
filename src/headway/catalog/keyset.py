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
_SLICE = 4_000_000


def repeated(new: Hashes, earlier: Sequence[Hashes]) -> tuple[Places, list[Places]]:
    """Places of the hashes that occur in ``new`` and once more, there or in one of ``earlier``.

    Returns: places in ``new``, and places in each of ``earlier``, ascending.
    Cost: three looks at each hash of ``new``, one at each of ``earlier``; a bitmap of 16 to 32 bits for each of ``new`` (at
        most 256 MB) and a small table of those that may be repeated.
    """
    bits = _bitmap(new.size)
    again = [_repeats(_near(new[at : at + _SLICE], bits), bits) for at in range(0, new.size, _SLICE)]
    seen = [_hits(old, bits) for old in earlier]
    before = [old[places] for old, places in zip(earlier, seen, strict=True)]
    table = _table(sum(part.size for part in (*again, *before)))
    again_bits = _bitmap(table.size // 4)
    for part in (*again, *before):
        _insert(part, table, again_bits)
    places = _known(new, table, again_bits)
    mine = new[places]
    here, there = np.zeros(table.size, np.uint32), np.zeros(table.size, np.uint32)
    _count(mine, table, here)
    for part in before:
        _count(part, table, there)
    return places[_wanted(mine, table, here + there >= 2)], [
        where[_wanted(part, table, here >= 1)] for part, where in zip(before, seen, strict=True)
    ]


def _table(size: int) -> Hashes:
    return np.zeros(1 << max((4 * size).bit_length(), 10), np.uint64)


def _bitmap(size: int) -> Hashes:
    length = int(size).bit_length()
    return np.zeros(1 << (min(max(length + 4, min(length + 7, 23), 16), 31) - 6), np.uint64)


@numba.njit(cache=True, nogil=True)
def _near(hashes: Hashes, bits: Hashes) -> Hashes:
    """The hashes ordered by the region of the bitmap they fall into, so that marking them stays in the cache."""
    shift = np.uint64(0)
    while (bits.size * 64) >> shift > 256:
        shift += np.uint64(1)
    mask = np.uint64(bits.size * 64 - 1)
    starts = np.zeros(258, np.int64)
    for i in range(hashes.size):
        starts[np.int64((hashes[i] & mask) >> shift) + 1] += 1
    for at in range(257):
        starts[at + 1] += starts[at]
    ordered = np.empty(hashes.size, np.uint64)
    for i in range(hashes.size):
        region = np.int64((hashes[i] & mask) >> shift)
        ordered[starts[region]] = hashes[i]
        starts[region] += 1
    return ordered


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
def _insert(hashes: Hashes, table: Hashes, bits: Hashes) -> None:
    """Put the hashes into the table, and their bits into a bitmap that fits the cache."""
    mask = np.uint64(bits.size * 64 - 1)
    for i in range(hashes.size):
        table[_slot(hashes[i], table)] = hashes[i]
        place = hashes[i] & mask
        bits[place >> np.uint64(6)] |= np.uint64(1) << (place & np.uint64(63))


@numba.njit(cache=True, nogil=True)
def _count(hashes: Hashes, table: Hashes, counts: npt.NDArray[np.uint32]) -> None:
    for i in range(hashes.size):
        slot = _slot(hashes[i], table)
        if table[slot] != 0:
            counts[slot] += np.uint32(1)


@numba.njit(cache=True, nogil=True)
def _wanted(hashes: Hashes, table: Hashes, wanted: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Whether the slot of each hash is wanted."""
    found = np.empty(hashes.size, np.bool_)
    for i in range(hashes.size):
        found[i] = wanted[_slot(hashes[i], table)]
    return found


@numba.njit(cache=True, nogil=True)
def _known(hashes: Hashes, table: Hashes, bits: Hashes) -> Places:
    """Places of the hashes that stand in the table; most are told by their bit that they do not."""
    mask = np.uint64(bits.size * 64 - 1)
    room = 1024
    found = np.empty(room, np.int64)
    n = 0
    for i in range(hashes.size):
        place = hashes[i] & mask
        is_marked = bits[place >> np.uint64(6)] & (np.uint64(1) << (place & np.uint64(63)))
        if hashes[i] != 0 and is_marked and table[_slot(hashes[i], table)] != 0:
            if n == room:
                grown = np.empty(room * 2, np.int64)
                grown[:room] = found
                found, room = grown, room * 2
            found[n] = i
            n += 1
    return found[:n]


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
