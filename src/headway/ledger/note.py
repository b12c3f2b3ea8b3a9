"""Signed notes and the checkpoints written in them: what a log says about itself, for people and other logs' tools.

Sources: C2SP signed-note (c2sp.org/signed-note) and tlog-checkpoint (c2sp.org/tlog-checkpoint). The text is origin,
size and base64 root, a line each; a blank line; then a line ``— NAME BASE64(key hash || signature)`` for each key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping

from headway.kernel.crypto import Signer, key_id, verify
from headway.kernel.errors import Invalid
from headway.ledger.entities import TreeHead

_ED25519 = b"\x01"
_HASH_BYTES = 4
_SIZE = re.compile(r"0|[1-9][0-9]*")
_NAME = re.compile(r"[^\s+]+")


def key_hash(name: str, public: bytes) -> bytes:
    """Name an Ed25519 key as signed notes do: four bytes over key name and public key."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:_HASH_BYTES]


def verifier_key(name: str, public: bytes) -> str:
    """Write a public key in the form other note tools read: ``name+hash+base64``."""
    return f"{name}+{key_hash(name, public).hex()}+{base64.b64encode(_ED25519 + public).decode()}"


def checkpoint_text(head: TreeHead) -> str:
    """Write the text of a checkpoint, without signatures."""
    return f"{head.origin}\n{head.size}\n{base64.b64encode(head.root).decode()}\n"


def sign_note(text: str, name: str, signer: Signer) -> str:
    """Sign a text that ends in a newline; returns text, blank line and signature line."""
    if not _NAME.fullmatch(name):
        raise Invalid(f"{name!r} cannot name a key: it is empty or has a space or a plus")
    line = base64.b64encode(key_hash(name, signer.public) + signer.sign(text.encode())).decode()
    return f"{text}\n\u2014 {name} {line}\n"


def sign_checkpoint(head: TreeHead, signer: Signer) -> str:
    """Write and sign a checkpoint; the key's name is the origin."""
    return sign_note(checkpoint_text(head), head.origin, signer)


def open_note(note: str, trusted: Mapping[str, bytes]) -> tuple[str, str]:
    """Check a signed note.

    Args: trusted: raw public keys by key id.
    Returns: the text, and the id of the trusted key that signed it.
    Raises: Invalid: it is no signed note, a trusted key's signature is wrong, or no trusted key signed it.
    """
    text, signatures = _split(note)
    for name, signature in signatures:
        for public in trusted.values():
            if signature[:_HASH_BYTES] != key_hash(name, public):
                continue
            if not verify(public, signature[_HASH_BYTES:], text.encode()):
                raise Invalid("the signature does not fit the text of the note", values={"key": key_id(public)})
            return text, key_id(public)
    raise Invalid("no trusted key signed this checkpoint", hint="add the key that signed it to the trusted keys")


def open_checkpoint(note: str, trusted: Mapping[str, bytes]) -> tuple[TreeHead, str]:
    """Check a signed checkpoint; returns what it says, and the id of the trusted key that signed it."""
    text, signed_by = open_note(note, trusted)
    return read_head(text), signed_by


def read_head(note: str) -> TreeHead:
    """Read origin, size and root of a checkpoint without checking who signed it; raises Invalid."""
    lines = note.split("\n\n", 1)[0].rstrip("\n").split("\n")
    try:
        origin, size, encoded = lines[:3]
        root = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error) as error:
        raise Invalid("not a checkpoint: it has no origin, size and root") from error
    if not origin or not _SIZE.fullmatch(size) or len(root) != hashlib.sha256().digest_size:
        raise Invalid("not a checkpoint: its origin, size or root is malformed")
    return TreeHead(origin=origin, size=int(size), root=root)


def _split(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    text, gap, tail = note.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise Invalid("not a signed note: there is no signature after a blank line")
    signatures = []
    for line in tail.removesuffix("\n").split("\n"):
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        try:
            signature = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error) as error:
            raise Invalid("not a signed note: a signature line is malformed") from error
        if dash != "\u2014" or not _NAME.fullmatch(name) or len(signature) <= _HASH_BYTES:
            raise Invalid("not a signed note: a signature line is malformed")
        signatures.append((name, signature))
    return text + "\n", signatures
