"""Invariants of the Merkle tree for any number of leaves, appended in any batches."""

from __future__ import annotations

import hashlib
import itertools

from hypothesis import given
from hypothesis import strategies as st

from headway.ledger import merkle, offline


def leaves_of(size: int) -> list[bytes]:
    return [hashlib.sha256(b"%d" % n).digest() for n in range(size)]


@given(st.lists(st.integers(0, 40), max_size=12))
def test_batches_do_not_matter(batches: list[int]) -> None:
    leaves = leaves_of(sum(batches))
    frontier, made, at = merkle.Frontier(), {}, 0
    for count in batches:
        frontier, complete = frontier.append(leaves[at : at + count])
        assert not complete.keys() & made.keys()
        made |= complete
        at += count
    whole, at_once = merkle.Frontier().append(leaves)
    assert frontier == whole
    assert made == at_once
    assert frontier.root() == offline.tree_hash(leaves, 0, len(leaves), {})


@given(st.data())
def test_stored_subtrees_prove_any_leaf_and_any_older_log(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 300))
    leaves = leaves_of(size)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    frontier, complete = merkle.Frontier().append(leaves)
    nodes = complete | {(0, at): leaf for at, leaf in enumerate(leaves)}
    path = merkle.hashes(merkle.inclusion_spans(index, size), nodes)
    assert offline.includes(leaves[index], index, size, path, frontier.root())
    proof = merkle.hashes(merkle.consistency_spans(old, size), nodes)
    assert offline.extends(old, size, merkle.root(leaves[:old]), frontier.root(), proof)


@given(st.integers(1, 10**12), st.data())
def test_spans_are_disjoint_and_with_the_leaf_cover_the_tree(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    spans = sorted([*merkle.inclusion_spans(index, size), (index, index + 1)])
    assert spans[0][0] == 0
    assert spans[-1][1] == size
    assert all(before[1] == after[0] for before, after in itertools.pairwise(spans))


@given(st.integers(0, 10**12))
def test_a_frontier_has_a_subtree_for_each_one_bit_of_the_size(size: int) -> None:
    nodes = merkle.frontier_nodes(size)
    assert len(nodes) == size.bit_count()
    assert sum(1 << level for level, _ in nodes) == size


@given(st.integers(1, 64), st.data())
def test_a_random_path_proves_nothing(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = data.draw(st.lists(st.binary(min_size=32, max_size=32), max_size=7))
    leaf, root = data.draw(st.binary(min_size=32, max_size=32)), data.draw(st.binary(min_size=32, max_size=32))
    same = merkle.verify_inclusion(leaf, index, size, path, root)
    assert same == offline.includes(leaf, index, size, path, root)
    assert not same or leaf == root
