"""Signed notes and checkpoints, against the published example of the format."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from headway.kernel.crypto import Signer, key_id
from headway.kernel.errors import Invalid
from headway.ledger import note, offline
from headway.ledger.entities import TreeHead

# c2sp.org/signed-note, example
PUBLISHED_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
PUBLISHED_NOTE = (
    "This is an example message.\n\n"
    "\u2014 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
HEAD = TreeHead(origin="headway/log_1", size=5, root=bytes(range(32)))


def made_signer(number: int) -> Signer:
    return Signer(Ed25519PrivateKey.from_private_bytes(bytes([number] * 32)))


def keys(*signers: Signer) -> dict[str, bytes]:
    return {signer.key_id: signer.public for signer in signers}


def test_the_published_note_opens_with_its_published_key() -> None:
    name, _, encoded = PUBLISHED_KEY.split("+")
    public = base64.b64decode(encoded)[1:]
    assert note.verifier_key(name, public) == PUBLISHED_KEY
    assert note.open_note(PUBLISHED_NOTE, {"k": public}) == ("This is an example message.\n", key_id(public))


def test_a_checkpoint_is_three_lines_a_gap_and_a_signature() -> None:
    signer = made_signer(1)
    lines = note.sign_checkpoint(HEAD, signer).split("\n")
    assert lines[:4] == ["headway/log_1", "5", base64.b64encode(HEAD.root).decode(), ""]
    assert lines[4].startswith("\u2014 headway/log_1 ")
    assert lines[5:] == [""]


def test_a_checkpoint_reads_back_in_both_implementations() -> None:
    signer = made_signer(1)
    text = note.sign_checkpoint(HEAD, signer)
    assert note.open_checkpoint(text, keys(signer)) == (HEAD, signer.key_id)
    assert offline.read_note(text, keys(signer)) == (HEAD.origin, HEAD.size, HEAD.root, signer.key_id)


def test_after_key_rotation_old_and_new_notes_hold_and_strangers_do_not() -> None:
    old, new, stranger = made_signer(1), made_signer(2), made_signer(3)
    trusted = keys(old, new)
    for signer in (old, new):
        assert note.open_checkpoint(note.sign_checkpoint(HEAD, signer), trusted)[1] == signer.key_id
        assert offline.read_note(note.sign_checkpoint(HEAD, signer), trusted)[3] == signer.key_id
    with pytest.raises(Invalid, match="no trusted key"):
        note.open_checkpoint(note.sign_checkpoint(HEAD, stranger), trusted)
    with pytest.raises(ValueError, match="no known key"):
        offline.read_note(note.sign_checkpoint(HEAD, stranger), trusted)


def test_a_note_with_a_second_signature_line_holds_by_either_key() -> None:
    old, new = made_signer(1), made_signer(2)
    text = note.sign_checkpoint(HEAD, old)
    both = text + note.sign_checkpoint(HEAD, new).split("\n\n")[1]
    assert note.open_checkpoint(both, keys(old))[1] == old.key_id
    assert note.open_checkpoint(both, keys(new))[1] == new.key_id


def test_every_changed_character_of_the_text_breaks_the_signature() -> None:
    signer = made_signer(1)
    signed = note.sign_checkpoint(HEAD, signer)
    text = signed.split("\n\n")[0]
    for at in range(len(text)):
        changed = signed[:at] + ("A" if signed[at] != "A" else "B") + signed[at + 1 :]
        with pytest.raises(Invalid):
            note.open_checkpoint(changed, keys(signer))
        with pytest.raises(ValueError, match=r"."):
            offline.read_note(changed, keys(signer))


@pytest.mark.parametrize(
    "broken",
    ["", "no signature\n", "text\n\n", "text\n\n- name AAAA\n", "text\n\n\u2014 name !!\n", "text\n\n\u2014 name AAAA"],
)
def test_what_is_no_note_is_refused(broken: str) -> None:
    with pytest.raises(Invalid, match="not a signed note"):
        note.open_note(broken, keys(made_signer(1)))


@pytest.mark.parametrize(
    "text", ["origin\n5\n", "origin\n05\nAAAA\n", "\n5\nAAAA\n", "origin\nx\nAAAA\n", "origin\n5\n?\n"]
)
def test_a_note_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="not a checkpoint"):
        note.read_head(text)


@pytest.mark.parametrize("name", ["", "has space", "has+plus"])
def test_a_key_name_that_the_format_forbids_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="cannot name a key"):
        note.sign_note("text\n", name, made_signer(1))
