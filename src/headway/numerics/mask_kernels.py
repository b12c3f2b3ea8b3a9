"""The compiled loops over trees as masks. Like ``tree_kernels``, imported only when a model is loaded; no ``fastmath``."""

from __future__ import annotations

import numba
import numpy as np

from headway.numerics.tree_kernels import ZERO, _goes_left

_ONE = np.uint64(1)
_NONE = np.uint64(0)
_MODULUS = np.uint64(67)  # the powers of two below 2**64 have different remainders
_PLACE = np.zeros(67, np.int64)
for _bit in range(64):
    _PLACE[(1 << _bit) % 67] = _bit


@numba.njit(cache=True, nogil=True, inline="always")
def prepare(row, cells):  # type: ignore[no-untyped-def]  # compiled: types are numba's
    """Lay a row out once for each rule of missing values, so that a node's question is one comparison.

    Cells: as it is with NaN as zero; then zero and NaN as never-left, as always-left; then NaN alone as never-left, as
    always-left; last a NaN for nodes whose question is another one. NaN is not below any threshold; minus infinity is.
    """
    d = row.shape[0]
    for f in range(d):
        value = row[f]
        if abs(value) <= ZERO:
            value = 0.0
        is_nan = np.isnan(value)
        is_missing = is_nan or value == 0.0
        cells[f] = 0.0 if is_nan else value
        cells[d + f] = np.nan if is_missing else value
        cells[2 * d + f] = -np.inf if is_missing else value
        cells[3 * d + f] = value
        cells[4 * d + f] = -np.inf if is_nan else value
    cells[5 * d] = np.nan


@numba.njit(cache=True, nogil=True, inline="always")
def _decide(row, cells, nodes, words, node_start, cell, threshold, categorical, trees, originals, out):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """Write the word of each tree: bit j is set when the row goes left at node j."""
    prepare(row, cells)
    for t in range(node_start.shape[0] - 1):
        word = _NONE
        first, end = np.uint64(node_start[t]), np.uint64(node_start[t + 1])
        for n in range(first, end):
            word |= np.uint64(cells[cell[n]] <= threshold[n]) << (n - first)
        out[t] = word
    for c in range(categorical.shape[0]):
        node = nodes[originals[c]]
        left = _goes_left(row[node.feature], node, words)
        out[trees[c]] |= np.uint64(left) << np.uint64(categorical[c] - node_start[trees[c]])


@numba.njit(cache=True, nogil=True)
def decide(row, nodes, words, node_start, cell, threshold, categorical, trees, originals, out):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """Write the words of one row; see ``_decide``."""
    cells = np.empty(5 * row.shape[0] + 1)
    _decide(row, cells, nodes, words, node_start, cell, threshold, categorical, trees, originals, out)


@numba.njit(cache=True, nogil=True, inline="always")
def _gather(bits, first, feature_bit, feature, found):  # type: ignore[no-untyped-def]  # compiled: types are numba's
    """List the features of some nodes, each once; returns their number and their set."""
    count = 0
    features = _NONE
    while bits != _NONE:
        low = bits & (~bits + _ONE)
        bits ^= low
        at = first + _PLACE[low % _MODULUS]
        found[count] = feature[at]
        count += int((features & feature_bit[at]) == _NONE)
        features |= feature_bit[at]
    return count, features


@numba.njit(cache=True, nogil=True)
def explain(  # type: ignore[no-untyped-def]  # noqa: PLR0917  flat arrays
    rows, nodes, words, scale, reference, weights, node_start, leaf_start, cell, threshold, feature_bit, feature,
    categorical, trees, originals, left, right, leaf_tree, values, raw, phi,
):  # fmt: skip
    """Write raw scores and exact interventional Shapley values against one reference row: see ``tree_kernels.explain``.

    A leaf can be reached when no node of its path is left by row and reference alike. Where only the row stays on the
    path, the node's feature belongs to A; where only the reference does, to B; a leaf with a feature in both is never
    reached. The leaf without a B is the row's own.

    Args: reference: the reference row's words, as ``decide`` writes them; weights[p, q] = p! q! / (p + q + 1)!.
    """
    count = node_start.shape[0] - 1
    cells = np.empty(5 * rows.shape[1] + 1)
    mine = np.empty(count, np.uint64)
    reached = np.empty(values.shape[0] + 1, np.uint64)
    ours = np.empty(65, np.int32)
    theirs = np.empty(65, np.int32)
    for i in range(rows.shape[0]):
        _decide(rows[i], cells, nodes, words, node_start, cell, threshold, categorical, trees, originals, mine)
        found = 0
        for t in range(count):
            neither, both = ~(mine[t] | reference[t]), mine[t] & reference[t]
            for leaf in range(np.uint64(leaf_start[t]), np.uint64(leaf_start[t + 1])):
                reached[found] = leaf
                found += int(((left[leaf] & neither) | (right[leaf] & both)) == _NONE)
        phi[i, :] = 0.0
        total = 0.0
        for r in range(found):
            leaf = reached[r]
            t = leaf_tree[leaf]
            only_mine, only_theirs = mine[t] & ~reference[t], reference[t] & ~mine[t]
            a_bits = (left[leaf] & only_mine) | (right[leaf] & only_theirs)
            b_bits = (left[leaf] & only_theirs) | (right[leaf] & only_mine)
            value = values[leaf]
            if b_bits == _NONE:
                total += value
            a, in_a = _gather(a_bits, node_start[t], feature_bit, feature, ours)
            b, in_b = _gather(b_bits, node_start[t], feature_bit, feature, theirs)
            if (in_a & in_b) != _NONE:
                continue
            gain = value * weights[a - 1, b] if a > 0 else 0.0
            loss = value * weights[b - 1, a] if b > 0 else 0.0
            for j in range(a):
                phi[i, ours[j]] += gain
            for j in range(b):
                phi[i, theirs[j]] -= loss
        raw[i] = total * scale
        for f in range(rows.shape[1]):
            phi[i, f] *= scale
