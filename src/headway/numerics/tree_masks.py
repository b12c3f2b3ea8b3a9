"""Trees as bit masks: for each node one bit of a word, for each leaf the nodes where its path goes left and right.

With the decisions of all nodes of a tree in one word, the leaves that row or reference or a mixture of both can reach
come out of a few bit operations, without walking: the processor has nothing to guess wrong. Idea: Lucchese et al.
(2015), "QuickScorer: a fast algorithm to rank documents with additive ensembles of regression trees", SIGIR.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headway.numerics.entities import FloatArray
from headway.numerics.lightgbm_text import Forest

MOST_NODES = 64  # bits of a word
IndexArray = NDArray[np.int32]
WordArray = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Masks:
    """A forest as masks; nodes and leaves of a tree lie together, node ``j`` of a tree is bit ``j``."""

    node_start: IndexArray  # by tree, and one more
    leaf_start: IndexArray
    cell: NDArray[np.uint32]  # where a node finds its value among the prepared ones; categorical nodes find NaN there
    threshold: FloatArray
    feature_bit: WordArray  # by node: the bit of its feature among the features of its tree
    feature: IndexArray  # by node
    categorical: IndexArray  # nodes (as numbered here)
    categorical_tree: IndexArray
    categorical_node: IndexArray  # the same nodes as numbered in the forest
    left: WordArray  # by leaf
    right: WordArray
    leaf_tree: IndexArray
    value: FloatArray


def build_masks(forest: Forest) -> Masks | None:
    """Make the masks of a forest; None when a tree has more nodes than a word has bits."""
    counts = np.diff(np.append(_first_nodes(forest), len(forest.nodes)))
    if counts.max(initial=0) > MOST_NODES:
        return None
    builder = _Builder(forest)
    for root in forest.roots.tolist():
        builder.add_tree(root)
    return builder.finish()


def _first_nodes(forest: Forest) -> IndexArray:
    """The number of the first node of each tree that has some."""
    roots = forest.roots
    return roots[roots >= 0]


class _Builder:
    def __init__(self, forest: Forest) -> None:
        self.forest = forest
        self.nodes: list[int] = []  # as numbered in the forest
        self.node_tree: list[int] = []
        self.node_bit: list[int] = []
        self.node_start, self.leaf_start = [0], [0]
        self.left: list[int] = []
        self.right: list[int] = []
        self.leaves: list[int] = []
        self.leaf_tree: list[int] = []

    def add_tree(self, root: int) -> None:
        """Add a tree: left before right, so that leaves keep their order."""
        tree = len(self.node_start) - 1
        local: dict[int, int] = {}
        features: dict[int, int] = {}
        waiting = [(root, 0, 0)]
        while waiting:
            number, left, right = waiting.pop()
            if number < 0:
                self.leaves.append(~number)
                self.left.append(left)
                self.right.append(right)
                self.leaf_tree.append(tree)
                continue
            local[number] = bit = 1 << len(local)
            node = self.forest.nodes[number]
            self.nodes.append(number)
            self.node_tree.append(tree)
            self.node_bit.append(1 << features.setdefault(int(node["feature"]), len(features)))
            waiting.append((int(node["right"]), left, right | bit))
            waiting.append((int(node["left"]), left | bit, right))
        self.node_start.append(len(self.nodes))
        self.leaf_start.append(len(self.leaves))

    def finish(self) -> Masks:
        """Lay everything out in arrays."""
        d, nodes = len(self.forest.columns), self.forest.nodes[self.nodes]
        missing, default_left = nodes["flags"] >> 2, (nodes["flags"] >> 1) & 1
        kind = np.where(missing == 0, 0, 2 * missing - 1 + default_left)  # see mask_kernels.prepare
        categorical = np.flatnonzero(nodes["flags"] & 1)
        cell = kind * d + nodes["feature"]
        cell[categorical] = 5 * d
        return Masks(
            node_start=np.array(self.node_start, np.int32),
            leaf_start=np.array(self.leaf_start, np.int32),
            cell=cell.astype(np.uint32),
            threshold=np.ascontiguousarray(nodes["threshold"]),
            feature_bit=np.array(self.node_bit, np.uint64),
            feature=np.ascontiguousarray(nodes["feature"], np.int32),
            categorical=categorical.astype(np.int32),
            categorical_tree=np.array(self.node_tree, np.int32)[categorical],
            categorical_node=np.array(self.nodes, np.int32)[categorical],
            left=np.array(self.left, np.uint64),
            right=np.array(self.right, np.uint64),
            leaf_tree=np.array(self.leaf_tree, np.int32),
            value=self.forest.leaves[self.leaves],
        )
