"""Reading LightGBM's native model text (version v4) into flat arrays; strict, because a node must not guess.

The text has a head of ``key=value`` lines, one block of such lines a tree, and "end of trees". Source: LightGBM 4,
``src/boosting/gbdt_model_text.cpp`` (the whole) and ``src/io/tree.cpp`` (one tree).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headway.numerics.entities import FloatArray
from headway.numerics.errors import ModelMalformed, ModelUnsupported

IntArray = NDArray[np.int64]

CATEGORICAL, DEFAULT_LEFT = 1, 2  # bits of decision_type; bits 2 and 3 hold the missing type
MISSING_NONE, MISSING_ZERO, MISSING_NAN = 0, 1, 2
MAX_NODES = 2**31 - 1
NODE = np.dtype(
    [
        ("threshold", np.float64),
        ("feature", np.int32),
        ("left", np.int32),  # a node, or the complement (~) of a leaf
        ("right", np.int32),
        ("flags", np.int32),  # decision_type
        ("word", np.int32),  # categorical: first word of the bit set of categories that go left
        ("words", np.int32),  # categorical: length of the bit set
    ],
    align=True,
)
_END = "end of trees"
_SIGMOID_OBJECTIVES = ("binary", "cross_entropy", "xentropy")
_RAW_OBJECTIVES = ("regression", "regression_l1", "huber", "fair", "quantile", "mape")


@dataclass(frozen=True, slots=True)
class Forest:
    """The trees of a model, flattened: all nodes, all leaves, and where each tree begins."""

    columns: tuple[str, ...]
    nodes: NDArray[np.void]  # of NODE
    leaves: FloatArray
    roots: NDArray[np.int32]  # a node, or the complement of a leaf for a tree without splits
    words: NDArray[np.uint32]  # bit sets of categorical splits
    scale: float  # what the sum of leaves is multiplied with to give log-odds (or the value)
    depth: int  # longest path, in nodes


@dataclass(frozen=True, slots=True)
class _Tree:
    nodes: NDArray[np.void]
    leaves: FloatArray
    words: NDArray[np.uint32]
    depth: int


def read_forest(text: str) -> Forest:
    """Read a model of one output.

    Raises: ModelMalformed: the text is cut off, contradicts itself or holds something that is no number.
        ModelUnsupported: several outputs, linear leaves, or an objective whose output this engine does not make.
    """
    head_text, blocks = _split(text)
    head = _pairs(head_text, "the head")
    columns = _columns(head)
    trees = [_read_tree(i, block, len(columns)) for i, block in enumerate(blocks)]
    _check_sizes(head, blocks)
    scale = _scale(head, len(trees))
    return _join(columns, trees, scale)


def _split(text: str) -> tuple[str, list[str]]:
    body, found, _ = text.partition(f"\n{_END}")
    if not found:
        raise ModelMalformed(f"the model text is cut off: there is no line {_END!r}")
    if not body.startswith("tree\n"):
        raise ModelMalformed("the model text does not begin with the line 'tree'")
    head, *blocks = body.split("\nTree=")
    return head, blocks


def _pairs(block: str, where: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for line in block.split("\n"):
        key, _, value = line.partition("=")
        if not key:
            continue
        if key in pairs:
            raise ModelMalformed(f"{where} has {key!r} twice")
        pairs[key] = value
    return pairs


def _columns(head: Mapping[str, str]) -> tuple[str, ...]:
    if head.get("version") != "v4":
        raise ModelUnsupported(f"the model text has version {head.get('version')!r}, expected v4")
    outputs = (_whole(head, "num_class", "the head"), _whole(head, "num_tree_per_iteration", "the head"))
    if outputs != (1, 1):
        raise ModelUnsupported(f"the model has {outputs[0]} classes and {outputs[1]} trees a round, expected 1 and 1")
    columns = tuple(head.get("feature_names", "").split())
    if len(columns) != _whole(head, "max_feature_idx", "the head") + 1:
        raise ModelMalformed(f"feature_names lists {len(columns)} names, max_feature_idx says otherwise")
    return columns


def _check_sizes(head: Mapping[str, str], blocks: Sequence[str]) -> None:
    """Compare the trees with the sizes that the head promises, in bytes of UTF-8 with the line feeds after each."""
    promised = _wholes(head, "tree_sizes", len(blocks), "the head").tolist()
    for i, (size, block) in enumerate(zip(promised, blocks, strict=True)):
        if len(f"Tree={block}\n".encode()) != size:
            raise ModelMalformed(f"tree {i} has another length than the head promises")


def _scale(head: Mapping[str, str], trees: int) -> float:
    """What turns the sum of leaves into the raw score: log-odds where the objective is of a yes/no label."""
    name, *options = head.get("objective", "").split() or [""]
    average = 1.0 / trees if "average_output" in head and trees else 1.0
    if name in _RAW_OBJECTIVES and "sqrt" not in options:
        return average
    if name not in _SIGMOID_OBJECTIVES:
        raise ModelUnsupported(f"the objective {head.get('objective')!r} is not supported")
    given = [option.removeprefix("sigmoid:") for option in options if option.startswith("sigmoid:")]
    sigmoid = _float(given[0], "sigmoid") if given else 1.0
    if not sigmoid > 0:
        raise ModelMalformed(f"sigmoid {sigmoid} is not above 0")
    return average * sigmoid


def _read_tree(number: int, block: str, features: int) -> _Tree:
    where = f"tree {number}"
    index, _, rest = block.partition("\n")
    if index != str(number):
        raise ModelMalformed(f"{where} is numbered {index!r}")
    pairs = _pairs(rest, where)
    count = _whole(pairs, "num_leaves", where)
    if count < 1:
        raise ModelMalformed(f"{where} has {count} leaves")
    if pairs.get("is_linear", "0") != "0":
        raise ModelUnsupported(f"{where} has linear leaves")
    leaves = _reals(pairs, "leaf_value", count, where)
    if not np.isfinite(leaves).all():
        raise ModelMalformed(f"{where} has a leaf that is not a finite number")
    if count == 1:
        return _Tree(np.empty(0, NODE), leaves, np.empty(0, np.uint32), 0)
    nodes = np.zeros(count - 1, NODE)
    for field, key in (("feature", "split_feature"), ("left", "left_child"), ("right", "right_child")):
        nodes[field] = _wholes(pairs, key, count - 1, where)
    nodes["flags"] = _wholes(pairs, "decision_type", count - 1, where)
    nodes["threshold"] = _reals(pairs, "threshold", count - 1, where)
    _check_nodes(nodes, features, where)
    return _Tree(nodes, leaves, _read_categories(pairs, nodes, where), _depth(nodes, count, where))


def _check_nodes(nodes: NDArray[np.void], features: int, where: str) -> None:
    feature, flags = nodes["feature"], nodes["flags"]
    if ((feature < 0) | (feature >= features)).any():
        raise ModelMalformed(f"{where} splits on a column that does not exist")
    if ((flags < 0) | (flags >> 2 > MISSING_NAN)).any():
        raise ModelMalformed(f"{where} has an unknown decision_type")
    if np.isnan(nodes["threshold"]).any():
        raise ModelMalformed(f"{where} has a threshold that is not a number")


def _read_categories(pairs: Mapping[str, str], nodes: NDArray[np.void], where: str) -> NDArray[np.uint32]:
    """Read the bit sets of categorical splits: their threshold is the place of their set."""
    splits = np.flatnonzero(nodes["flags"] & CATEGORICAL)
    sets = _whole(pairs, "num_cat", where)
    if sets == 0 and not len(splits):
        return np.empty(0, np.uint32)
    ends = _wholes(pairs, "cat_boundaries", sets + 1, where)
    if ends[0] != 0 or (np.diff(ends) < 1).any():
        raise ModelMalformed(f"{where} has category boundaries that do not rise from 0")
    words = _wholes(pairs, "cat_threshold", int(ends[-1]), where)
    if ((words < 0) | (words >= 2**32)).any():
        raise ModelMalformed(f"{where} has a category set that is not of 32-bit words")
    place = nodes["threshold"][splits]
    if ((place != np.floor(place)) | (place < 0) | (place >= sets)).any():
        raise ModelMalformed(f"{where} has a categorical split without a category set")
    nodes["word"][splits] = ends[place.astype(np.int64)]
    nodes["words"][splits] = np.diff(ends)[place.astype(np.int64)]
    return words.astype(np.uint32)


def _depth(nodes: NDArray[np.void], leaves: int, where: str) -> int:
    """Walk the tree once: every node and leaf must be reached exactly once. Returns the longest path in nodes."""
    left, right = nodes["left"].tolist(), nodes["right"].tolist()
    seen_nodes, seen_leaves, deepest = set[int](), set[int](), 0
    stack = [(0, 1)]
    while stack:
        node, depth = stack.pop()
        seen, place, size = (seen_nodes, node, len(left)) if node >= 0 else (seen_leaves, ~node, leaves)
        if place >= size or place in seen:
            raise ModelMalformed(f"{where} is no tree: a child does not exist or has two parents")
        seen.add(place)
        if node >= 0:
            deepest = max(deepest, depth)
            stack += [(left[node], depth + 1), (right[node], depth + 1)]
    if len(seen_nodes) != len(left) or len(seen_leaves) != leaves:
        raise ModelMalformed(f"{where} has parts that its root does not reach")
    return deepest


def _join(columns: tuple[str, ...], trees: Sequence[_Tree], scale: float) -> Forest:
    if not trees:
        raise ModelMalformed("the model has no tree")
    roots, parts = [], []
    node_base = leaf_base = word_base = 0
    for tree in trees:
        nodes = tree.nodes.copy()
        for side in ("left", "right"):
            child = nodes[side]
            nodes[side] = np.where(child >= 0, child + node_base, child - leaf_base)
        nodes["word"] += word_base
        roots.append(node_base if len(nodes) else ~leaf_base)
        parts.append(nodes)
        node_base += len(nodes)
        leaf_base += len(tree.leaves)
        word_base += len(tree.words)
    if max(node_base, leaf_base, word_base) > MAX_NODES:
        raise ModelUnsupported("the model has more nodes than fit 31 bits")
    return Forest(
        columns=columns,
        nodes=np.concatenate(parts),
        leaves=np.concatenate([tree.leaves for tree in trees]),
        roots=np.array(roots, np.int32),
        words=np.concatenate([tree.words for tree in trees]),
        scale=scale,
        depth=max(tree.depth for tree in trees),
    )


def _reals(pairs: Mapping[str, str], key: str, count: int, where: str) -> FloatArray:
    try:
        return np.array([float(part) for part in _parts(pairs, key, count, where)], dtype=np.float64)
    except ValueError as error:
        raise ModelMalformed(f"{where} has something in {key} that is no number: {error}") from error


def _wholes(pairs: Mapping[str, str], key: str, count: int, where: str) -> IntArray:
    try:
        return np.array([int(part) for part in _parts(pairs, key, count, where)], dtype=np.int64)
    except (ValueError, OverflowError) as error:
        raise ModelMalformed(f"{where} has something in {key} that is no whole number: {error}") from error


def _parts(pairs: Mapping[str, str], key: str, count: int, where: str) -> list[str]:
    if key not in pairs:
        raise ModelMalformed(f"{where} lacks {key}")
    parts = pairs[key].split()
    if "_" in pairs[key] or not pairs[key].isascii():  # Python reads 1_0 and other scripts' digits as numbers
        raise ModelMalformed(f"{where} has something in {key} that is no number")
    if len(parts) != count:
        raise ModelMalformed(f"{where} has {len(parts)} numbers in {key}, expected {count}")
    return parts


def _whole(pairs: Mapping[str, str], key: str, where: str) -> int:
    try:
        return int(pairs[key])
    except KeyError as error:
        raise ModelMalformed(f"{where} lacks {key}") from error
    except ValueError as error:
        raise ModelMalformed(f"{where} has {key}={pairs[key]!r}, expected a whole number") from error


def _float(text: str, name: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise ModelMalformed(f"{name} {text!r} is no number") from error
    if not math.isfinite(value):
        raise ModelMalformed(f"{name} {text!r} is not finite")
    return value
