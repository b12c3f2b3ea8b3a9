"""Verifies an exported ledger without Headway: a second implementation that shares no code with the first.

It follows the recursive definitions of RFC 6962, section 2.1, word by word, where the ledger itself climbs bit by bit.
The file stands alone: copy it anywhere with Python 3.11 and ``cryptography``, and run

    python offline.py BUNDLE.zip [--trust KEYS.json]

KEYS.json holds {key id: base64 public key}, got from the operator by another way than the bundle. Without it, the
bundle's own keys are used: that shows that the bundle is whole, not who signed it.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MAX_FAULTS = 100


def tree_hash(leaves: Sequence[bytes], start: int, end: int, cache: dict[tuple[int, int], bytes]) -> bytes:
    """MTH(D[start:end]) over leaf hashes; subtrees of full size are kept in ``cache``."""
    count = end - start
    if count == 0:
        return hashlib.sha256(b"").digest()
    if count == 1:
        return leaves[start]
    if (start, end) in cache:
        return cache[start, end]
    middle = start + half(count)
    made = hashlib.sha256(
        b"\x01" + tree_hash(leaves, start, middle, cache) + tree_hash(leaves, middle, end, cache)
    ).digest()
    if count & (count - 1) == 0:
        cache[start, end] = made
    return made


def half(count: int) -> int:
    """The largest power of two smaller than ``count``."""
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def inclusion_path(leaves: Sequence[bytes], index: int, start: int, end: int) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962, section 2.1.1."""
    if end - start == 1:
        return []
    middle = start + half(end - start)
    if index < middle:
        return [*inclusion_path(leaves, index, start, middle), tree_hash(leaves, middle, end, {})]
    return [*inclusion_path(leaves, index, middle, end), tree_hash(leaves, start, middle, {})]


