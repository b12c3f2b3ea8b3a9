"""Keys, envelopes and ciphertext against published vectors and against tampering."""

from __future__ import annotations

import base64
import hashlib
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from headway.kernel.crypto import (
    Signer,
    _pae,
    commitment,
    dsse_open,
    dsse_sign,
    key_id,
    load_or_create_secret,
    load_or_create_signer,
    seal,
    unseal,
    verify,
)
from headway.kernel.errors import Invalid

TYPE = "application/vnd.headway.test+json"


def test_pre_authentication_encoding_of_the_dsse_protocol() -> None:
    # secure-systems-lab/dsse, protocol.md, test vectors.
    assert _pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert _pae("ä", "ö".encode()) == "DSSEv1 2 ä 2 ö".encode()  # lengths count bytes


def test_ed25519_vector_of_rfc_8032() -> None:
    # RFC 8032, section 7.1, test 2.
    secret = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    signer = Signer(Ed25519PrivateKey.from_private_bytes(secret))
    assert (signer.public, signer.sign(b"\x72")) == (public, signature)
    assert verify(public, signature, b"\x72")
    assert not verify(public, signature, b"\x73")
    assert not verify(b"too short", signature, b"\x72")
    assert signer.key_id == key_id(public) == hashlib.sha256(public).hexdigest()[:16]


def test_envelope_opens_with_a_trusted_key_and_gives_the_canonical_payload(signer: Signer) -> None:
    envelope = dsse_sign(signer, TYPE, {"b": 1.0, "a": "é"})
    assert dsse_open({signer.key_id: signer.public}, TYPE, envelope) == '{"a":"é","b":1}'.encode()


def test_envelope_is_refused_when_anything_in_it_was_changed(signer: Signer) -> None:
    trusted = {signer.key_id: signer.public}
    outer = json.loads(dsse_sign(signer, TYPE, {"allow": False}))
    changed = dict(outer, payload=base64.b64encode(b'{"allow":true}').decode())
    with pytest.raises(Invalid, match="no trusted key"):
        dsse_open(trusted, TYPE, json.dumps(changed).encode())
    with pytest.raises(Invalid, match="expected 'other'"):
        dsse_open(trusted, "other", json.dumps(outer).encode())
    with pytest.raises(Invalid, match="no trusted key"):
        dsse_open(trusted, "other", json.dumps(dict(outer, payloadType="other")).encode())
    with pytest.raises(Invalid, match="no trusted key"):
        dsse_open({}, TYPE, json.dumps(outer).encode())


def test_signature_of_one_key_under_the_name_of_another_is_refused(signer: Signer) -> None:
    other = Signer(Ed25519PrivateKey.generate())
    outer = json.loads(dsse_sign(other, TYPE, {}))
    outer["signatures"][0]["keyid"] = signer.key_id
    with pytest.raises(Invalid, match="no trusted key"):
        dsse_open({signer.key_id: signer.public}, TYPE, json.dumps(outer).encode())


@pytest.mark.parametrize("envelope", [b"", b"[]", b"{}", b'{"payloadType":"t","payload":"*","signatures":[]}', b"\xff"])
def test_what_is_no_envelope_is_refused_as_such(envelope: bytes) -> None:
    with pytest.raises(Invalid, match="not a DSSE envelope"):
        dsse_open({}, TYPE, envelope)


def test_sealed_bytes_open_only_with_key_and_context_unchanged() -> None:
    key, sealed = bytes(32), seal(bytes(32), b"secret", b"segment-1")
    assert unseal(key, sealed, b"segment-1") == b"secret"
    assert seal(key, b"secret", b"segment-1") != sealed  # a fresh nonce each time
    for wrong in (
        (bytes([1]) * 32, sealed, b"segment-1"),
        (key, sealed, b"segment-2"),
        (key, sealed[:-1] + bytes([sealed[-1] ^ 1]), b"segment-1"),
        (key, b"short", b"segment-1"),
    ):
        with pytest.raises(Invalid, match="cannot be decrypted"):
            unseal(*wrong)


def test_commitment_is_salted_sha256() -> None:
    salt = bytes(range(16))
    assert commitment(salt, b"payload") == hashlib.sha256(salt + b"payload").digest()
    with pytest.raises(ValueError, match="16 bytes"):
        commitment(b"short", b"payload")


def test_key_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "signer.key"
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: load_or_create_secret(path), range(16)))
    assert len(made) == 1 and len(made.pop()) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["signer.key"]
    assert load_or_create_signer(path).public == load_or_create_signer(path).public
