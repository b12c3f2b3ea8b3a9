"""The Merkle tree in both implementations, against published roots, each other and the recursive definition."""

from __future__ import annotations

import hashlib

import pytest

from headway.ledger import merkle, offline

# Leaves and roots of the reference tree used by Certificate Transparency implementations
# (certificate-transparency-go, merkletree tests; transparency-dev/merkle, testonly/constants.go).
REFERENCE_LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
REFERENCE_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
UPTO = 64
LEAVES = [merkle.leaf_hash(b"leaf %d" % n) for n in range(UPTO)]


def nodes_of(size: int) -> dict[merkle.Node, bytes]:
    _, complete = merkle.Frontier().append(LEAVES[:size])
    return complete | {(0, index): LEAVES[index] for index in range(size)}


def roots() -> list[bytes]:
    return [offline.tree_hash(LEAVES, 0, size, {}) for size in range(UPTO + 1)]


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize("size", range(1, 9))
def test_published_roots_of_the_reference_tree(size: int) -> None:
    leaves = [merkle.leaf_hash(bytes.fromhex(text)) for text in REFERENCE_LEAVES[:size]]
    assert merkle.root(leaves).hex() == REFERENCE_ROOTS[size - 1]
    assert offline.tree_hash(leaves, 0, size, {}).hex() == REFERENCE_ROOTS[size - 1]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert merkle.root([]) == hashlib.sha256().digest() == offline.tree_hash([], 0, 0, {})


def test_published_inclusion_and_consistency_proofs() -> None:
    leaves = [merkle.leaf_hash(bytes.fromhex(text)) for text in REFERENCE_LEAVES]
    _, complete = merkle.Frontier().append(leaves)
    nodes = complete | {(0, index): leaf for index, leaf in enumerate(leaves)}
    # Leaf 5 of 8, and size 6 to 8 (transparency-dev/merkle, testonly/constants.go).
    assert [h.hex() for h in merkle.hashes(merkle.inclusion_spans(5, 8), nodes)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert [h.hex() for h in merkle.hashes(merkle.consistency_spans(6, 8), nodes)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_roots_agree_at_every_size() -> None:
    expected = roots()
    frontier = merkle.Frontier()
    for size, leaf in enumerate(LEAVES):
        assert frontier.root() == expected[size]
        frontier, _ = frontier.append([leaf])
    assert frontier.root() == expected[UPTO]


def test_every_inclusion_proof_holds_in_both_implementations() -> None:
    expected = roots()
    for size in range(1, UPTO + 1):
        nodes = nodes_of(size)
        for index in range(size):
            path = merkle.hashes(merkle.inclusion_spans(index, size), nodes)
            assert list(path) == offline.inclusion_path(LEAVES, index, 0, size)
            assert merkle.verify_inclusion(LEAVES[index], index, size, path, expected[size])
            assert offline.includes(LEAVES[index], index, size, path, expected[size])


def test_every_consistency_proof_holds_in_both_implementations() -> None:
    expected = roots()
    for new in range(UPTO + 1):
        nodes = nodes_of(new)
        for old in range(new + 1):
            path = merkle.hashes(merkle.consistency_spans(old, new), nodes)
            assert merkle.verify_consistency(old, new, expected[old], expected[new], path)
            assert offline.extends(old, new, expected[old], expected[new], path)


def test_proofs_are_no_longer_than_the_logarithm() -> None:
    for size in (1, 2, 3, 1000, 2**40 + 1):
        for index in {0, size // 2, size - 1}:
            assert len(merkle.inclusion_spans(index, size)) <= max(size - 1, 0).bit_length()


@pytest.mark.parametrize("size", [1, 2, 7, 8, 11, 33, 64])
def test_one_flipped_bit_or_wrong_number_breaks_an_inclusion_proof(size: int) -> None:
    expected, nodes = roots(), nodes_of(size)
    for index in range(size):
        leaf, root = LEAVES[index], expected[size]
        path = merkle.hashes(merkle.inclusion_spans(index, size), nodes)
        wrong = [
            (flipped(leaf, 31), index, size, path, root),
            (leaf, index, size, path, flipped(root, 0)),
            (leaf, size, size, path, root),
            (leaf, -1, size, path, root),
            (leaf, index, size, (*path, root), root),
            (leaf, index, 0, path, root),
            *((leaf, index, size, (*path[:i], flipped(step, 7), *path[i + 1 :]), root) for i, step in enumerate(path)),
        ]
        wrong += [(leaf, other, size, path, root) for other in range(size) if other != index]
        if path:
            wrong += [(leaf, index, size, path[:-1], root), (leaf, index, size, path[1:], root)]
            wrong += [(leaf, index, size, (path[0][:31], *path[1:]), root)]
        for case in wrong:
            assert not merkle.verify_inclusion(*case)
            assert not offline.includes(*case)


@pytest.mark.parametrize(("old", "new"), [(1, 2), (3, 7), (4, 8), (6, 8), (7, 8), (8, 33), (31, 64), (5, 5)])
def test_one_flipped_bit_or_wrong_number_breaks_a_consistency_proof(old: int, new: int) -> None:
    expected = roots()
    path = merkle.hashes(merkle.consistency_spans(old, new), nodes_of(new))
    wrong = [
        (old, new, flipped(expected[old], 3), expected[new], path),
        (old, new, expected[old], flipped(expected[new], 3), path),
        (old, new, expected[old], expected[new], (*path, expected[new])),
        (new, old - 1, expected[old], expected[new], path),
        *(
            (old, new, expected[old], expected[new], (*path[:i], flipped(s, 9), *path[i + 1 :]))
            for i, s in enumerate(path)
        ),
    ]
    wrong += [(other, new, expected[old], expected[new], path) for other in range(new) if other != old]
    if path:
        wrong += [
            (old, new, expected[old], expected[new], path[:-1]),
            (old, new, expected[old], expected[new], path[1:]),
        ]
    for case in wrong:
        assert not merkle.verify_consistency(*case)
        assert not offline.extends(*case)


def test_swapped_leaves_have_another_root() -> None:
    assert merkle.root([LEAVES[1], LEAVES[0], *LEAVES[2:]]) != merkle.root(LEAVES)


def test_a_leaf_cannot_pose_as_a_node() -> None:
    left, right = LEAVES[:2]
    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 4)])
def test_a_proof_of_a_leaf_that_is_not_there_is_refused(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="has no leaf"):
        merkle.inclusion_spans(index, size)


def test_a_larger_log_is_not_the_start_of_a_smaller_one() -> None:
    with pytest.raises(ValueError, match="cannot be the start"):
        merkle.consistency_spans(4, 3)
