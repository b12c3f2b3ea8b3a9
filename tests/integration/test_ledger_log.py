"""The whole log on a real database: sequencing, proofs, crashes, tampering, erasure, rotation, export."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlalchemy.orm import Session

from headway import ledger
from headway.kernel.auth import Actor
from headway.kernel.crypto import Signer
from headway.kernel.database import Database
from headway.kernel.ids import Ref
from headway.kernel.storage import Storage
from headway.ledger import offline
from headway.ledger.service import sequencing

ADA = Actor(ref="person:ada", name="Ada")


def record(database: Database, count: int, *, personal: bool = False) -> list[str]:
    with database.session() as session:
        return [
            ledger.record(
                session,
                actor=ADA,
                type="thing.made",
                subject=Ref("thing", f"t{n}"),
                payload={"n": n},
                personal=personal,
            )
            for n in range(count)
        ]


def keys(*signers: Signer) -> dict[str, bytes]:
    return {signer.key_id: signer.public for signer in signers}


def verify(database: Database, storage: Storage, *signers: Signer) -> ledger.VerifyReport:
    with database.session() as session:
        return ledger.verify(session, storage, trusted=keys(*signers))


@contextmanager
def tampering(database: Database) -> Iterator[Session]:
    """A transaction of the database's owner, with the triggers off."""
    with database.session() as session:
        session.execute(text("set local session_replication_role = replica"))
        yield session


def batches(database: Database, storage: Storage, signer: Signer, *counts: int) -> list[str]:
    made = []
    for count in counts:
        made += record(database, count)
        assert ledger.sequence(database, storage, signer) is not None
    return made


def test_every_event_of_several_batches_is_proved_by_both_implementations(
    database: Database, storage: Storage, signer: Signer
) -> None:
    made = batches(database, storage, signer, 1, 4, 8, 3)
    with database.session() as session:
        for place, event_id in enumerate(made):
            proof = ledger.prove(session, event_id)
            assert (proof.leaf_index, proof.tree_size) == (place, 16)
            _, size, root, _ = offline.read_note(proof.checkpoint, keys(signer))
            leaf = hashlib.sha256(b"\x00" + proof.leaf.encode()).digest()
            path = [bytes.fromhex(step) for step in proof.path]
            assert offline.includes(leaf, place, size, path, root)
            assert json.loads(proof.leaf)["id"] == event_id
    report = verify(database, storage, signer)
    assert (report.ok, report.size, report.checkpoints, report.waiting) == (True, 16, 4, 0)


def test_old_checkpoints_are_the_start_of_new_ones(database: Database, storage: Storage, signer: Signer) -> None:
    batches(database, storage, signer, 3, 5, 6)
    with database.session() as session:
        for old, new in ((3, 8), (3, 14), (8, 14), (14, 14)):
            proof = ledger.prove_consistency(session, old, new)
            path = [bytes.fromhex(step) for step in proof.path]
            assert offline.extends(old, new, bytes.fromhex(proof.old_root), bytes.fromhex(proof.new_root), path)
        with pytest.raises(ledger.CheckpointNotFound):
            ledger.prove_consistency(session, 4)


def test_an_event_is_proved_only_after_a_checkpoint(database: Database, storage: Storage, signer: Signer) -> None:
    [event_id] = record(database, 1)
    with database.session() as session, pytest.raises(ledger.NotYetSequenced):
        ledger.prove(session, event_id)
    ledger.sequence(database, storage, signer)
    with database.session() as session:
        assert ledger.prove(session, event_id).path == ()


def test_nothing_waiting_makes_no_checkpoint(database: Database, storage: Storage, signer: Signer) -> None:
    assert ledger.sequence(database, storage, signer) is None
    batches(database, storage, signer, 2)
    assert ledger.sequence(database, storage, signer) is None
    assert verify(database, storage, signer).checkpoints == 1


def test_an_event_of_a_rolled_back_transaction_leaves_nothing(
    database: Database, storage: Storage, signer: Signer
) -> None:
    with pytest.raises(RuntimeError), database.session() as session:
        ledger.record(session, actor=ADA, type="thing.made", subject=Ref("thing", "x"))
        raise RuntimeError
    assert ledger.sequence(database, storage, signer) is None


