"""The engine for boosted and bagged trees: score and exact reasons in one pass over LightGBM's native model text."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from headway.numerics.entities import FloatArray, Scores
from headway.numerics.errors import ModelUnsupported, ShapeMismatch
from headway.numerics.lightgbm_text import Forest, read_forest
from headway.numerics.reasons import first_row
from headway.numerics.tree_masks import build_masks

MAX_PATH = 512  # different features on one path of a tree, beyond which the weights lose their meaning in float64


class TreeEngine:
    """Scores rows with a forest; see ``Engine``. Any number of columns; the arrays are never written after creation."""

    def __init__(self, forest: Forest, reference: FloatArray | None) -> None:
        from headway.numerics import tree_kernels as kernels

        self._kernels, self._forest = kernels, forest
        longest = min(forest.depth, len(forest.columns))
        if longest > MAX_PATH:
            raise ModelUnsupported(f"a tree has paths over {longest} features, at most {MAX_PATH} are supported")
        self._reference, self._base = None, 0.0
        if reference is not None:
            row = as_rows(reference[np.newaxis], len(forest.columns))
            self._reference = row[0].copy()
            self._reference.flags.writeable = False
            self._base = float(self.score(row, reasons=False).raw[0])
            self._explain = _explainer(forest, self._reference, shapley_weights(longest + 1))

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the inputs, in order."""
        return self._forest.columns

    @property
    def reference(self) -> FloatArray | None:
        """The row that contributions compare with."""
        return self._reference

    def score(self, X: FloatArray, reasons: bool) -> Scores:
        """Score rows, shape (n, d). With reasons, contributions of row i sum to ``raw[i] - base`` but for rounding."""
        forest = self._forest
        rows = as_rows(X, len(forest.columns))
        raw = np.empty(len(rows))
        if not reasons or self._reference is None:
            self._kernels.score(rows, forest.nodes, forest.leaves, forest.roots, forest.words, forest.scale, raw)
            return Scores(raw, None, self._base)
        phi = np.empty(rows.shape)
        self._explain(rows, raw, phi)
        return Scores(raw, phi, self._base)

    def explain_row(self, row: FloatArray, k: int) -> tuple[float, list[tuple[int, float]]]:
        """Score one row, shape (d,); see ``Engine``."""
        if self._reference is None or k == 0:
            return first_row(self.score(row[np.newaxis], reasons=False), k)
        rows = as_rows(row[np.newaxis], len(self._forest.columns))
        raw, phi, top = np.empty(1), np.empty(rows.shape), np.empty(min(k, len(row)), np.int64)
        self._explain(rows, raw, phi)
        self._kernels.largest(phi[0], top)
        return float(raw[0]), [(i, float(phi[0, i])) for i in top.tolist() if i >= 0]


def _explainer(
    forest: Forest, reference: FloatArray, weights: FloatArray
) -> Callable[[FloatArray, FloatArray, FloatArray], None]:
    """Prepare the function that writes raw scores and contributions of rows; by masks where the trees are small enough.

    Masks need about half the time of a walk: walking, the processor guesses wrong at every second node.
    """
    masks = build_masks(forest)
    if masks is None:
        return _walker(forest, reference, weights)
    from headway.numerics import mask_kernels as kernels

    deciding = (masks.node_start, masks.cell, masks.threshold)
    special = (masks.categorical, masks.categorical_tree, masks.categorical_node)
    theirs = np.empty(len(forest.roots), np.uint64)
    kernels.decide(reference, forest.nodes, forest.words, *deciding, *special, theirs)
    leaves = (masks.left, masks.right, masks.leaf_tree, masks.value)
    features = (masks.feature_bit, masks.feature)
    fixed = (forest.nodes, forest.words, forest.scale, theirs, weights, masks.node_start, masks.leaf_start, masks.cell,
             masks.threshold, *features, *special, *leaves)  # fmt: skip
    return lambda rows, raw, phi: kernels.explain(rows, *fixed, raw, phi)


def _walker(
    forest: Forest, reference: FloatArray, weights: FloatArray
) -> Callable[[FloatArray, FloatArray, FloatArray], None]:
    from headway.numerics import tree_kernels as kernels

    chosen = np.empty(len(forest.nodes), np.int32)
    kernels.reference_children(forest.nodes, forest.words, reference, chosen)
    fixed = (forest.nodes, forest.leaves, forest.roots, forest.words, forest.scale, chosen, weights, forest.depth)
    return lambda rows, raw, phi: kernels.explain(rows, *fixed, raw, phi)


def tree_engine(model_text: str, reference: FloatArray | None = None) -> TreeEngine:
    """Make an engine of a model in LightGBM's native text.

    Args: model_text: as ``Booster.model_to_string`` writes it; reference: shape (d,), the governed row that reasons
        compare with.
    Raises: ModelMalformed, ModelUnsupported: see ``read_forest``. ShapeMismatch: the reference has another length.
    """
    return TreeEngine(read_forest(model_text), reference)


def as_rows(rows: FloatArray, columns: int) -> FloatArray:
    """Return rows as a float64 matrix in C order; raises ShapeMismatch."""
    made = np.ascontiguousarray(rows, dtype=np.float64)
    if made.ndim != 2 or made.shape[1] != columns:
        raise ShapeMismatch(f"the rows have shape {made.shape}, expected (n, {columns})")
    return made


def shapley_weights(size: int) -> FloatArray:
    """Tabulate p! q! / (p + q + 1)! for p, q below size.

    >>> shapley_weights(2).tolist() == [[1.0, 1 / 2], [1 / 2, 1 / 6]]
    True
    """
    order = np.arange(size, dtype=np.float64)
    weights = np.empty((size, size))
    weights[0] = 1.0 / (order + 1.0)
    for p in range(1, size):
        weights[p] = weights[p - 1] * p / (p + order + 1.0)
    return weights
