"""Verifies an auditor's bundle of Headway without Headway: one file, bare Python 3.9 or newer, nothing to install.

    python verify.py BUNDLE.zip [--trust KEYS.json]

It checks that every file is the one the manifest names; that each entry of the ledger is in the log whose checkpoint a known
key signed (RFC 6962), and opens to what was committed to; that each verdict and each pack is signed (DSSE, Ed25519, RFC 8032);
and that verdicts, evidence and documents say what the ledger recorded of them. KEYS.json holds {key id: base64 public key},
got from the operator by another way than the bundle; without it the bundle's own keys are used, which shows that the
bundle is whole, not who signed it. It exits with 1 when anything does not hold.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]
"""Extended coordinates X, Y, Z, T."""


# --- Ed25519, after the listing in RFC 8032, section 6 -----------------------------------------------------------


def add(a: Point, b: Point) -> Point:
    """Add two points."""
    x = (a[1] - a[0]) * (b[1] - b[0]) % P
    y = (a[1] + a[0]) * (b[1] + b[0]) % P
    t, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = y - x, z - t, z + t, y + x
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(count: int, point: Point) -> Point:
    """A point added to itself ``count`` times."""
    made: Point = (0, 1, 1, 0)
    while count > 0:
        if count & 1:
            made = add(made, point)
        point, count = add(point, point), count >> 1
    return made


def is_same(a: Point, b: Point) -> bool:
    """Whether two points are one."""
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def lift(y: int, sign: int) -> int:
    """The x of a point on the curve; raises ValueError where there is none."""
    if y >= P:
        raise ValueError("not a point")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        if sign:
            raise ValueError("not a point")
        return 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P:
        raise ValueError("not a point")
    return P - x if (x & 1) != sign else x


def point_of(data: bytes) -> Point:
    """The point that 32 bytes name."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    x = lift(y, sign)
    return (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = lift(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether a signature of Ed25519 holds."""
    if len(public) != 32 or len(signature) != 64:
        return False
    try:
        key, nonce = point_of(public), point_of(signature[:32])
    except ValueError:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % Q
    return is_same(times(s, BASE), add(nonce, times(h, key)))


# --- the log, after RFC 6962, section 2.1.1 ----------------------------------------------------------------------


def climb(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that an inclusion path leads to; raises ValueError where the path has the wrong length."""
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    if size == 1:
        if path:
            raise ValueError("the path is too long")
        return leaf
    if not path:
        raise ValueError("the path is too short")
    middle = 1
    while middle * 2 < size:
        middle *= 2
    if index < middle:
        return joined(climb(leaf, index, middle, path[:-1]), path[-1])
    return joined(path[-1], climb(leaf, index - middle, size - middle, path[:-1]))


def joined(left: bytes, right: bytes) -> bytes:
    """The hash of two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def read_note(note: str, keys: Mapping[str, bytes]) -> tuple[int, bytes]:
    """Size and root of a signed checkpoint; raises ValueError where no known key signed it."""
    body, gap, tail = note.rpartition("\n\n")
    if not gap:
        raise ValueError("it has no signature")
    body += "\n"
    for line in tail.splitlines():
        _, name, encoded = line.split(" ")
        blob = base64.b64decode(encoded, validate=True)
        for public in keys.values():
            if blob[:4] != hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]:
                continue
            if not is_signed(public, blob[4:], body.encode()):
                raise ValueError("its signature is wrong")
            _, size, root = body.split("\n")[:3]
            return int(size), base64.b64decode(root, validate=True)
    raise ValueError("no known key signed it")


# --- the bundle --------------------------------------------------------------------------------------------------


def sha256(data: bytes) -> str:
    """A digest as Headway writes it."""
    return "sha256-" + hashlib.sha256(data).hexdigest()


def opened(envelope: bytes, keys: Mapping[str, bytes]) -> bytes:
    """The payload of a DSSE envelope; raises ValueError where no known key signed it."""
    told = json.loads(envelope)
    payload = base64.b64decode(told["payload"], validate=True)
    kind = told["payloadType"].encode()
    message = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    for one in told["signatures"]:
        signature = base64.b64decode(one["sig"], validate=True)
        if any(is_signed(public, signature, message) for public in keys.values()):
            return payload
    raise ValueError("no known key signed it")


class Bundle:
    """An opened bundle, and what was found wrong with it."""

    def __init__(self, path: str, trusted: Mapping[str, bytes] | None) -> None:
        self.faults: list[dict[str, str]] = []
        self.zip = zipfile.ZipFile(path)
        self.manifest = json.loads(self.zip.read("manifest.json"))
        if self.manifest.get("format") != "headway-audit-bundle" or self.manifest.get("version") != 1:
            raise ValueError("not an auditor's bundle of Headway, version 1")
        own = {name: base64.b64decode(text) for name, text in json.loads(self.zip.read("keys.json")).items()}
        self.keys = own if trusted is None else dict(trusted)
        self.entries: dict[str, dict[str, Any]] = {}

    def fault(self, place: str, message: str) -> None:
        """Note one thing that does not hold."""
        self.faults.append({"file": place, "message": message})

    def names(self, folder: str) -> list[str]:
        """The files of a folder."""
        return sorted(name for name in self.zip.namelist() if name.startswith(folder))

    def lines(self, name: str) -> list[Any]:
        """The values of a file of lines."""
        return [json.loads(line) for line in self.zip.read(name).splitlines() if line]

    def holds(self, place: str, check: Callable[[], None]) -> None:
        """Do one check; whatever it breaks on is a fault."""
        try:
            check()
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, zipfile.BadZipFile) as error:
            self.fault(place, str(error) or type(error).__name__)

    # --- the checks

    def files(self) -> None:
        """Every file is named, and is the one that is named."""
        named = self.manifest["files"]
        there = [name for name in self.zip.namelist() if name != "manifest.json"]
        for name in sorted(set(there) ^ set(named)):
            self.fault(name, "it is not in the manifest" if name in there else "it is named and not there")
        if len(there) != len(set(there)):
            self.fault("manifest.json", "a file is there twice")
        for name in sorted(set(there) & set(named)):
            self.holds(name, lambda name=name: self.file(name, named[name]))  # type: ignore[misc]

    def file(self, name: str, digest: str) -> None:
        """One file has its digest."""
        if sha256(self.zip.read(name)) != digest:
            raise ValueError("it is not the file that the manifest names")

    def ledger(self) -> None:
        """Each entry is in the signed log, and opens to what it committed to."""
        for entry in self.lines("ledger/entries.jsonl"):
            place = f"ledger/entries.jsonl {entry['proof'].get('event_id')}"
            self.holds(place, lambda entry=entry: self.entry(entry))  # type: ignore[misc]

    def entry(self, entry: Mapping[str, Any]) -> None:
        """One entry."""
        proof = entry["proof"]
        size, root = read_note(proof["checkpoint"], self.keys)
        leaf = proof["leaf"].encode()
        path = [bytes.fromhex(step) for step in proof["path"]]
        if climb(hashlib.sha256(b"\x00" + leaf).digest(), proof["leaf_index"], size, path) != root:
            raise ValueError("it is not in the log that the checkpoint signs")
        told = json.loads(leaf)
        if told["id"] != proof["event_id"]:
            raise ValueError("the leaf is that of another entry")
        if entry["salt"] is None:
            return
        blob = base64.b64decode(entry["salt"]) + entry["payload"].encode()
        if hashlib.sha256(blob).hexdigest() != told["commitment"]:
            raise ValueError("its payload is not the one recorded")
        self.entries[told["id"]] = {**told, "payload": json.loads(entry["payload"])}

    def recorded(self, *types: str) -> list[dict[str, Any]]:
        """What the ledger recorded of some types, as far as it could be checked."""
        return [one["payload"] for one in self.entries.values() if one["type"] in types]

    def verdicts(self) -> None:
        """Each verdict is signed, was recorded, and names evidence that is here."""
        known = {one["id"] for one in self.lines("evidence.jsonl")}
        recorded = {one["envelope_digest"] for one in self.recorded("verdict.issued")}
        for name in self.names("verdicts/"):
            self.holds(name, lambda name=name: self.verdict(name, known, recorded))  # type: ignore[misc]

    def verdict(self, name: str, known: set[str], recorded: set[Any]) -> None:
        """One verdict."""
        envelope = self.zip.read(name)
        told = json.loads(opened(envelope, self.keys))
        if sha256(envelope) not in recorded:
            raise ValueError("the ledger here did not record it")
        for control in told["controls"]:
            for missing in sorted(set(control["evidence_ids"]) - known):
                raise ValueError(f"it names the evidence {missing}, which is not here")

    def packs(self) -> None:
        """Each pack is signed, and has the digest that it is called by."""
        for name in self.names("packs/"):
            self.holds(name, lambda name=name: self.pack(name))  # type: ignore[misc]

    def pack(self, name: str) -> None:
        """One pack."""
        digest = name.rpartition("@")[2].rpartition(".")[0]
        if sha256(opened(self.zip.read(name), self.keys)) != digest:
            raise ValueError("it does not have the digest that it is called by")

    def evidence(self) -> None:
        """Each piece of evidence says what the ledger recorded of it."""
        recorded = {one["evidence"]: one for one in self.recorded("evidence.recorded", "evidence.renewed")}
        for one in self.lines("evidence.jsonl"):
            place = f"evidence.jsonl {one['id']}"
            self.holds(place, lambda one=one: self.proof(one, recorded.get(one["id"])))  # type: ignore[misc]

    def proof(self, one: Mapping[str, Any], told: Mapping[str, Any] | None) -> None:
        """One piece of evidence."""
        if told is None:
            raise ValueError("the ledger here did not record it")
        if sha256(one["facts_text"].encode()) != told["facts_digest"] or json.loads(one["facts_text"]) != one["facts"]:
            raise ValueError("its facts are not those recorded")
        if any(told[name] != one[name] for name in ("type", "subject_digest", "payload_digest")):
            raise ValueError("it says something else than the ledger recorded")

    def documents(self) -> None:
        """Each document is one that the ledger recorded."""
        recorded = {digest for one in self.recorded("dossier.made") for digest in one.get("files", {}).values()}
        for name in self.names("documents/"):
            if sha256(self.zip.read(name)) not in recorded:
                self.fault(name, "the ledger here did not record it")

    def minutes(self) -> None:
        """The minutes of each meeting are those that the ledger recorded."""
        recorded = {one.get("pdf") for one in self.recorded("council.minutes_made")}
        for name in self.names("minutes/"):
            if sha256(self.zip.read(name)) not in recorded:
                self.fault(name, "the ledger here did not record it")

    def signed(self) -> None:
        """Mandates and decision rights are signed."""
        for name in (*self.names("mandates/"), *self.names("rights/")):
            self.holds(name, lambda name=name: self.envelope(name))  # type: ignore[misc]

    def envelope(self, name: str) -> None:
        """One file that somebody put their name to."""
        opened(self.zip.read(name), self.keys)

    def council(self) -> None:
        """Each vote of the council is the one that was recorded, and none that was recorded is left out."""
        said = [one for one in self.entries.values() if one["type"] == "council.voted"]
        recorded = {
            (one["subject"], one["payload"]["seat"]): (one["actor"], one["payload"]["choice"], one["payload"]["reason"])
            for one in said
        }
        told = {
            (f"council-item:{item['id']}", vote["seat"]): (vote["person"], vote["choice"], vote["reason"])
            for item in self.lines("council/items.jsonl")
            for vote in item["votes"]
        }
        for place, seat in sorted({*recorded, *told}):
            if recorded.get((place, seat)) != told.get((place, seat)):
                self.fault("council/items.jsonl", f"the vote of {seat} on {place} is not the one recorded")

    def report(self) -> dict[str, Any]:
        """Do all checks."""
        checks = (
            self.files, self.ledger, self.verdicts, self.packs, self.evidence, self.documents, self.minutes, self.signed,
            self.council,
        )  # fmt: skip
        for check in checks:
            self.holds(check.__name__, check)
        return {
            "ok": not self.faults,
            "usecase": self.manifest.get("usecase"),
            "made_at": self.manifest.get("made_at"),
            "files": len(self.manifest["files"]),
            "entries": len(self.entries),
            "verdicts": len(self.names("verdicts/")),
            "packs": len(self.names("packs/")),
            "documents": len(self.names("documents/")),
            "votes": sum(len(one["votes"]) for one in self.lines("council/items.jsonl")),
            "keys": sorted(self.keys),
            "faults": self.faults[:100],
        }


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify the bundle named on the command line; prints a report as JSON."""
    parser = argparse.ArgumentParser(description="Verify an auditor's bundle of Headway.")
    parser.add_argument("bundle")
    parser.add_argument("--trust", help="JSON file {key id: base64 public key}")
    given = parser.parse_args(arguments)
    trusted = None
    if given.trust:
        with open(given.trust, encoding="utf-8") as stream:  # noqa: PTH123  it must run on old and bare Pythons alike
            trusted = {name: base64.b64decode(text) for name, text in json.load(stream).items()}
    try:
        report = Bundle(given.bundle, trusted).report()
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        report = {"ok": False, "faults": [{"file": given.bundle, "message": f"it cannot be read: {error}"}]}
    report["trust"] = "given keys" if given.trust else "the bundle's own keys"
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return 0 if report["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