def test_writers_and_sequencers_at_once_lose_and_double_nothing(
    database: Database, storage: Storage, signer: Signer
) -> None:
    def write(_: int) -> list[str]:
        return [event for _ in range(5) for event in record(database, 2)]

    def sequence(_: int) -> int:
        return sum(ledger.sequence(database, storage, signer) is not None for _ in range(8))

    with ThreadPoolExecutor(4) as pool:
        written = [pool.submit(write, n) for n in range(2)]
        signed = [pool.submit(sequence, n) for n in range(2)]
        made = [event for future in written for event in future.result()]
        checkpoints = sum(future.result() for future in signed)
    checkpoints += ledger.sequence(database, storage, signer) is not None
    with database.session() as session:
        places = [ledger.prove(session, event_id).leaf_index for event_id in made]
    assert sorted(places) == list(range(20))
    report = verify(database, storage, signer)
    assert report.ok
    assert report.checkpoints == checkpoints


def test_an_event_committed_late_with_an_older_id_still_gets_its_leaf(
    database: Database, storage: Storage, signer: Signer
) -> None:
    with database.session() as slow:
        first = ledger.record(slow, actor=ADA, type="thing.made", subject=Ref("thing", "slow"))
        [second] = batches(database, storage, signer, 1)
    assert first < second
    ledger.sequence(database, storage, signer)
    with database.session() as session:
        assert [ledger.prove(session, e).leaf_index for e in (second, first)] == [0, 1]


class Crash(RuntimeError):
    """Stands for a process that dies."""


class CrashingStorage(Storage):
    """A storage whose process dies before the checkpoint is written."""

    def create(self, key: str, data: bytes | Path) -> None:
        raise Crash(key)


def test_a_crash_between_transaction_and_object_is_healed_by_the_next_run(
    database: Database, storage: Storage, signer: Signer
) -> None:
    batches(database, storage, signer, 2)
    record(database, 3)
    with pytest.raises(Crash):
        ledger.sequence(database, CrashingStorage(storage.url), signer)
    assert list(storage.list("checkpoints")) == [f"checkpoints/{2:020d}"]
    assert verify(database, storage, signer).ok
    assert ledger.sequence(database, storage, signer) is None
    assert list(storage.list("checkpoints")) == [f"checkpoints/{2:020d}", f"checkpoints/{5:020d}"]
    batches(database, storage, signer, 1)
    assert verify(database, storage, signer).ok


