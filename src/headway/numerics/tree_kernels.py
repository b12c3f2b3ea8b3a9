"""The compiled loops over trees. Importing this module imports numba; only ``trees`` does, when a model is loaded.

No ``fastmath``: it would drop the handling of NaN. The cache folder is chosen before this module is imported.
"""

from __future__ import annotations

import numba
import numpy as np

ZERO = float(np.float32(1e-35))  # LightGBM's kZeroThreshold is a float32


@numba.njit(cache=True, nogil=True, inline="always")
def _goes_left(value, node, words):  # type: ignore[no-untyped-def]  # compiled: types are numba's
    """LightGBM 4, include/LightGBM/tree.h: NumericalDecision and CategoricalDecision."""
    if node.flags & 1:
        if not value > -1.0 or value >= 2147483648.0:  # NaN, negative, beyond int: right
            return False
        category = np.int64(value)
        word = category >> 5
        if word >= node.words:
            return False
        return (words[node.word + word] >> np.uint32(category & 31)) & np.uint32(1) != 0
    missing = node.flags >> 2
    if np.isnan(value):
        if missing == 2:
            return node.flags & 2 != 0
        value = 0.0
    if missing == 1 and -ZERO <= value <= ZERO:
        return node.flags & 2 != 0
    return value <= node.threshold


@numba.njit(cache=True, nogil=True)
def reference_children(nodes, words, reference, out):  # type: ignore[no-untyped-def]  # compiled: types are numba's
    """Write which child of each node the reference row takes."""
    for n in range(nodes.shape[0]):
        node = nodes[n]
        value = reference[node.feature]
        if abs(value) <= ZERO:
            value = 0.0
        out[n] = node.left if _goes_left(value, node, words) else node.right


@numba.njit(cache=True, nogil=True, inline="always")
def _read_row(given, row):  # type: ignore[no-untyped-def]  # compiled: types are numba's
    """Copy a row; what LightGBM takes for zero becomes zero."""
    for f in range(given.shape[0]):
        row[f] = 0.0 if abs(given[f]) <= ZERO else given[f]


@numba.njit(cache=True, nogil=True)
def score(rows, nodes, leaves, roots, words, scale, raw):  # type: ignore[no-untyped-def]  # noqa: PLR0917  flat arrays
    """Write the raw score of each row: the sum of leaves in the order of trees, times scale."""
    row = np.empty(rows.shape[1])
    for i in range(rows.shape[0]):
        _read_row(rows[i], row)
        total = 0.0
        for t in range(roots.shape[0]):
            n = roots[t]
            while n >= 0:
                node = nodes[n]
                n = node.left if _goes_left(row[node.feature], node, words) else node.right
            total += leaves[~n]
        raw[i] = total * scale


@numba.njit(cache=True, nogil=True)
def explain(rows, nodes, leaves, roots, words, scale, chosen, weights, depth, raw, phi):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """Write raw scores and exact interventional Shapley values against one reference row.

    In a tree, features in a coalition take the row's values and the others the reference's. A leaf is reached when all
    features of A (where only the row's value leads there) are in and all of B (only the reference's) are out; the
    unanimity game behind that gives each of A the share (a-1)! b! / (a+b)! of the leaf and each of B minus
    (b-1)! a! / (a+b)!. Only nodes where row and reference part ways branch, so few leaves are visited. The first leaf
    is the row's own: the score costs nothing more. Source: Lundberg et al. (2020), Nature Machine Intelligence 2,
    "From local explanations to global understanding", algorithm 3 (interventional), for one background row.

    Args: chosen: the reference's child of each node; weights[p, q] = p! q! / (p + q + 1)!; depth: longest path.
    """
    row = np.empty(rows.shape[1])
    side = np.zeros(rows.shape[1], np.int8)  # 0 open, 1 in A, 2 in B
    path = np.empty(depth + 1, np.int32)  # features of A and B in the order they were met
    later = np.empty((depth + 1, 2), np.int32)  # the reference's branches still to go: node, length of path
    for i in range(rows.shape[0]):
        _read_row(rows[i], row)
        phi[i, :] = 0.0
        total = 0.0
        for t in range(roots.shape[0]):
            total += _explain_tree(roots[t], row, nodes, leaves, words, chosen, weights, side, path, later, phi[i])
        raw[i] = total * scale
        for f in range(rows.shape[1]):
            phi[i, f] *= scale


@numba.njit(cache=True, nogil=True)
def largest(phi, top):  # type: ignore[no-untyped-def]  # compiled: types are numba's
    """Write the columns of the largest contributions by size, equal ones by number; -1 after the last that is not 0."""
    for k in range(top.shape[0]):
        best = -1
        size = 0.0
        for f in range(phi.shape[0]):
            if abs(phi[f]) > size:
                taken = False
                for j in range(k):
                    taken = taken or top[j] == f
                if not taken:
                    best, size = f, abs(phi[f])
        top[k] = best


@numba.njit(cache=True, nogil=True, inline="always")
def _explain_tree(n, row, nodes, leaves, words, chosen, weights, side, path, later, phi):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """Add one tree's contributions to phi and return the leaf of the row itself; ``side`` is left all open."""
    waiting = length = a = b = 0
    own = 0.0
    first = True
    while True:
        while n >= 0:
            node = nodes[n]
            f = node.feature
            mine = node.left if _goes_left(row[f], node, words) else node.right
            theirs = chosen[n]
            if mine == theirs or side[f] == 1:
                n = mine
            elif side[f] == 2:
                n = theirs
            else:
                later[waiting, 0], later[waiting, 1] = theirs, length
                waiting += 1
                side[f], path[length] = 1, f
                length, a = length + 1, a + 1
                n = mine
        value = leaves[~n]
        if first:
            own, first = value, False
        gain = value * weights[a - 1, b] if a > 0 else 0.0
        loss = value * weights[b - 1, a] if b > 0 else 0.0
        for j in range(length):
            phi[path[j]] += gain if side[path[j]] == 1 else -loss
        keep = later[waiting - 1, 1] if waiting > 0 else 0
        for j in range(keep, length):
            if side[path[j]] == 1:
                a -= 1
            else:
                b -= 1
            side[path[j]] = 0
        if waiting == 0:
            return own
        waiting -= 1
        n, b, length = later[waiting, 0], b + 1, keep + 1
        side[path[keep]] = 2