def climb(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that an inclusion path leads to; raises ValueError when the path has the wrong length."""
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    if size == 1:
        if path:
            raise ValueError("the path is too long")
        return leaf
    if not path:
        raise ValueError("the path is too short")
    middle = half(size)
    if index < middle:
        return join(climb(leaf, index, middle, path[:-1]), path[-1])
    return join(path[-1], climb(leaf, index - middle, size - middle, path[:-1]))


def join(left: bytes, right: bytes) -> bytes:
    """The hash of two children."""
    if len(left) != 32 or len(right) != 32:
        raise ValueError("a hash has 32 bytes")
    return hashlib.sha256(b"\x01" + left + right).digest()


def includes(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Tell whether the path shows the leaf at ``index`` in the tree with this root."""
    try:
        return climb(leaf, index, size, path) == root
    except ValueError:
        return False


def extends(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Tell whether the path shows that the old tree is the start of the new one."""
    if not 0 <= old <= new:
        return False
    if old == 0:
        return not path and old_root == hashlib.sha256(b"").digest()
    try:
        before, after, rest = both_roots(old, new, list(path), old_root, True)
    except (ValueError, IndexError):
        return False
    return not rest and before == old_root and after == new_root


def both_roots(old: int, new: int, path: list[bytes], old_root: bytes, whole: bool) -> tuple[bytes, bytes, list[bytes]]:
    """Both roots that SUBPROOF(m, D[n], b) of RFC 6962, section 2.1.2, leads to, and the steps left over."""
    if old == new:
        if whole:
            return old_root, old_root, path
        return path[0], path[0], path[1:]
    middle = half(new)
    if old <= middle:
        before, after, rest = both_roots(old, middle, path, old_root, whole)
        return before, join(after, rest[0]), rest[1:]
    before, after, rest = both_roots(old - middle, new - middle, path, old_root, False)
    return join(rest[0], before), join(rest[0], after), rest[1:]


def read_note(note: str, keys: Mapping[str, bytes]) -> tuple[str, int, bytes, str]:
    """Origin, size, root and key id of a signed checkpoint; raises ValueError when no known key signed it."""
    body, gap, tail = note.rpartition("\n\n")
    if not gap:
        raise ValueError("it has no signature")
    body += "\n"
    for line in tail.splitlines():
        dash, name, encoded = line.split(" ")
        blob = base64.b64decode(encoded, validate=True)
        for key_id, public in keys.items():
            if dash != "\u2014" or blob[:4] != hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]:
                continue
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(blob[4:], body.encode())
            except InvalidSignature as error:
                raise ValueError("its signature is wrong") from error
            origin, size, root = body.split("\n")[:3]
            return origin, int(size), base64.b64decode(root, validate=True), key_id
    raise ValueError("no known key signed it")


class Report:
    """What was found: a list of faults, and the first leaf and checkpoint they point to."""

    def __init__(self) -> None:
        self.faults: list[dict[str, Any]] = []

    def fault(self, kind: str, message: str, *, leaf: int | None = None, checkpoint: int | None = None) -> None:
        """Note one thing that does not hold."""
        self.faults.append({"kind": kind, "message": message, "leaf_index": leaf, "checkpoint_size": checkpoint})

    def first(self, field: str) -> int | None:
        """The smallest place that a fault names."""
        return min((int(f[field]) for f in self.faults if f[field] is not None), default=None)


def verify_bundle(path: Path, trusted: Mapping[str, bytes] | None = None) -> dict[str, Any]:
    """Verify a bundle, a zip file or the folder unpacked from it.

    Args: trusted: raw public keys by key id; None takes the bundle's word for its keys.
    Returns: a report with ``ok``, ``size``, ``root``, ``checkpoints``, ``erased``, ``keys`` and ``faults``.
    Raises: ValueError: the file is no bundle of this kind.
    """
    report = Report()
    read = opened(path)
    try:
        about = read_about(read("bundle.json"))
        own = {name: base64.b64decode(text) for name, text in about["keys"].items()}
        keys = dict(trusted) if trusted is not None else own
        leaves, commitments = read_leaves(read("leaves.jsonl").splitlines(), report)
        signed = read_checkpoints(read("checkpoints.jsonl").splitlines(), leaves, keys, report)
        shown = read_payloads(read("payloads.jsonl").splitlines(), commitments, report)
    except (OSError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is damaged or not a bundle: {error}") from error
    check_ends(len(leaves), signed, about, report)
    return {
        "ok": not report.faults,
        "origin": about["origin"],
        "size": len(leaves),
        "root": tree_hash(leaves, 0, len(leaves), {}).hex(),
        "checkpoints": len(signed),
        "erased": len(leaves) - shown,
        "keys": sorted(set(signed.values()) - {""}),
        "trust": "given keys" if trusted is not None else "the bundle's own keys",
        "first_bad_leaf": report.first("leaf_index"),
        "first_bad_checkpoint": report.first("checkpoint_size"),
        "faults": report.faults[:MAX_FAULTS],
    }


def read_leaves(lines: Sequence[bytes], report: Report) -> tuple[list[bytes], dict[str, tuple[int, str]]]:
    """Leaf hashes in order, and place and commitment by event id."""
    leaves: list[bytes] = []
    commitments: dict[str, tuple[int, str]] = {}
    for index, line in enumerate(lines):
        leaves.append(hashlib.sha256(b"\x00" + line).digest())
        try:
            leaf = json.loads(line)
            if leaf["id"] in commitments:
                report.fault("leaf", f"event {leaf['id']} is there twice", leaf=index)
            commitments[leaf["id"]] = (index, leaf["commitment"])
        except (ValueError, KeyError, TypeError):
            report.fault("leaf", f"leaf {index} is not a leaf", leaf=index)
    return leaves, commitments


def read_checkpoints(
    lines: Sequence[bytes], leaves: Sequence[bytes], keys: Mapping[str, bytes], report: Report
) -> dict[int, str]:
    """Check every checkpoint; returns the id of the signing key by size, empty where the note does not hold."""
    cache: dict[tuple[int, int], bytes] = {}
    signed: dict[int, str] = {}
    origins: set[str] = set()
    for line in lines:
        entry = json.loads(line)
        size = int(entry["size"])
        signed[size] = ""
        try:
            origin, said, root, signed[size] = read_note(entry["note"], keys)
        except ValueError as error:
            report.fault("signature", f"the checkpoint of size {size} does not hold: {error}", checkpoint=size)
            continue
        origins.add(origin)
        if size > len(leaves):
            report.fault("truncated", f"checkpoint {size} is beyond the {len(leaves)} leaves here", checkpoint=size)
        elif said != size or tree_hash(leaves, 0, size, cache) != root:
            report.fault(
                "checkpoint", f"the leaves do not have the root that checkpoint {size} signed", checkpoint=size
            )
    if len(origins) > 1:
        report.fault("checkpoint", f"checkpoints of several logs: {', '.join(sorted(origins))}")
    return signed


def read_payloads(lines: Sequence[bytes], commitments: Mapping[str, tuple[int, str]], report: Report) -> int:
    """Check that every payload is the one its leaf commits to; returns how many there are."""
    seen: set[str] = set()
    for line in lines:
        entry = json.loads(line)
        index, commitment = commitments.get(entry["id"], (None, ""))
        blob = base64.b64decode(entry["salt"]) + entry["payload"].encode()
        if entry["id"] in seen or hashlib.sha256(blob).hexdigest() != commitment:
            report.fault("payload", f"the payload of event {entry['id']} is not the one recorded", leaf=index)
        seen.add(entry["id"])
    return len(seen & set(commitments))


def check_ends(count: int, signed: Mapping[int, str], about: Mapping[str, Any], report: Report) -> None:
    """The last checkpoint must cover the last leaf, and the bundle be as long as it says."""
    last = max(signed, default=0)
    if count > last:
        report.fault("leaf", f"the leaves from {last} on are covered by no checkpoint", leaf=last)
    if about["size"] != count:
        report.fault("truncated", f"the bundle says it holds {about['size']} leaves, it holds {count}", leaf=count)


def read_about(data: bytes) -> dict[str, Any]:
    """What the bundle says about itself; raises ValueError when it is none."""
    found = json.loads(data)
    if not isinstance(found, dict) or found.get("format") != "headway-ledger" or found.get("version") != 1:
        raise ValueError("not a bundle of a Headway ledger, version 1")
    return found


def opened(path: Path) -> Callable[[str], bytes]:
    """Open a bundle, a zip or a folder: a function from the name of a file in it to its bytes."""
    if path.is_dir():
        return lambda name: (path / name).read_bytes()
    try:
        return zipfile.ZipFile(path).read
    except (OSError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} cannot be read as a bundle: {error}") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify the bundle named on the command line; prints the report as JSON, exits with 1 when it does not hold."""
    parser = argparse.ArgumentParser(description="Verify an exported Headway ledger.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--trust", type=Path, help="JSON file {key id: base64 public key}")
    given = parser.parse_args(arguments)
    trusted = None
    if given.trust:
        trusted = {name: base64.b64decode(text) for name, text in json.loads(given.trust.read_text()).items()}
    report = verify_bundle(given.bundle, trusted)
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return 0 if report["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
