"""Keys and the few things done with them: Ed25519 signatures in DSSE envelopes, AES-GCM, salted commitments.

DSSE: https://github.com/secure-systems-lab/dsse, protocol v1.0.0 (pre-authentication encoding "DSSEv1").
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from headway.kernel.canonical import canonical_json
from headway.kernel.errors import Invalid, Unavailable

SALT_BYTES = 16
NONCE_BYTES = 12
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Signer:
    """An Ed25519 key with the id that verifiers look it up by (first 16 hex digits of the public key's SHA-256)."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """The raw public key, 32 bytes."""
        return self.private.public_key().public_bytes_raw()

    @property
    def key_id(self) -> str:
        """The id of the public key."""
        return key_id(self.public)

    def sign(self, message: bytes) -> bytes:
        """Sign; 64 bytes."""
        return self.private.sign(message)


def key_id(public: bytes) -> str:
    """Name a public key by its hash."""
    return hashlib.sha256(public).hexdigest()[:16]


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether an Ed25519 signature holds."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def load_or_create_signer(path: Path) -> Signer:
    """Read a raw Ed25519 private key, or make one; the file is readable by its owner alone."""
    return Signer(Ed25519PrivateKey.from_private_bytes(load_or_create_secret(path)))


def load_or_create_secret(path: Path) -> bytes:
    """Read 32 random bytes, or make them; safe when two processes start at once."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(os.urandom(32))
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()


def read_secret(path: Path) -> bytes:
    """Read a key of 32 bytes that must be there; raises Unavailable with what to do."""
    try:
        found = path.read_bytes()
    except FileNotFoundError as error:
        hint = "copy it from the keys folder of the home where 'headway up' was started"
        raise Unavailable(f"the key {path.name} is missing in {path.parent}", hint=hint) from error
    if len(found) != KEY_BYTES:
        raise Unavailable(f"the key {path.name} in {path.parent} has {len(found)} bytes instead of {KEY_BYTES}")
    return found


def _pae(payload_type: str, payload: bytes) -> bytes:
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def dsse_sign(signer: Signer, payload_type: str, payload: object) -> bytes:
    """Wrap a plain value in a DSSE envelope over its canonical JSON; returns the envelope as JSON bytes."""
    body = canonical_json(payload)
    signature = signer.sign(_pae(payload_type, body))
    return canonical_json(
        {
            "payloadType": payload_type,
            "payload": base64.b64encode(body).decode(),
            "signatures": [{"keyid": signer.key_id, "sig": base64.b64encode(signature).decode()}],
        }
    )


def _decoded(text: str) -> bytes:
    """Undo base64, where only one text stands for the same bytes; raises ValueError."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("not the canonical base64 of its bytes")
    return data


def dsse_open(trusted: Mapping[str, bytes], payload_type: str, envelope: bytes) -> bytes:
    """Check a DSSE envelope and return its payload bytes.

    Args: trusted: raw public keys by key id.
    Raises: Invalid: it is no envelope, names another type, or no trusted key signed it.
    """
    try:
        outer = json.loads(envelope)
        kind, payload = outer["payloadType"], _decoded(outer["payload"])
        signatures = [(s["keyid"], _decoded(s["sig"])) for s in outer["signatures"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid("not a DSSE envelope", values={"cause": str(error)}) from error
    if kind != payload_type:
        raise Invalid(f"the envelope holds {kind!r}, expected {payload_type!r}")
    message = _pae(kind, payload)
    if not any(name in trusted and verify(trusted[name], signature, message) for name, signature in signatures):
        raise Invalid("no trusted key signed this envelope", hint="check the trusted keys of this environment")
    return payload


def seal(key: bytes, plain: bytes, context: bytes = b"") -> bytes:
    """Encrypt with AES-256-GCM under a fresh nonce; returns nonce and ciphertext. ``context`` is authenticated."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context)


def unseal(key: bytes, sealed: bytes, context: bytes = b"") -> bytes:
    """Undo ``seal``; raises Invalid when the key, the context or a byte is wrong."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
    except (InvalidTag, ValueError) as error:
        raise Invalid("cannot be decrypted: wrong key, or the bytes were changed") from error


def commitment(salt: bytes, payload: bytes) -> bytes:
    """Commit to a payload without revealing it: SHA-256 over salt (16 bytes) and payload."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"the salt has {SALT_BYTES} bytes")
    return hashlib.sha256(salt + payload).digest()