def test_a_crash_inside_the_transaction_leaves_the_events_waiting(
    database: Database, storage: Storage, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(database, 3)

    def die(*_: object) -> str:
        raise Crash

    monkeypatch.setattr(sequencing, "sign_checkpoint", die)
    with pytest.raises(Crash):
        ledger.sequence(database, storage, signer)
    monkeypatch.undo()
    assert verify(database, storage, signer).waiting == 3
    made = ledger.sequence(database, storage, signer)
    assert made is not None
    assert made.size == 3


def test_a_log_cut_off_after_a_checkpoint_is_found_and_never_signed_again(
    database: Database, storage: Storage, signer: Signer
) -> None:
    batches(database, storage, signer, 4, 3)
    with tampering(database) as session:
        session.execute(text("delete from ledger.checkpoints where size = 7"))
        session.execute(text("delete from ledger.leaves where index >= 4"))
        session.execute(text("delete from ledger.nodes where (index + 1) * power(2, level) > 4"))
    report = verify(database, storage, signer)
    assert (report.ok, report.first_bad_checkpoint) == (False, 7)
    assert {fault.kind for fault in report.faults} == {"truncated", "unsequenced"}
    record(database, 1)
    with pytest.raises(ledger.LedgerBroken, match=r"checkpoint of size 7.*ends at 4.*truncated"):
        ledger.sequence(database, storage, signer)


def test_an_emptied_log_is_not_begun_anew(database: Database, storage: Storage, signer: Signer) -> None:
    batches(database, storage, signer, 4)
    with tampering(database) as session:
        session.execute(
            text("truncate ledger.events, ledger.payloads, ledger.leaves, ledger.nodes, ledger.waiting cascade")
        )
        session.execute(text("truncate ledger.checkpoints"))
    record(database, 1)
    with pytest.raises(ledger.LedgerBroken, match=r"checkpoint of size 4.*ends at 0"):
        ledger.sequence(database, storage, signer)


def test_leaves_cut_off_without_their_checkpoint_are_found(
    database: Database, storage: Storage, signer: Signer
) -> None:
    batches(database, storage, signer, 4, 3)
    with tampering(database) as session:
        session.execute(text("delete from ledger.leaves where index >= 5"))
    report = verify(database, storage, signer)
    assert (report.first_bad_leaf, report.first_bad_checkpoint) == (5, 7)
    record(database, 1)
    with pytest.raises(ledger.LedgerBroken, match="signed 7 leaves, the database holds 5"):
        ledger.sequence(database, storage, signer)


def test_a_changed_event_is_named_and_stops_the_signing(database: Database, storage: Storage, signer: Signer) -> None:
    made = batches(database, storage, signer, 4, 3, 2)
    with tampering(database) as session:
        session.execute(text("update ledger.events set actor = 'person:eve' where id = :id"), {"id": made[5]})
    report = verify(database, storage, signer)
    assert (report.ok, report.first_bad_leaf, report.first_bad_checkpoint) == (False, 5, 7)
    assert report.faults[0].event_id == made[5]
    record(database, 1)
    with pytest.raises(ledger.LedgerBroken, match=f"event {made[5]} at leaf 5"):
        ledger.sequence(database, storage, signer)


def rewrite_from(database: Database, leaf: int, signer: Signer | None) -> None:
    """Change an event and recompute everything above it, as an owner of the database who knows the format would."""
    from headway.ledger import store
    from headway.ledger.entities import TreeHead
    from headway.ledger.leaf import event_leaf
    from headway.ledger.merkle import Frontier
    from headway.ledger.note import sign_checkpoint

    with tampering(database) as session:
        session.execute(
            text(
                "update ledger.events set actor = 'person:eve' from ledger.leaves l "
                "where l.event_id = id and l.index = :i"
            ),
            {"i": leaf},
        )
        last = ledger.checkpoint(session)
        hashes = [event_leaf(event) for event in store.leaf_events(session, 0, last.size)]
        frontier, nodes = Frontier().append(hashes)
        for index, hash_ in enumerate(hashes):
            session.execute(text("update ledger.leaves set hash = :h where index = :i"), {"h": hash_, "i": index})
        for (level, index), hash_ in nodes.items():
            session.execute(
                text("update ledger.nodes set hash = :h where level = :l and index = :i"),
                {"h": hash_, "l": level, "i": index},
            )
        if signer is not None:
            head = TreeHead(origin=last.origin, size=last.size, root=frontier.root())
            session.execute(
                text("update ledger.checkpoints set root = :r, note = :n where size = :s"),
                {"r": head.root, "n": sign_checkpoint(head, signer), "s": last.size},
            )


def test_a_tree_rewritten_from_an_event_up_is_found_at_the_first_checkpoint_over_it(
    database: Database, storage: Storage, signer: Signer
) -> None:
    batches(database, storage, signer, 4, 3, 2)
    rewrite_from(database, 5, None)
    report = verify(database, storage, signer)
    assert (report.ok, report.first_bad_leaf, report.first_bad_checkpoint) == (False, None, 7)
    record(database, 1)
    with pytest.raises(ledger.LedgerBroken, match="does not have the root that the checkpoint of size 9 signed"):
        ledger.sequence(database, storage, signer)


def test_a_tree_rewritten_and_signed_anew_is_found_by_the_copy_in_storage(
    database: Database, storage: Storage, signer: Signer
) -> None:
    batches(database, storage, signer, 4, 5)
    rewrite_from(database, 5, signer)
    report = verify(database, storage, signer)
    assert (report.ok, report.first_bad_checkpoint) == (False, 9)
    with pytest.raises(ledger.LedgerBroken, match="another checkpoint of size 9"):
        ledger.sequence(database, storage, signer)


def test_swapped_leaves_are_found(database: Database, storage: Storage, signer: Signer) -> None:
    batches(database, storage, signer, 6)
    with tampering(database) as session:
        for statement in ("index = -1 where index = 2", "index = 2 where index = 3", "index = 3 where index = -1"):
            session.execute(text(f"update ledger.leaves set {statement}"))  # noqa: S608  ours
    report = verify(database, storage, signer)
    assert (report.ok, report.first_bad_checkpoint) == (False, 6)
    record(database, 1)
    with pytest.raises(ledger.LedgerBroken):
        ledger.sequence(database, storage, signer)


def test_a_dropped_leaf_in_the_middle_is_named(database: Database, storage: Storage, signer: Signer) -> None:
    batches(database, storage, signer, 6)
    with tampering(database) as session:
        session.execute(text("delete from ledger.leaves where index = 2"))
    report = verify(database, storage, signer)
    assert (report.first_bad_leaf, report.first_bad_checkpoint) == (2, 6)


def test_an_event_taken_out_of_the_queue_is_found(database: Database, storage: Storage, signer: Signer) -> None:
    batches(database, storage, signer, 2)
    [event_id] = record(database, 1)
    with database.session() as session:
        session.execute(text("delete from ledger.waiting"))
    report = verify(database, storage, signer)
    assert [(fault.kind, fault.event_id) for fault in report.faults] == [("unsequenced", event_id)]


def test_a_changed_payload_or_node_is_found(database: Database, storage: Storage, signer: Signer) -> None:
    made = batches(database, storage, signer, 4)
    with tampering(database) as session:
        session.execute(text("update ledger.payloads set payload = '{}' where event_id = :id"), {"id": made[2]})
        session.execute(text("update ledger.nodes set hash = sha256('x') where level = 1 and index = 0"))
    report = verify(database, storage, signer)
    assert [(fault.kind, fault.leaf_index) for fault in report.faults] == [("payload", 2), ("node", None)]


def test_a_checkpoint_deleted_from_storage_or_database_is_found(
    database: Database, storage: Storage, signer: Signer
) -> None:
    batches(database, storage, signer, 2, 2, 2)
    storage.delete(f"checkpoints/{2:020d}")
    with tampering(database) as session:
        session.execute(text("delete from ledger.checkpoints where size = 4"))
    report = verify(database, storage, signer)
    assert [(fault.kind, fault.checkpoint_size) for fault in report.faults] == [("storage", 2), ("checkpoint", 4)]


def test_erased_payloads_leave_every_proof_valid(
    database: Database, storage: Storage, signer: Signer, tmp_path: Path
) -> None:
    made = record(database, 5, personal=True)
    ledger.sequence(database, storage, signer)
    with database.session() as session:
        ledger.erase(session, ADA, made[2], "asked by the person")
    ledger.sequence(database, storage, signer)
    report = verify(database, storage, signer)
    assert (report.ok, report.erased, report.size) == (True, 1, 6)
    with database.session() as session:
        proof = ledger.prove(session, made[2])
        exported = ledger.export(session, storage, tmp_path / "b.zip", trusted=keys(signer))
    assert proof.leaf_index == 2
    assert exported.erased == 1
    checked = offline.verify_bundle(tmp_path / "b.zip")
    assert (checked["ok"], checked["erased"], checked["size"]) == (True, 1, 6)
    payloads = zipfile.ZipFile(tmp_path / "b.zip").read("payloads.jsonl").splitlines()
    assert made[2] not in {json.loads(line)["id"] for line in payloads}


def test_after_rotation_both_keys_are_needed_and_enough(database: Database, storage: Storage, signer: Signer) -> None:
    new = Signer(Ed25519PrivateKey.from_private_bytes(bytes([7] * 32)))
    batches(database, storage, signer, 3)
    record(database, 2)
    with pytest.raises(ledger.LedgerBroken, match="no trusted key"):
        ledger.sequence(database, storage, new)
    assert ledger.sequence(database, storage, new, trusted=keys(signer)) is not None
    assert verify(database, storage, signer, new).ok
    report = verify(database, storage, new)
    assert [(fault.kind, fault.checkpoint_size) for fault in report.faults] == [("signature", 3)]


def exported(database: Database, storage: Storage, signer: Signer, path: Path) -> Path:
    with database.session() as session:
        ledger.export(session, storage, path, trusted=keys(signer))
    return path


def test_an_exported_bundle_verifies_without_headway(
    database: Database, storage: Storage, signer: Signer, tmp_path: Path
) -> None:
    batches(database, storage, signer, 5, 6)
    bundle = exported(database, storage, signer, tmp_path / "bundle.zip")
    trust = tmp_path / "trust.json"
    trust.write_text(json.dumps({signer.key_id: base64.b64encode(signer.public).decode()}))
    alone = tmp_path / "verifier.py"
    alone.write_bytes(Path(offline.__file__).read_bytes())
    lines = [line.split() for line in alone.read_text().splitlines() if line.startswith(("import ", "from "))]
    assert "headway" not in {words[1].split(".")[0] for words in lines}
    done = subprocess.run(
        [sys.executable, "-I", str(alone), str(bundle), "--trust", str(trust)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    with database.session() as session:
        assert report["root"] == ledger.checkpoint(session).root
    assert (report["size"], report["checkpoints"], report["keys"]) == (11, 2, [signer.key_id])
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"x": base64.b64encode(bytes(32)).decode()}))
    done = subprocess.run(
        [sys.executable, "-I", str(alone), str(bundle), "--trust", str(other)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["first_bad_checkpoint"] == 5


def change_lines(folder: Path, name: str, change: object) -> None:
    lines = (folder / name).read_bytes().splitlines()
    assert callable(change)
    (folder / name).write_bytes(b"".join(line + b"\n" for line in change(lines)))


@pytest.mark.parametrize(
    ("name", "change", "kind", "leaf", "checkpoint"),
    [
        ("leaves.jsonl", lambda x: [*x[:5], x[5].replace(b"person:ada", b"person:eve"), *x[6:]], "checkpoint", None, 7),
        ("leaves.jsonl", lambda x: [*x[:2], x[3], x[2], *x[4:]], "checkpoint", None, 4),
        ("leaves.jsonl", lambda x: [*x[:2], *x[3:]], "checkpoint", 8, 4),
        ("leaves.jsonl", lambda x: x[:6], "truncated", 6, 7),
        ("checkpoints.jsonl", lambda x: x[:2], "leaf", 7, None),
        ("payloads.jsonl", lambda x: [x[0].replace(b'\\"n\\":0', b'\\"n\\":8'), *x[1:]], "payload", 0, None),
    ],
)
def test_a_bundle_changed_anywhere_is_refused_and_the_place_named(
    *,
    database: Database,
    storage: Storage,
    signer: Signer,
    tmp_path: Path,
    name: str,
    change: object,
    kind: str,
    leaf: int | None,
    checkpoint: int | None,
) -> None:
    batches(database, storage, signer, 4, 3, 2)
    bundle = exported(database, storage, signer, tmp_path / "bundle.zip")
    folder = tmp_path / "unpacked"
    zipfile.ZipFile(bundle).extractall(folder)
    assert offline.verify_bundle(folder, keys(signer))["ok"]
    change_lines(folder, name, change)
    report = offline.verify_bundle(folder, keys(signer))
    assert not report["ok"]
    assert kind in {fault["kind"] for fault in report["faults"]}
    assert (report["first_bad_leaf"], report["first_bad_checkpoint"]) == (leaf, checkpoint)


def test_every_flipped_byte_of_a_bundle_is_noticed(
    database: Database, storage: Storage, signer: Signer, tmp_path: Path
) -> None:
    batches(database, storage, signer, 3)
    bundle = exported(database, storage, signer, tmp_path / "bundle.zip")
    folder = tmp_path / "unpacked"
    zipfile.ZipFile(bundle).extractall(folder)
    for name in ("leaves.jsonl", "checkpoints.jsonl", "payloads.jsonl"):
        whole = (folder / name).read_bytes()
        for at in range(0, len(whole), 7):
            (folder / name).write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            try:
                assert not offline.verify_bundle(folder, keys(signer))["ok"], (name, at)
            except ValueError:
                continue
        (folder / name).write_bytes(whole)


def test_what_is_no_bundle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_text("no zip")
    for path in (tmp_path / "x.zip", tmp_path / "none.zip", tmp_path):
        with pytest.raises(ValueError, match="bundle"):
            offline.verify_bundle(path)
