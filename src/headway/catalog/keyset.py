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
    Cost: one look at each hash of both, a bitmap of 32 to 64 bits for each of ``new`` (at most 256 MB).
    """
    bits = _bitmap(new.size)
    suspects = [_repeats(new, bits)]
    seen = [_hits(old, bits) for old in earlier]
    suspects += [old[places] for old, places in zip(earlier, seen, strict=True)]
    wanted = np.unique(np.concatenate(suspects))
    again = _bitmap(wanted.size)
    _mark(wanted, again)
    here = _hits(new, again)
    all_hashes = np.concatenate([new[here], *suspects[1:]])
    values, counts = np.unique(all_hashes, return_counts=True)
    twice = np.intersect1d(values[counts > 1], new[here])
    return here[np.isin(new[here], twice)], [
        places[np.isin(old[places], twice)] for old, places in zip(earlier, seen, strict=True)
    ]


def _bitmap(size: int) -> Hashes:
    return np.zeros(1 << (min(max(int(size).bit_length() + 5, 16), 31) - 6), np.uint64)


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


@numba.njit(cache=True, nogil=True)
def _mark(hashes: Hashes, bits: Hashes) -> None:
    mask = np.uint64(bits.size * 64 - 1)
    for i in range(hashes.size):
        place = hashes[i] & mask
        bits[place >> np.uint64(6)] |= np.uint64(1) << (place & np.uint64(63))


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
