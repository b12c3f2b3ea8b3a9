"""The Merkle tree of RFC 6962 (same in RFC 9162, section 2.1): append, roots, proofs and their verification.

A complete subtree is named by ``(level, index)``: it covers the leaves ``index << level`` up to, not including,
``(index + 1) << level``. A tree of n leaves keeps only its complete subtrees; every root and proof is made of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Node = tuple[int, int]
Span = tuple[int, int]

EMPTY_ROOT = hashlib.sha256(b"").digest()
HASH_BYTES = 32


def leaf_hash(data: bytes) -> bytes:
    """Hash the bytes of a leaf: SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two children: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The complete subtrees a tree of ``size`` leaves ends in, largest first: all that appending needs."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, leaves: Iterable[bytes]) -> tuple[Frontier, dict[Node, bytes]]:
        """Add leaf hashes at the end.

        Returns: the new frontier, and every complete subtree of level 1 and above that became complete.
        """
        size, peaks, made = self.size, list(self.peaks), {}
        for leaf in leaves:
            level, index, current = 0, size, leaf
            while index & 1:
                current = node_hash(peaks.pop(), current)
                level, index = level + 1, index >> 1
                made[level, index] = current
            peaks.append(current)
            size += 1
        return Frontier(size, tuple(peaks)), made

    def root(self) -> bytes:
        """The root of the tree; the hash of nothing for an empty tree."""
        return _fold(self.peaks) if self.peaks else EMPTY_ROOT


def root(leaves: Iterable[bytes]) -> bytes:
    """Compute the root over leaf hashes."""
    return Frontier().append(leaves)[0].root()


def cover(span: Span) -> tuple[Node, ...]:
    """Name the complete subtrees that make up a span of leaves, from left to right.

    The span is one that the recursive definition yields: its start is a multiple of the largest power of two in it.
    """
    start, end = span
    nodes: list[Node] = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return tuple(nodes)


def frontier_nodes(size: int) -> tuple[Node, ...]:
    """Name the complete subtrees of the frontier of a tree of ``size`` leaves."""
    return cover((0, size))


def inclusion_spans(index: int, size: int) -> tuple[Span, ...]:
    """Name the spans of leaves whose hashes prove leaf ``index`` in a tree of ``size``, nearest first.

    Source: RFC 9162, section 2.1.3.1. Raises ValueError when the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    start, end, spans = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return tuple(reversed(spans))


def consistency_spans(old: int, new: int) -> tuple[Span, ...]:
    """Name the spans whose hashes prove that the tree of ``old`` leaves is the start of the tree of ``new``.

    Source: RFC 9162, section 2.1.4.1; equal sizes and an empty old tree need no hash.
    Raises ValueError when old > new or a size is negative.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} leaves cannot be the start of one of {new}")
    if old in (0, new):
        return ()
    start, end, spans, whole = 0, new, [], True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start, whole = middle, False
    if not whole:
        spans.append((start, end))
    return tuple(reversed(spans))


def hashes(spans: Sequence[Span], nodes: Mapping[Node, bytes]) -> tuple[bytes, ...]:
    """Compute the hash of each span from complete subtrees; raises KeyError when one is missing."""
    return tuple(_fold([nodes[node] for node in cover(span)]) for span in spans)


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """Compute the root that an inclusion proof leads to; None when the proof's shape is wrong.

    Source: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size or any(len(step) != HASH_BYTES for step in (leaf, *proof)):
        return None
    position, last, current = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return None
        if position & 1 or position == last:
            current = node_hash(step, current)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            current = node_hash(current, step)
        position, last = position >> 1, last >> 1
    return current if last == 0 else None


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Tell whether ``proof`` shows the leaf hash at ``index`` in the tree of ``size`` with root ``expected``."""
    return root_from_inclusion(leaf, index, size, proof) == expected


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether ``proof`` shows that the tree of ``old`` leaves is the start of the tree of ``new``.

    Source: RFC 9162, section 2.1.4.2; an empty old tree is the start of every tree.
    """
    if not 0 <= old <= new or any(len(step) != HASH_BYTES for step in proof):
        return False
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    if old == new:
        return not proof and old_root == new_root
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    was = now = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            was, now = node_hash(step, was), node_hash(step, now)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            now = node_hash(now, step)
        position, last = position >> 1, last >> 1
    return last == 0 and was == old_root and now == new_root


def _split(size: int) -> int:
    """Largest power of two smaller than ``size`` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def _fold(peaks: Sequence[bytes]) -> bytes:
    current = peaks[-1]
    for peak in reversed(peaks[:-1]):
        current = node_hash(peak, current)
    return current
